/** Listeners are told when all is in its place again, so that whatever they do is safe. */
import { tokenBucket } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { type FakeClient, fakeClient } from './support/fake-client.ts'

const isHoldfast = (code: string) => expect.objectContaining({ code })

/** What was written on a link, a word or two for each envelope. */
function words({ links }: FakeClient, at = links.length - 1): string[] {
  return (links[at]?.envelopes ?? []).map(({ type, room, payload }) => {
    const inner = type === 'broadcast' ? `${payload.type} ${payload.payload}` : `${type} ${payload ?? ''}`
    return `${inner.trim()}${room === undefined ? '' : ` in ${room}`}`
  })
}

/** A client on a link whose native buffer is full, in room `a`. */
async function full(options?: Parameters<typeof fakeClient>[0]) {
  const fake = fakeClient({ highWaterMarkBytes: 100, ...options })
  const room = fake.client.room('a')
  const link = await fake.connect()
  link.bufferedAmount = 100
  return { fake, client: fake.client, room, link }
}

describe('a room’s status listener', () => {
  test.each([false, true])('that sends on `joined` comes after what waited (batch: %s)', async (batch) => {
    const fake = fakeClient({ batch })
    const room = fake.client.room('a')
    room.send('chat', 1)
    room.events.on('status', ({ status }) => {
      if (status === 'joined') room.send('chat', 2)
    })
    const link = await fake.connect()
    fake.clock.advance(20)
    const written = link.envelopes.flat() as typeof link.envelopes
    const said = written.filter(({ type }) => type === 'broadcast').map(({ payload }) => payload.payload)
    expect(written[0]?.type).toBe('join')
    expect(said).toEqual([1, 2])
  })

  test('that sends on `rejoining` comes after what waited on the lost link', async () => {
    const { fake, room, link } = await full()
    room.send('chat', 1)
    room.send('chat', 2)
    room.events.on('status', ({ status }) => {
      if (status === 'rejoining') room.send('chat', 3)
    })
    link.cut()
    await fake.connect()
    expect(words(fake)).toEqual(['join in a', 'chat 1 in a', 'chat 2 in a', 'chat 3 in a'])
  })

  test('that aborts on `rejoining` takes out its message, and that alone', async () => {
    const { fake, client, room, link } = await full()
    const [first, second] = [room.send('chat', 1), room.send('chat', 2)]
    client.events.on('room', ({ status }) => {
      if (status === 'rejoining') first.abort()
    })
    link.cut()
    expect([first.reason, second.status, room.counts.waiting]).toEqual(['aborted', 'queued', 1])
    expect(fake.client.socket.queued.count).toBe(1)
    await fake.connect()
    expect(words(fake)).toEqual(['join in a', 'chat 2 in a'])
    expect(fake.client.socket.queued).toEqual({ count: 0, bytes: 0 })
  })

  test('may reconnect on `joined`: no message goes ahead of its join, none is lost or doubled', async () => {
    const fake = fakeClient({ rooms: { joinRate: tokenBucket({ perSecond: 10, burst: 1 }) } })
    const { client } = fake
    const room = client.room('a')
    const receipts = [room.send('chat', 1), room.send('chat', 2)]
    let once = true
    room.events.on('status', ({ status }) => {
      if (status === 'joined' && once) {
        once = false
        client.socket.reconnect()
      }
    })
    await fake.connect()
    await fake.connect()
    // The second join comes late: the rate has to allow it.
    fake.clock.advance(200)
    room.send('chat', 3)
    fake.clock.advance(20)
    const links = fake.links.map((_link, at) => words(fake, at))
    for (const written of links) expect(written[0] ?? 'join in a').toBe('join in a')
    const said = links.flat().filter((word) => word.startsWith('chat'))
    expect(said).toEqual(['chat 1 in a', 'chat 2 in a', 'chat 3 in a'])
    expect(receipts.every(({ status }) => status === 'written' || status === 'in-doubt')).toBe(true)
    expect([links.length, room.status]).toEqual([2, 'joined'])
  })

  test('may close on `joined`: what waited is written first', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    const receipt = room.send('chat', 1)
    room.events.on('status', ({ status }) => {
      if (status === 'joined') fake.client.close()
    })
    const link = await fake.connect()
    fake.clock.advance(20)
    expect(words(fake)).toEqual(['join in a', 'chat 1 in a'])
    expect([receipt.status, link.closedWith !== undefined]).toEqual(['written', true])
    link.answerClose()
    fake.clock.advance(20)
    expect([fake.client.status, fake.reported]).toEqual(['closed', []])
  })

  test('may close on `rejoining`: the client ends, and what waited with it', async () => {
    const { fake, client, room, link } = await full()
    const receipt = room.send('chat', 1)
    room.events.on('status', ({ status }) => {
      if (status === 'rejoining') client.close()
    })
    link.cut()
    fake.clock.advance(60_000)
    expect([client.status, receipt.status, fake.links.length]).toEqual(['closed', 'dropped', 1])
    expect(client.socket.queued).toEqual({ count: 0, bytes: 0 })
    expect([fake.reported, fake.clock.pending]).toEqual([[], 0])
  })

  test('may leave another room on `rejoining`, which hears `left` once and is not joined again', async () => {
    const fake = fakeClient()
    const [first, second] = [fake.client.room('a'), fake.client.room('b')]
    await fake.connect()
    const heard: string[] = []
    second.events.on('status', ({ status }) => heard.push(status))
    first.events.on('status', ({ status }) => {
      if (status === 'rejoining') second.leave()
    })
    fake.link.cut()
    await fake.connect()
    expect(heard).toEqual(['left'])
    expect(fake.events('room').filter(({ status }) => status === 'left')).toHaveLength(1)
    expect(words(fake)).toEqual(['join in a'])
    expect(fake.events('gap')).toMatchObject([{ rooms: ['a'] }])
  })

  test('that sends on `failed` to a room that is tried again waits for it', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    const link = await fake.connect()
    let status: string | undefined
    room.events.on('status', (now) => {
      if (now.status === 'failed') status = room.send('chat', 1).status
    })
    link.receive({
      type: 'error',
      room: 'a',
      payload: { code: 'busy', message: '', retryable: true, retryAfterMs: 500 },
    })
    expect([status, fake.reported]).toEqual(['queued', []])
    fake.clock.advance(600)
    expect(words(fake)).toEqual(['join in a', 'join in a', 'chat 1 in a'])
  })

  test('that retries on a final `failed` wins: the room is joined again, and what it sends goes', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    const link = await fake.connect()
    let once = true
    room.events.on('status', ({ status }) => {
      if (status !== 'failed' || !once) return
      once = false
      room.retry()
      room.send('chat', 1)
    })
    link.receive({ type: 'error', room: 'a', payload: { code: 'forbidden', message: '' } })
    fake.clock.advance(20)
    expect(words(fake)).toEqual(['join in a', 'join in a', 'chat 1 in a'])
    expect([room.status, fake.reported]).toEqual(['joined', []])
  })

  test('that leaves on `failed` wins: the room is not tried again, and no timer stays', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    const link = await fake.connect()
    const before = fake.clock.pending
    room.events.on('status', ({ status }) => {
      if (status === 'failed') room.leave()
    })
    link.receive({
      type: 'error',
      room: 'a',
      payload: { code: 'busy', message: '', retryable: true, retryAfterMs: 500 },
    })
    expect([room.status, fake.clock.pending <= before]).toEqual(['left', true])
    fake.clock.advance(5_000)
    expect(words(fake)).toEqual(['join in a'])
  })
})

describe('a `drop` listener', () => {
  test('that sends while a lost link is cleared up comes after what waits', async () => {
    const { fake, client, room, link } = await full()
    const receipt = room.send('chat', 1)
    client.send('note', 1)
    client.send('note', 2)
    room.leave()
    client.events.on('drop', ({ reason }) => {
      if (reason === 'left') client.send('note', 3)
    })
    link.cut()
    await fake.connect()
    expect(receipt.reason).toBe('left')
    expect(words(fake)).toEqual(['note 1', 'note 2', 'note 3'])
  })

  test('that aborts another message of the room leaves no count below zero, and each drop is told once', async () => {
    const { fake, client, room, link } = await full()
    const receipts = [room.send('chat', 1), room.send('chat', 2)]
    room.leave()
    client.events.on('drop', ({ reason }) => {
      if (reason === 'left') receipts[1]?.abort()
    })
    link.cut()
    expect(receipts.map(({ status }) => status)).toEqual(['dropped', 'dropped'])
    expect(fake.events('drop')).toHaveLength(2)
    expect(client.socket.queued).toEqual({ count: 0, bytes: 0 })
    expect(client.socket.bufferedAmount).toBe(0)
    const later = client.send('note', 1)
    await fake.connect()
    expect([later.status, client.socket.queued.count]).toEqual(['written', 0])
  })

  test('that closes while a lost link is cleared up ends everything, once', async () => {
    const { fake, client, room, link } = await full()
    const receipts = [room.send('chat', 1), client.send('note', 1), client.send('note', 2)]
    room.leave()
    client.events.on('drop', ({ reason }) => {
      if (reason === 'left') client.close()
    })
    link.cut()
    fake.clock.advance(60_000)
    expect(client.status).toBe('closed')
    expect(receipts.map(({ status }) => status)).toEqual(['dropped', 'dropped', 'dropped'])
    expect(fake.events('drop')).toHaveLength(3)
    expect(client.socket.queued).toEqual({ count: 0, bytes: 0 })
    client.open()
    expect((await fake.connect()).sent).toEqual([])
  })

  test('that opens the client again while it is cleared keeps what it sends, and only that', async () => {
    const fake = fakeClient()
    const { client } = fake
    const receipts = [client.send('first', 1), client.send('second', 1)]
    let late: string | undefined
    client.events.on('drop', ({ type }) => {
      if (type !== 'first') return
      client.open()
      late = client.send('late', 1).status
    })
    client.close()
    fake.clock.advance(0)
    expect(receipts.map(({ status }) => status)).toEqual(['dropped', 'dropped'])
    expect([late, client.socket.queued.count]).toEqual(['queued', 1])
    await fake.connect()
    expect(words(fake)).toEqual(['late 1'])
  })

  test('that leaves the room as a newer one takes the place of an older drops the newer one, too', async () => {
    const fake = fakeClient()
    const { client } = fake
    const room = client.room('a')
    const old = room.send('chat', 'small', { conflate: true })
    client.events.on('drop', ({ reason }) => {
      if (reason === 'conflated') room.leave()
    })
    const fresh = room.send('chat', 'x'.repeat(100_000), { conflate: true })
    expect([old.reason, fresh.reason]).toEqual(['conflated', 'left'])
    expect(client.socket.queued).toEqual({ count: 0, bytes: 0 })
    expect((await fake.connect()).sent).toEqual([])
  })

  test('that sends again after a close is told so, and calls nobody over and over', async () => {
    const fake = fakeClient()
    const { client } = fake
    await fake.connect()
    fake.link.cut()
    client.send('chat', 1)
    client.send('chat', 2)
    const refusals: unknown[] = []
    client.events.on('drop', ({ type }) => {
      try {
        client.send(type as string, 'again')
      } catch (error) {
        refusals.push(error)
      }
    })
    client.close()
    fake.clock.advance(0)
    expect(refusals).toEqual([isHoldfast('HF_CLOSED'), isHoldfast('HF_CLOSED')])
    expect(fake.events('drop')).toHaveLength(2)
    expect([client.status, fake.reported]).toEqual(['closed', []])
  })
})

describe('a hold that was left', () => {
  test('hears `left` once and then nothing, whatever happens to the room it shared', async () => {
    const fake = fakeClient()
    const [first, second] = [fake.client.room('a'), fake.client.room('a')]
    await fake.connect()
    const heard: string[] = []
    first.events.on('status', ({ status }) => heard.push(`first ${status}`))
    second.events.on('status', ({ status }) => heard.push(`second ${status}`))
    first.leave()
    fake.link.cut()
    expect(heard).toEqual(['first left', 'second rejoining'])
    await fake.connect()
    second.leave()
    expect(heard.slice(2)).toEqual(['second joined', 'second left'])
  })

  test('hears nothing through a listener that comes too late', async () => {
    const fake = fakeClient()
    const [first, second] = [fake.client.room('a'), fake.client.room('a')]
    await fake.connect()
    first.leave()
    const heard: string[] = []
    try {
      first.events.on('status', ({ status }) => heard.push(status))
    } catch (error) {
      expect(error).toEqual(isHoldfast('HF_ROOM'))
    }
    fake.link.cut()
    second.leave()
    expect(heard).toEqual([])
  })

  test('that was the last one tells `left` once to its own listeners and to the client’s', async () => {
    const fake = fakeClient()
    const room = fake.client.room('a')
    await fake.connect()
    const heard: string[] = []
    room.events.on('status', ({ status }) => heard.push(status))
    room.leave()
    room.leave()
    expect(heard).toEqual(['left'])
    expect(fake.events('room').filter(({ status }) => status === 'left')).toHaveLength(1)
  })
})
