import type { AttemptContext, LossCause } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { uniqueCase } from './support/control.ts'
import { providedControl } from './support/provided-control.ts'
import { createRecorded, createSocket, macrotask, openRecorded, until } from './support/sockets.ts'
import { createStub } from './support/stub-web-socket.ts'

const control = providedControl()

/** Errors that the provider throws itself; `retryable: false` says that asking again is of no use. */
class ProviderError extends Error {
  readonly retryable: boolean
  constructor(message: string, retryable: boolean) {
    super(message)
    this.retryable = retryable
  }
}

describe('the URL provider', () => {
  test.each([
    ['a string', (url: string) => () => url],
    ['a URL', (url: string) => () => new URL(url)],
    ['a promise', (url: string) => async () => url],
    ['a promise of a URL', (url: string) => async () => new URL(url)],
    ['an http address', (url: string) => () => url.replace('ws:', 'http:')],
    ['a slow promise', (url: string) => () => new Promise<string>((resolve) => setTimeout(resolve, 50, url))],
  ])('may give %s', async (_what, provider) => {
    const url = control.urlFor('/echo', uniqueCase('provider'))
    const { socket, told } = createRecorded(provider(url))
    expect(socket.url).toBe('')
    socket.send('hello')
    expect((await told.nth('message')).data).toBe('hello')
    expect(socket.url).toBe(url)
  })

  test('is not asked in the turn of the constructor, and not at all after close() in that turn', async () => {
    let asked = 0
    const socket = createSocket(() => {
      asked++
      return 'ws://127.0.0.1:9/'
    })
    expect(asked).toBe(0)
    socket.close()
    await macrotask()
    expect(asked).toBe(0)
  })

  test('is asked at each attempt, with the attempt and what ended the last one', async () => {
    const name = uniqueCase('context')
    const seen: AttemptContext[] = []
    const { told } = createRecorded((context) => {
      seen.push(context)
      return control.urlFor('/echo', name, { rejectFirst: 1, status: 503 })
    })
    await told.nth('open')
    await control.serverClose(name, 1001, 'restart')
    await told.nth('open', 2)
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(seen.map(({ lastClose }) => lastClose?.code)).toEqual([undefined, 1006, 1001])
    expect(seen[2]?.lastClose).toMatchObject({ kind: 'close', reason: 'restart', wasClean: true })
    expect(seen.map(({ refresh }) => refresh)).toEqual([false, false, false])
  })

  test('gives the next server of a list: fail-over', async () => {
    const name = uniqueCase('fail-over')
    const dead = await control.openProxy()
    await dead.fault({ kind: 'refuse' })
    const servers = [dead.url, `${dead.url}/other`, control.urlFor('/echo', name)]
    let next = 0
    const { socket, told } = createRecorded(() => servers[next++ % servers.length] ?? '')
    socket.send('kept over the dead ones')
    expect((await told.nth('message')).data).toBe('kept over the dead ones')
    expect(socket.url).toBe(servers[2])
    await dead.close()
  })

  test.each([
    ['throws', () => Promise.resolve().then(() => Promise.reject(new Error('no token')))],
    [
      'throws at once',
      () => {
        throw new Error('no token')
      },
    ],
    ['gives no URL', () => 'http://' as string],
    ['gives nothing', () => undefined as unknown as string],
    ['gives a fragment', () => 'ws://127.0.0.1/#x'],
  ])(
    'when it %s the attempt has failed, with its cause, and the next one asks again',
    async (_what, provider) => {
      const name = uniqueCase('provider-fails')
      let asked = 0
      const { told } = createRecorded(() => (++asked <= 2 ? provider() : control.urlFor('/echo', name)))
      await told.nth('open')
      expect(asked).toBe(3)
      expect(told.order('error', 'close', 'open')).toEqual(['error', 'close', 'error', 'close', 'open'])
      for (const { code, wasClean, cause } of told.of('close')) {
        expect([code, wasClean, cause.kind, cause.error instanceof Error]).toEqual([1006, false, 'url', true])
      }
    },
  )

  test('when it never answers, the connect timeout ends the attempt and its signal', async () => {
    const name = uniqueCase('never-settles')
    const signals: AbortSignal[] = []
    const { told } = createRecorded(
      ({ signal }) => {
        signals.push(signal)
        return signals.length < 3 ? new Promise<string>(() => undefined) : control.urlFor('/echo', name)
      },
      // It doubles, so the third attempt has time enough on a busy machine.
      { connectTimeoutMs: 250 },
    )
    await told.nth('open')
    expect(told.of('close').map(({ cause }) => cause.kind)).toEqual(['timeout', 'timeout'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false])
  })

  test('when it answers after its attempt was given up, that answer is not used', async () => {
    const name = uniqueCase('too-late')
    const answers: ((url: string) => void)[] = []
    const { socket, told } = createRecorded(
      () => new Promise<string>((resolve) => void answers.push(resolve)),
    )
    await until(() => answers.length === 1)
    await macrotask()
    socket.reconnect()
    await until(() => answers.length === 2)
    answers[0]?.(control.urlFor('/echo', name, { which: 'late' }))
    await macrotask()
    answers[1]?.(control.urlFor('/echo', name, { which: 'right' }))
    await told.nth('open')
    expect((await control.connections(name)).map(({ query }) => query['which'])).toEqual(['right'])
  })

  test('when it rejects after its attempt was given up, nobody hears of it', async () => {
    const failures: ((error: Error) => void)[] = []
    const { socket, told } = createRecorded(
      () => new Promise<string>((_resolve, reject) => void failures.push(reject)),
    )
    await until(() => failures.length === 1)
    socket.close()
    await told.nth('close')
    // An unhandled rejection would fail the whole run.
    failures[0]?.(new Error('too late'))
    await macrotask()
    expect(told.order('error', 'close')).toEqual(['close'])
  })

  test('the signal is aborted when the attempt, or the link it led to, is over', async () => {
    const name = uniqueCase('signal')
    const signals: AbortSignal[] = []
    const { socket, told } = await openRecorded(({ signal }) => {
      signals.push(signal)
      return control.urlFor('/echo', name)
    })
    expect(signals[0]?.aborted).toBe(false)
    await control.serverTerminate(name)
    await told.nth('open', 2)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    socket.close()
    await told.nth('close', 2)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })

  test.each([1008, 4401])('is asked for new credentials after a close with %d', async (code) => {
    const name = uniqueCase('refresh')
    const refreshes: boolean[] = []
    const { told } = await openRecorded(({ refresh, lastClose }) => {
      refreshes.push(refresh)
      return control.urlFor('/echo', name, { token: lastClose?.code === code ? 'new' : 'old' })
    })
    await control.serverClose(name, code, 'token expired')
    await told.nth('open', 2)
    expect(refreshes).toEqual([false, true])
    expect((await control.connections(name)).map(({ query }) => query['token'])).toEqual(['old', 'new'])
    await control.serverClose(name, 1012)
    await told.nth('open', 3)
    expect(refreshes).toEqual([false, true, false])
  })

  test('without a provider, new credentials cannot be had: 4401 ends in failed', async () => {
    const { told } = createRecorded(control.urlFor('/close', uniqueCase('no-provider'), { code: 4401 }))
    expect((await told.nth('failed')).error.code).toBe('HF_STOPPED')
    expect(told.of('close')).toHaveLength(1)
  })

  test('credentials that are refused again and again are believed to be refused', async () => {
    const { told } = createRecorded(() => control.urlFor('/close', uniqueCase('refused'), { code: 4401 }))
    expect((await told.nth('failed')).cause.code).toBe(4401)
    expect(told.of('close')).toHaveLength(4)
  })

  test('after N attempts that never opened it is asked for new credentials, in every runtime', async () => {
    const name = uniqueCase('never-opened')
    const refreshes: boolean[] = []
    const { told } = createRecorded(
      ({ refresh }) => {
        refreshes.push(refresh)
        return control.urlFor('/echo', name, { rejectFirst: 3, status: 503 })
      },
      { retry: { unavailableAfter: 2, slowMs: 0 } },
    )
    await told.nth('open')
    expect(refreshes).toEqual([false, false, true, true])
  })

  test('an error with retryable: false ends in failed; with true it does not', async () => {
    const error = new ProviderError('logged out', false)
    let asked = 0
    const { socket, told } = createRecorded(() => {
      throw ++asked === 1 ? new ProviderError('busy', true) : error
    })
    const failed = await told.nth('failed')
    expect(asked).toBe(2)
    expect(failed.cause).toMatchObject({ kind: 'url', error })
    expect(failed.error).toMatchObject({ code: 'HF_STOPPED' })
    expect(socket.status).toBe('failed')
  })

  test('it may close the socket', async () => {
    const stub = createStub()
    const { socket, told } = createRecorded(
      () => {
        socket.close()
        return 'ws://stub.invalid/'
      },
      { WebSocket: stub.WebSocket },
    )
    await told.nth('close')
    await macrotask()
    expect([socket.status, stub.made.length]).toEqual(['closed', 0])
  })
})

describe('the protocol provider', () => {
  test('is asked at each attempt, after the URL', async () => {
    const name = uniqueCase('protocols')
    const order: string[] = []
    const { socket, told } = await openRecorded(
      () => {
        order.push('url')
        return control.urlFor('/echo', name)
      },
      {
        protocols: async ({ attempt }) => {
          order.push('protocols')
          return ['chat', `token.${attempt}`]
        },
      },
    )
    expect(socket.protocol).toBe('chat')
    await control.serverTerminate(name)
    await told.nth('open', 2)
    expect(order).toEqual(['url', 'protocols', 'url', 'protocols'])
    expect((await control.connections(name)).map(({ offeredProtocols }) => offeredProtocols)).toEqual([
      ['chat', 'token.1'],
      ['chat', 'token.2'],
    ])
  })

  test.each([
    [
      'throws',
      (): string => {
        throw new Error('none')
      },
    ],
    ['rejects', () => Promise.reject<string>(new Error('none'))],
    ['gives an invalid one', () => 'not valid'],
    ['gives one twice', () => ['a', 'A']],
  ])('when it %s the attempt has failed', async (_what, provider) => {
    const url = control.urlFor('/echo', uniqueCase('protocols-fail'))
    let asked = 0
    const { told } = createRecorded(url, { protocols: () => (++asked === 1 ? provider() : 'fine') })
    await told.nth('open')
    const causes: readonly LossCause[] = told.of('close').map(({ cause }) => cause)
    expect(causes.map(({ kind }) => kind)).toEqual(['url'])
  })
})

describe('the WebSocket provider', () => {
  test('is asked at each attempt', async () => {
    const stubs = [createStub(), createStub()] as const
    let asked = 0
    const { told } = createRecorded('ws://stub.invalid/', {
      getWebSocket: async () => (asked++ === 0 ? stubs[0] : stubs[1]).WebSocket,
    })
    ;(await until(() => stubs[0].made[0])).end(1006)
    ;(await until(() => stubs[1].made[0])).open()
    await told.nth('open')
  })

  test('when it fails the attempt has failed, and is tried again', async () => {
    const stub = createStub()
    let asked = 0
    const { told } = createRecorded('ws://stub.invalid/', {
      getWebSocket: () => {
        if (asked++ === 0) throw new Error('not loaded')
        return stub.WebSocket
      },
    })
    ;(await until(() => stub.made[0])).open()
    await told.nth('open')
    expect(told.of('close')[0]?.cause).toMatchObject({ kind: 'setup', error: new Error('not loaded') })
  })

  test('webSocketOptions are the third argument of the constructor', async () => {
    const stub = createStub()
    const webSocketOptions = { headers: { a: 'b' } }
    createSocket('ws://stub.invalid/', { WebSocket: stub.WebSocket, webSocketOptions })
    expect((await until(() => stub.made[0])).options).toBe(webSocketOptions)
  })
})
