import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { scenes } from '../../bench/scenes/index.mjs'

// It starts some thirty processes, most of them one after the other.
vi.setConfig({ testTimeout: 60_000 })

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Those without a heartbeat never find a dead link; JSON has no other word for it. */
const never = ['reconnecting-websocket', 'partysocket']

/** By scene, figure and contender. */
type Measured = Record<string, Record<string, Record<string, (number | null)[]>>>

test('every bench still runs, and gives figures for all contenders', async () => {
  const args = ['bench/run.mjs', '--tiny', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
  const measured = JSON.parse(stdout) as Measured
  expect(Object.keys(measured)).toEqual(Object.keys(scenes))
  for (const [scene, figures] of Object.entries(measured)) {
    expect(Object.keys(figures).length, scene).toBeGreaterThan(0)
    for (const [figure, contenders] of Object.entries(figures)) {
      expect(Object.keys(contenders).join(), figure).toContain('Holdfast')
      for (const [name, samples] of Object.entries(contenders)) {
        const isNever = scene === 'dead-link' && never.includes(name)
        expect(samples, `${figure} of ${name}`).toEqual([isNever ? null : expect.any(Number)])
      }
    }
  }
})
