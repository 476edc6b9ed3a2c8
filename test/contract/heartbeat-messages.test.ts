/** Which messages are those of a heartbeat, by the heartbeat that was chosen; all others are the user's. */
import { envelopeHeartbeat, messageHeartbeat, pingFrames } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { catchReports } from './support/catch-reports.ts'
import { uniqueCase } from './support/control.ts'
import { engine } from './support/engine.ts'
import { providedControl } from './support/provided-control.ts'
import { openRecorded, type TestSocketOptions } from './support/sockets.ts'
import { createStubbed } from './support/stubbed.ts'

const control = providedControl()

/** An open link to a peer that the test plays, with `envelopeHeartbeat` unless another is given. */
async function stubbed(options: TestSocketOptions = {}) {
  const created = await createStubbed({ heartbeat: envelopeHeartbeat(), ...options })
  created.stub.last.open()
  await created.clock.advance(0)
  return created
}

describe('which messages are of the heartbeat', () => {
  test.each([
    `{"type":"pong","text":"${'x'.repeat(250)}"}`,
    '{"type":"PINGPONG"}',
    '["ping"]',
    '"ping"',
    'ping',
    '{"kind":"pong"}',
  ])('%s is delivered', async (data) => {
    const { stub, told } = await stubbed()
    stub.last.receive(data)
    expect(told.of('message').map((event) => event.data)).toEqual([data])
  })

  test('without a heartbeat everything is delivered, and nothing is sent', async () => {
    const { clock, stub, told, socket } = await stubbed({ heartbeat: false })
    stub.last.receive('{"type":"ping"}')
    stub.last.receive('{"type":"pong"}')
    await clock.advance(3_600_000)
    expect([told.of('message').length, stub.last.sent.length]).toEqual([2, 0])
    expect(socket.getSnapshot()).toMatchObject({ status: 'open', heartbeat: 'off', rtt: undefined })
  })

  test('messageHeartbeat speaks the words of another protocol', async () => {
    const heartbeat = messageHeartbeat({
      ping: () => '2',
      readPong: (data) => data === '3',
      answer: (data) => (data === '9' ? '10' : undefined),
    })
    const { stub, told } = await stubbed({ heartbeat })
    expect(stub.last.sent).toEqual(['2'])
    for (const data of ['3', '9', 'else']) stub.last.receive(data)
    expect(told.of('heartbeat').map(({ status }) => status)).toEqual(['verified'])
    expect(told.of('message').map(({ data }) => data)).toEqual(['else'])
    expect(stub.last.sent).toEqual(['2', '10'])
  })

  test('what its functions throw is reported, and the message is delivered', async () => {
    const reports = catchReports()
    const fail = () => {
      throw new Error('cannot read')
    }
    const { stub, told } = await stubbed({
      heartbeat: messageHeartbeat({ ping: () => '2', readPong: fail, answer: fail }),
    })
    stub.last.receive('hello')
    expect(told.of('message').map(({ data }) => data)).toEqual(['hello'])
    expect(reports.length).toBeGreaterThan(0)
  })

  if (engine.sendsPingFrames)
    test('ping frames are the default over ws, and verify any server', async () => {
      const name = uniqueCase('frames')
      const { socket, told } = await openRecorded(control.urlFor('/sink', name))
      expect((await told.nth('heartbeat')).status).toBe('verified')
      expect((await control.connections(name))[0]).toMatchObject({ pingCount: 1, messageCount: 0 })
      expect(socket.getSnapshot().heartbeat).toBe('verified')
    })

  if (!engine.sendsPingFrames)
    test('ping frames over a W3C socket send nothing and give no verdict', async () => {
      const { clock, stub, told } = await stubbed({ heartbeat: pingFrames({ intervalMs: 100 }) })
      await clock.advance(60_000)
      expect([stub.last.sent.length, told.of('close').length]).toEqual([0, 0])
    })
})
