/** Runs the bundled suite wherever it is, and tells the host of each result by HTTP, which every runtime can. */
import { type File, startTests, type Test, type VitestRunner, type VitestRunnerConfig } from '@vitest/runner'
import { getNames, getTests, hasFailed } from '@vitest/runner/utils'
import { provided } from './provided.ts'
import type { TestResult, Told } from './report.ts'

/** By its path: what loads a test file. */
export type TestFiles = Readonly<Record<string, () => Promise<unknown>>>

const config: VitestRunnerConfig = {
  root: '/',
  setupFiles: [],
  name: undefined,
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 5_000,
  hookTimeout: 10_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
}

// Taken early: a test may replace them.
const { fetch, setTimeout } = globalThis

/** All that was told, also where nobody waits for it. */
const telling: Promise<void>[] = []

async function post(told: Told): Promise<void> {
  const response = await fetch(String(provided['resultsUrl']), { method: 'POST', body: JSON.stringify(told) })
  await response.arrayBuffer()
}

function tell(told: Told): Promise<void> {
  const posted = post(told)
  telling.push(posted)
  return posted
}

/** The host ends the runtime when it hears of the end: an error that nobody handled has to be told before. */
async function allTold(): Promise<void> {
  // Engines report a rejection only after the turn in which it was left unhandled.
  await new Promise<void>((resolve) => setTimeout(resolve, 0))
  await Promise.all(telling)
}

function resultOf(test: Test): TestResult {
  const { state, errors = [] } = test.result ?? {}
  return {
    // The first name is that of the file.
    name: getNames(test).slice(1).join(' > '),
    state: state === 'pass' ? 'passed' : state === 'fail' ? 'failed' : 'skipped',
    errors: errors.map(({ stack, message, diff }) => [stack ?? message, diff].filter(Boolean).join('\n')),
  }
}

/** What fails in a file besides its tests: loading it, or a hook. */
function otherFaults(file: File, results: readonly TestResult[]): string[] {
  const errors = (file.result?.errors ?? []).map(({ stack, message }) => stack ?? message)
  const isExplained = errors.length > 0 || results.some(({ state }) => state === 'failed')
  return hasFailed(file) && !isExplained ? ['a hook of a suite failed'] : errors
}

function tellOfUnhandled(error: unknown): void {
  void tell({ fault: `unhandled: ${(error as Error | undefined)?.stack ?? String(error)}` })
}

/** Each engine has one of the two ways to hear of them. */
function tellOfUnhandledErrors(): void {
  if ('Bun' in globalThis) {
    process.on('unhandledRejection', tellOfUnhandled)
    process.on('uncaughtException', tellOfUnhandled)
    return
  }
  const onError = (event: Event) => {
    event.preventDefault()
    const { reason, error = reason } = event as Event & { reason?: unknown; error?: unknown }
    tellOfUnhandled(error)
  }
  for (const type of ['unhandledrejection', 'error']) globalThis.addEventListener?.(type, onError)
}

/** Never rejects: what goes wrong is told. */
export async function runFile(files: TestFiles, path: string): Promise<void> {
  tellOfUnhandledErrors()
  const runner: VitestRunner = { config, importFile: () => files[path]?.() }
  try {
    for (const file of await startTests([path], runner)) {
      const results = getTests(file).map(resultOf)
      await tell({ file: path, results })
      for (const fault of otherFaults(file, results)) await tell({ fault: `${path}: ${fault}` })
    }
  } catch (error) {
    await tell({ fault: `${path}: ${(error as Error).stack ?? error}` })
  }
  await allTold()
  await tell({ done: path })
}
