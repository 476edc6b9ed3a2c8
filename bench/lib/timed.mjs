/** Runs what takes `count` messages and answers what each of them took. @param {number} count @param {() => Promise<void>} run */
export async function timed(count, run) {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await run()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { rate: (count / ms) * 1000, cpuUs: (user + system) / count }
}
