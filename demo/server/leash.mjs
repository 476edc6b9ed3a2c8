/**
 * Runs a program that ends with the demo, in whatever way that one ends: `node leash.mjs <command> <argument> …`. The
 * demo holds this process's input open; when it is gone, so is the input, and then the program.
 */
import { spawn } from 'node:child_process'

/** How long the program gets to say goodbye. */
const GOODBYE_MS = 2_500

const [command = '', ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('error', ({ message }) => {
  console.error(message)
  process.exit(1)
})
child.on('exit', (code) => process.exit(code ?? 1))

// Ctrl+C goes to the program too, and it is the program that decides when to end.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => {})

process.stdin.on('close', () => {
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGKILL'), GOODBYE_MS).unref()
})
process.stdin.resume()
