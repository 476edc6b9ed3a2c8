/** What a runtime tells its host. */
export interface TestResult {
  /** The names of the suites around the test, and its own. */
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  /** One text for each error, with its stack and difference. */
  readonly errors: readonly string[]
}

/** `done` comes last for a file: without it the runtime ended too early. A `fault` is what failed, and was no test. */
export type Told =
  | { readonly file: string; readonly results: readonly TestResult[] }
  | { readonly fault: string }
  | { readonly done: string }
