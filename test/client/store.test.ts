import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { fakeClient } from './support/fake-client.ts'

describe('the snapshot of a client', () => {
  test('is the same object until something in it changed', async () => {
    const { client, accept } = fakeClient()
    const seen = new Set([client.getSnapshot()])
    expect(client.getSnapshot()).toBe(client.getSnapshot())
    await accept()
    seen.add(client.getSnapshot())
    expect(seen.size).toBe(2)
    expect(client.getSnapshot()).toMatchObject({ status: 'open' })
    expect(client.getSnapshot()).toBe(client.getSnapshot())
  })

  test('holds the status of each wanted room', async () => {
    const fake = fakeClient()
    const { client } = fake
    const room = client.room('a')
    expect([...client.getSnapshot().rooms]).toEqual([['a', 'joining']])
    await fake.connect()
    expect([...client.getSnapshot().rooms]).toEqual([['a', 'joined']])
    const before = client.getSnapshot()
    room.leave()
    expect([...client.getSnapshot().rooms]).toEqual([])
    // What was handed out stays as it was.
    expect([...before.rooms]).toEqual([['a', 'joined']])
  })

  test('a message in or out changes nothing', async () => {
    const fake = fakeClient()
    await fake.connect()
    const changed = vi.fn()
    fake.client.subscribe(changed)
    const before = fake.client.getSnapshot()
    fake.client.send('n', 1)
    fake.link.receive({ type: 'n' })
    fake.link.receive('raw')
    expect(fake.client.getSnapshot()).toBe(before)
    expect(changed).not.toHaveBeenCalled()
  })

  test('whoever subscribes is called after each change, and until the undo', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('connect', 'cut', 'join', 'leave', 'refuse', 'wait', 'close', 'open'), {
          maxLength: 25,
        }),
        async (steps) => {
          const fake = fakeClient()
          const { client } = fake
          // A store that reads only when it is told to, as React's does.
          let known = client.getSnapshot()
          const undo = client.subscribe(() => {
            known = client.getSnapshot()
          })
          const rooms = [] as ReturnType<typeof client.room>[]
          for (const step of steps) {
            const link = fake.links.at(-1)
            if (step === 'connect' && link?.readyState === 0) await fake.connect()
            if (step === 'cut' && link && link.readyState < 2) link.cut()
            if (step === 'join') rooms.push(client.room(`room ${rooms.length % 3}`))
            if (step === 'leave') rooms.pop()?.leave()
            if (step === 'refuse' && link?.readyState === 1)
              link.receive({ type: 'error', room: 'room 0', payload: { code: 'no', message: '' } })
            if (step === 'wait') fake.clock.advance(500)
            if (step === 'close') client.close()
            if (step === 'open') client.open()
            await fake.settle()
            expect(known).toBe(client.getSnapshot())
            expect(known.status).toBe(client.status)
            expect([...known.rooms.keys()].sort()).toEqual([...new Set(rooms.map(({ name }) => name))].sort())
          }
          undo()
          const last = known
          client.room('one more')
          expect(known).toBe(last)
        },
      ),
      { numRuns: 80 },
    )
  })

  test('a subscriber that throws is reported, and stops no other', () => {
    const { client, reported } = fakeClient({ autoConnect: false })
    const other = vi.fn()
    client.subscribe(() => {
      throw new Error('no')
    })
    client.subscribe(other)
    client.room('a')
    expect(other).toHaveBeenCalled()
    expect(reported.length).toBeGreaterThan(0)
  })

  test('the same function may subscribe twice, and each undo takes back one', () => {
    const { client } = fakeClient({ autoConnect: false })
    const changed = vi.fn()
    const undo = client.subscribe(changed)
    client.subscribe(changed)
    undo()
    undo()
    client.room('a')
    expect(changed).toHaveBeenCalledTimes(1)
  })

  test('its methods work without their object, as frameworks call them', async () => {
    const fake = fakeClient({ autoConnect: false })
    const { getSnapshot, subscribe, retain } = fake.client
    const changed = vi.fn()
    const undo = subscribe(changed)
    const release = retain()
    await fake.connect()
    expect(getSnapshot().status).toBe('open')
    expect(changed).toHaveBeenCalled()
    undo()
    release()
    fake.clock.advance(0)
    expect(getSnapshot().status).toBe('closing')
  })
})

describe('the snapshot of a room', () => {
  test('is the same object until something in it changed, and follows the room', async () => {
    const fake = fakeClient()
    const { getSnapshot, subscribe } = fake.client.room('a')
    const seen = [getSnapshot()]
    subscribe(() => seen.push(getSnapshot()))
    expect(getSnapshot()).toBe(getSnapshot())
    await fake.connect()
    fake.link.cut()
    await fake.connect()
    fake.link.receive({ type: 'error', room: 'a', payload: { code: 'no', message: 'Go away' } })
    expect(seen.map(({ status }) => status)).toEqual(['joining', 'joined', 'rejoining', 'joined', 'failed'])
    expect(seen.at(-1)?.error).toMatchObject({ code: 'no', message: 'Go away' })
    expect(getSnapshot()).toBe(seen.at(-1))
  })

  test.each([1, 2])(
    'tells its subscribers that it was left, also where others hold the room: %d',
    (holders) => {
      const { client } = fakeClient({ autoConnect: false })
      const room = client.room('a')
      if (holders === 2) client.room('a')
      const seen: string[] = []
      room.subscribe(() => seen.push(room.getSnapshot().status))
      room.leave()
      expect(seen.at(-1)).toBe('left')
    },
  )
})

describe('retain', () => {
  test('connects, and the last release closes in a later macrotask', async () => {
    const fake = fakeClient({ autoConnect: false })
    const { client, clock } = fake
    expect(client.status).toBe('idle')
    const releases = [client.retain(), client.retain()]
    await fake.connect()
    releases[0]?.()
    clock.advance(10)
    expect(client.status).toBe('open')
    releases[1]?.()
    await fake.settle()
    expect(client.status).toBe('open')
    clock.advance(0)
    expect(client.status).toBe('closing')
  })

  test('a component that is unmounted and mounted again at once keeps its link', async () => {
    const fake = fakeClient({ autoConnect: false })
    const release = fake.client.retain()
    await fake.connect()
    release()
    const again = fake.client.retain()
    fake.clock.advance(1_000)
    expect([fake.client.status, fake.links.length]).toEqual(['open', 1])
    again()
    fake.clock.advance(0)
    expect(fake.client.status).toBe('closing')
  })

  test('a release counts once', async () => {
    const fake = fakeClient({ autoConnect: false })
    const release = fake.client.retain()
    fake.client.retain()
    await fake.connect()
    for (let n = 0; n < 3; n++) release()
    fake.clock.advance(1_000)
    expect(fake.client.status).toBe('open')
  })

  test('over any order of mounting and unmounting, it is connected as long as anybody holds it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 20 }), async (steps) => {
        const fake = fakeClient({ autoConnect: false })
        const held: (() => void)[] = []
        let everHeld = false
        for (const [mounts, pauses] of steps) {
          if (mounts) {
            held.push(fake.client.retain())
            everHeld = true
          } else held.shift()?.()
          if (!pauses) continue
          fake.clock.advance(0)
          await fake.settle()
          const isOn = ['connecting', 'open', 'backoff'].includes(fake.client.status)
          expect(isOn).toBe(held.length > 0)
        }
        expect(everHeld || fake.client.status === 'idle').toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('an application that closed the client itself opens it again by retaining it', async () => {
    const fake = fakeClient()
    await fake.connect()
    await fake.close()
    const release = fake.client.retain()
    await fake.connect()
    expect(fake.client.status).toBe('open')
    release()
    release()
    fake.clock.advance(0)
    expect(fake.client.status).toBe('closing')
  })
})
