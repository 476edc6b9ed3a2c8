/** Prints what MiniBrowser says of its version. Even for that it wants a display, which it gets and takes along. */
import { once } from 'node:events'
import { startChild } from './child.mjs'
import { findMiniBrowser, findXvfb } from './webkitgtk.mjs'
import { startXvfb } from './xvfb.mjs'

const [browser, xvfb] = [findMiniBrowser(), findXvfb()]
if (!browser || !xvfb) throw new Error('WebKitGTK is not installed')
const screen = await startXvfb(xvfb)
const asked = startChild(browser, ['--version'], {
  stdio: ['ignore', 'pipe', 'ignore'],
  env: { ...process.env, DISPLAY: screen.display },
})
asked.process.stdout?.pipe(process.stdout)
if (asked.process.stdout) await once(asked.process.stdout, 'end')
await asked.stop()
await screen.stop()
