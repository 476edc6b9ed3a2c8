import { expect, test } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { providedControl } from './support/provided-control.ts'
import { openRecorded, until } from './support/sockets.ts'
const control = providedControl()
test('race', { timeout: 120_000 }, async () => {
  const bad: unknown[] = []
  for (let round = 0; round < 300; round++) {
    const name = uniqueCase('race')
    const { socket, told } = await openRecorded(control.urlFor('/sink', name), { keepInDoubt: 10 })
    await new Promise((r) => setTimeout(r, 5))
    const closed = control.serverClose(name, 1012)
    const stop = performance.now() + 1 + (round % 60) / 12
    while (performance.now() < stop);
    const before = told.of('close').length
    socket.send('x')
    socket.close()
    await closed
    await until(() => socket.status === 'closed')
    await until(async () => (await control.connections(name)).every((c) => c.state === 'closed'))
    const received = (await control.received(name)).map(({ data }) => data)
    const told2 = [...told.of('drop').map(({ data }) => data), ...told.of('indoubt').flatMap(({ messages }) => messages)]
    if (!received.includes('x') && !told2.includes('x')) bad.push([round, before, told.of('close').map((c) => [c.code, c.wasClean])])
  }
  console.log('BAD', bad.length, JSON.stringify(bad.slice(0, 10)))
  expect(bad.length).toBe(0)
})
