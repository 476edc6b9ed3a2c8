/** What a user may rely on when a link is lost: what may be lost is told, and what has arrived is not. */
import { constantBackoff, envelopeHeartbeat } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { engine } from './support/engine.ts'
import { providedControl } from './support/provided-control.ts'
import { openRecorded, type TestSocketOptions, until } from './support/sockets.ts'
import { createStubbed } from './support/stubbed.ts'

const control = providedControl()
const never = constantBackoff(3_600_000)

/** An open link to a peer that the test plays. */
async function stubbed(options: TestSocketOptions = {}) {
  const created = await createStubbed({
    heartbeat: envelopeHeartbeat({ intervalMs: 10_000, timeoutMs: 4_000 }),
    keepInDoubt: 10,
    ...options,
  })
  const { clock, stub, told } = created
  stub.last.open()
  await clock.advance(0)
  const doubts = () => told.of('indoubt').map(({ count, messages }) => [count, messages])
  /** Answers the ping that was sent last. */
  const pong = () => {
    const ping = stub.last.sent.filter((data) => String(data).includes('"ping"')).at(-1)
    stub.last.receive(String(ping).replace('ping', 'pong'))
  }
  return { doubts, pong, ...created }
}

describe('what is in doubt', () => {
  test('what was written after the last ping that was answered', async () => {
    const { clock, stub, socket, pong, doubts } = await stubbed()
    pong()
    socket.send('proven')
    await clock.advance(10_000)
    pong()
    socket.send('not proven')
    stub.last.end(1006)
    expect(doubts()).toEqual([[1, ['not proven']]])
  })

  test('what was written between a ping and its answer, for the answer says nothing of it', async () => {
    const { clock, stub, socket, pong, doubts } = await stubbed()
    pong()
    socket.send('before the ping')
    await clock.advance(10_000)
    socket.send('after the ping')
    pong()
    stub.last.end(1006)
    expect(doubts()).toEqual([[1, ['after the ping']]])
  })

  test('everything, without a heartbeat, whatever the peer says', async () => {
    const { stub, socket, doubts } = await stubbed({ heartbeat: false })
    for (const data of ['1', '2', '3']) {
      socket.send(data)
      stub.last.receive(data)
    }
    stub.last.end(1006)
    expect(doubts()).toEqual([[3, ['1', '2', '3']]])
  })

  test('also after a clean close that the peer began', async () => {
    const name = uniqueCase('peer-began')
    const url = control.urlFor('/sink', name)
    const { socket, told } = await openRecorded(url, { heartbeat: false, keepInDoubt: 1, backoff: never })
    socket.send('perhaps')
    await until(async () => (await control.received(name)).length === 1)
    await control.serverClose(name, 1000)
    expect((await told.nth('indoubt')).messages).toEqual(['perhaps'])
  })

  test('nothing after a closing handshake that we began and the peer completed', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/sink', uniqueCase('we-began')), {
      heartbeat: false,
    })
    socket.send('certain')
    socket.close()
    await until(() => socket.status === 'closed')
    expect(told.of('indoubt')).toHaveLength(engine.tellsEmptyClose ? 0 : 1)
  })

  test('but what a peer may not have read before our close timed out is', async () => {
    const { socket, told } = await openRecorded(control.urlFor('/mute', uniqueCase('never-answered')), {
      heartbeat: false,
      closeTimeoutMs: 50,
    })
    socket.send('perhaps')
    socket.close()
    expect(await told.nth('indoubt')).toMatchObject({ count: 1, bytes: 7 })
  })

  test.each(['reconnect', 'suspend'] as const)('what a %s() leaves behind', async (method) => {
    const { socket, doubts } = await stubbed()
    socket.send('behind')
    socket[method]()
    expect(doubts()).toEqual([[1, ['behind']]])
  })

  test('what beforeFlush sent, and not the pings of the heartbeat', async () => {
    const { clock, stub, doubts } = await stubbed({ beforeFlush: (send) => send('auth') })
    await clock.advance(1_000)
    expect(stub.last.sent).toHaveLength(2)
    stub.last.end(1006)
    expect(doubts()).toEqual([[1, ['auth']]])
  })
})

describe('how it is told', () => {
  test('after close and before status; not at all when there is nothing', async () => {
    const { clock, stub, socket, told } = await stubbed()
    socket.send('x')
    stub.last.end(1006)
    expect(told.order('close', 'indoubt', 'status').slice(-3)).toEqual(['close', 'indoubt', 'status'])
    await clock.advance(20)
    stub.last.open()
    await clock.advance(0)
    stub.last.end(1006)
    expect(told.of('close')).toHaveLength(2)
    expect(told.of('indoubt')).toHaveLength(1)
  })

  test('count and bytes are of all, the messages are the last keepInDoubt, oldest first', async () => {
    const { stub, socket, told } = await stubbed({ keepInDoubt: 2 })
    for (const data of ['1', '22', '333', '4444']) socket.send(data)
    stub.last.end(1006)
    expect(told.of('indoubt')).toMatchObject([{ count: 4, bytes: 10, messages: ['333', '4444'] }])
  })

  test('by default no message is kept', async () => {
    const { stub, socket, told } = await stubbed({ keepInDoubt: 0 })
    socket.send('x')
    stub.last.end(1006)
    expect(told.of('indoubt')).toMatchObject([{ count: 1, bytes: 1, messages: [] }])
  })

  test('bytes are as they were written, whatever became of the buffer', async () => {
    const { stub, socket, told } = await stubbed()
    const bytes = Uint8Array.of(1, 2, 3)
    socket.send(bytes)
    bytes.fill(9)
    stub.last.end(1006)
    const [message] = told.of('indoubt')[0]?.messages ?? []
    const kept = ArrayBuffer.isView(message)
      ? new Uint8Array(message.buffer)
      : new Uint8Array(message as ArrayBuffer)
    expect([...kept]).toEqual([1, 2, 3])
  })

  test('what waited and was never written is not in doubt, and goes out on the next link', async () => {
    const name = uniqueCase('waited')
    const { socket, told } = await openRecorded(control.urlFor('/sink', name), { keepInDoubt: 10 })
    await control.serverTerminate(name)
    await told.nth('close')
    socket.send('waits')
    await until(async () => (await control.received(name)).length === 1)
    expect(told.of('indoubt')).toHaveLength(0)
  })
})
