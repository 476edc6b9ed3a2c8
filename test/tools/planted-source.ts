import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../../tools/root.mjs'

const inRoot = (path: string) => fileURLToPath(new URL(path, root))

/** The output of a Node script, whether it succeeds or not. */
function run(args: readonly string[], cwd: string): string {
  try {
    return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe', timeout: 60_000 })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return stdout + stderr
  }
}

/** A source folder with given files, to see what the linters say about it. */
export interface PlantedSource extends Disposable {
  /** `file:line message` of the faults that tools/check-layers.mjs reports. */
  layerFaults(): string[]
  /** `file rule` of the faults that biome reports. */
  biomeFaults(): string[]
}

export function plantSource(files: Readonly<Record<string, string>>): PlantedSource {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-lint-'))
  cpSync(inRoot('biome.json'), join(folder, 'biome.json'))
  cpSync(inRoot('package.json'), join(folder, 'package.json'))
  for (const [name, code] of Object.entries(files)) {
    const file = join(folder, 'src', name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, code)
  }
  return {
    layerFaults() {
      const output = run([inRoot('tools/check-layers.mjs'), 'src'], folder)
      return [...output.matchAll(/^src\/(\S+?):(\d+):\d+ (.*)$/gm)].map(
        ([, file, line, fault]) => `${file}:${line} ${fault}`,
      )
    },
    biomeFaults() {
      const output = run(
        [
          inRoot('node_modules/@biomejs/biome/bin/biome'),
          'lint',
          '--reporter=github',
          '--max-diagnostics=none',
          '.',
        ],
        folder,
      )
      return [...output.matchAll(/^::error title=([^,]+),file=(?:[^,]*\/)?src\/([^,]+),/gm)].map(
        ([, rule = '', file]) => `${file} ${rule.split('/').at(-1)}`,
      )
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
