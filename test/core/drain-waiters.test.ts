import { describe, expect, test, vi } from 'vitest'
import { DrainWaiters } from '../../src/core/drain-waiters.ts'

describe('those who wait', () => {
  test('are all told once, and then nobody waits', async () => {
    const waiters = new DrainWaiters()
    const waiting = [waiters.wait(undefined), waiters.wait(undefined)]
    expect(waiters.size).toBe(2)
    waiters.look(true, true, 0)
    expect(waiters.size).toBe(0)
    await expect(Promise.all(waiting)).resolves.toEqual([undefined, undefined])
    waiters.reject()
  })

  test('get a coded error when the socket ends', async () => {
    const waiters = new DrainWaiters()
    const waiting = waiters.wait(undefined)
    waiters.reject()
    await expect(waiting).rejects.toMatchObject({ code: 'HF_CLOSED' })
    expect(waiters.size).toBe(0)
  })

  test('get their signal’s reason when it is aborted; the others wait on', async () => {
    const waiters = new DrainWaiters()
    const abort = new AbortController()
    const waiting = waiters.wait(abort.signal)
    const other = waiters.wait(undefined)
    const reason = new Error('enough')
    abort.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(waiters.size).toBe(1)
    waiters.look(true, true, 0)
    await expect(other).resolves.toBeUndefined()
  })

  test('are refused at once with a signal that is aborted already', async () => {
    const waiters = new DrainWaiters()
    const reason = new Error('before')
    await expect(waiters.wait(AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(waiters.size).toBe(0)
  })

  test.each([
    ['all has left', (waiters: DrainWaiters) => waiters.look(true, true, 0)],
    ['the socket ended', (waiters: DrainWaiters) => waiters.reject()],
  ])('leave nothing on their signal when %s', async (_when, end) => {
    const waiters = new DrainWaiters()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const waiting = waiters.wait(signal).catch(() => {})
    expect(added).toHaveBeenCalledTimes(1)
    end(waiters)
    await waiting
    expect(removed).toHaveBeenCalledTimes(1)
    expect(removed.mock.calls[0]?.slice(0, 2)).toEqual(added.mock.calls[0]?.slice(0, 2))
  })
})
