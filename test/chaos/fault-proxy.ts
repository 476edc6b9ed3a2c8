import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { Fault, FaultScope } from './fault.ts'
import { checkFaults, defaultScope, isAct, isLinkCondition } from './fault.ts'
import type { LinkInfo } from './link.ts'
import { Link } from './link.ts'

export interface FaultProxyOptions {
  readonly targetPort: number
  readonly targetHost?: string
  /** Only for `url`: the proxy carries ws and wss alike. */
  readonly secure?: boolean
}

export interface FaultProxy {
  readonly port: number
  readonly url: string
  /** All connections that were ever accepted, in order; the closed ones too. */
  readonly connections: readonly LinkInfo[]
  /**
   * Sets the weather. New links get exactly this list; live links change their link conditions if the
   * list has any (`pass` clears them), and suffer its acts once. The scope is `live` for a list of acts
   * alone, else `all`. Resolves when it is in effect (the listener closed or listening again).
   */
  setFault(faults: Fault | readonly Fault[], options?: { readonly scope?: FaultScope }): Promise<void>
  close(): Promise<void>
}

/** How long another process that took our port while we refused may keep it. */
const relistenTimeoutMs = 5_000
const host = '127.0.0.1'

export async function createFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { targetPort, targetHost = host, secure = false } = options
  const links: Link[] = []
  const live = new Set<Link>()
  let forNew: readonly Fault[] = []
  let listener: Server | undefined
  let port = 0
  let ended = false
  let order: Promise<void> = Promise.resolve()

  const accept = (client: Socket): void => {
    const acts = forNew.filter(isAct)
    const deaf = forNew.some(({ kind }) => kind === 'mute' || kind === 'reset' || kind === 'fin')
    const server = deaf
      ? undefined
      : connect({ port: targetPort, host: targetHost, allowHalfOpen: true, noDelay: true })
    const link = new Link(links.length + 1, client, server, forNew)
    links.push(link)
    live.add(link)
    void link.closed.then(() => live.delete(link))
    for (const act of acts) link.act(act)
  }

  const setDoor = async (open: boolean): Promise<void> => {
    if (!open) {
      // Only the listener goes: close() leaves the accepted connections alone.
      listener?.close()
      listener = undefined
    } else if (!listener && !ended) {
      listener = await listen(port, accept)
      port = (listener.address() as AddressInfo).port
    }
  }

  await setDoor(true)

  return {
    port,
    url: `${secure ? 'wss' : 'ws'}://${host}:${port}`,
    get connections() {
      return links.map((link) => link.info)
    },
    setFault(given, { scope } = {}) {
      const faults = Array.isArray(given) ? (given as readonly Fault[]) : [given as Fault]
      const to = scope ?? defaultScope(faults)
      checkFaults(faults, to)
      if (ended) throw new Error('this fault proxy is closed')
      if (to !== 'new') strike(live, faults)
      if (to === 'live') return order
      forNew = faults
      const refuse = faults.some(({ kind }) => kind === 'refuse')
      // At once where it can be, so that no connection slips in; in order where it has to wait.
      if (refuse) void setDoor(false)
      order = order.catch(() => undefined).then(() => setDoor(!refuse))
      return order
    },
    async close() {
      ended = true
      await order.catch(() => undefined)
      await setDoor(false)
      const open = [...live]
      for (const link of open) link.destroy()
      await Promise.all(open.map((link) => link.closed))
    },
  }
}

function strike(live: ReadonlySet<Link>, faults: readonly Fault[]): void {
  for (const link of live) {
    if (faults.some(isLinkCondition)) link.apply(faults)
    for (const act of faults.filter(isAct)) link.act(act)
  }
}

async function listen(port: number, accept: (client: Socket) => void): Promise<Server> {
  const deadline = performance.now() + relistenTimeoutMs
  for (;;) {
    try {
      return await listenOnce(port, accept)
    } catch (error) {
      // While we refuse, the kernel may lend our port to somebody's outgoing connection for a moment.
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!taken || port === 0 || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function listenOnce(port: number, accept: (client: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, accept)
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}
