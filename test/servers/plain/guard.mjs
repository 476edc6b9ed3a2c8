/**
 * Outlives the process that started it just long enough to end that one's children. On its input come lines: `+<pid>`
 * for a process that began, `-<pid>` for one that ended. When the input ends, its owner is gone, in whatever way: what
 * is left is killed.
 */
import { createInterface } from 'node:readline'

// Ctrl+C goes to the whole group, and must not end this one first.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => undefined)

/** @type {Set<number>} */
const running = new Set()

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) running.add(pid)
  else running.delete(pid)
}

for (const pid of running) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended in the meantime.
  }
}
