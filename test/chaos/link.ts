import type { Socket } from 'node:net'
import type { Act, CutStyle, Fault, Side } from './fault.ts'
import { isLinkCondition } from './fault.ts'
import { Pipe } from './pipe.ts'
import { pipeConditions } from './pipe-conditions.ts'

/** What a test may know of one connection through the proxy. */
export interface LinkInfo {
  readonly id: number
  /** At least one of its two TCP connections is still there. */
  readonly open: boolean
  readonly clientOpen: boolean
  readonly serverOpen: boolean
  readonly readFromClientBytes: number
  readonly writtenToServerBytes: number
  readonly readFromServerBytes: number
  readonly writtenToClientBytes: number
}

/** One client connection and, unless it is muted, its counterpart to the server. */
export class Link {
  readonly id: number
  readonly closed: Promise<void>
  readonly #client: Socket
  readonly #server: Socket | undefined
  readonly #toServer: Pipe
  readonly #toClient: Pipe | undefined

  constructor(id: number, client: Socket, server: Socket | undefined, faults: readonly Fault[]) {
    this.id = id
    this.#client = client
    this.#server = server
    const sockets = server ? [client, server] : [client]
    this.closed = Promise.all(sockets.map(untilClosed)).then(() => undefined)
    const onCut = (how: CutStyle): void => this.#cut(how)
    this.#toServer = new Pipe(client, server, pipeConditions('toServer', faults), onCut)
    if (server) this.#toClient = new Pipe(server, client, pipeConditions('toClient', faults), onCut)
  }

  get info(): LinkInfo {
    const clientOpen = !this.#client.destroyed
    const serverOpen = this.#server !== undefined && !this.#server.destroyed
    return {
      id: this.id,
      open: clientOpen || serverOpen,
      clientOpen,
      serverOpen,
      readFromClientBytes: this.#toServer.readBytes,
      writtenToServerBytes: this.#toServer.writtenBytes,
      readFromServerBytes: this.#toClient?.readBytes ?? 0,
      writtenToClientBytes: this.#toClient?.writtenBytes ?? 0,
    }
  }

  /** Link conditions take the place of the earlier ones; a list of acts alone leaves them as they are. */
  apply(faults: readonly Fault[]): void {
    if (faults.some(isLinkCondition)) {
      this.#toServer.setConditions(pipeConditions('toServer', faults))
      this.#toClient?.setConditions(pipeConditions('toClient', faults))
    }
  }

  act(act: Act): void {
    if (act.kind === 'reset') this.#reset()
    if (act.kind === 'fin') this.#fin()
    if (act.kind === 'halfClose') this.#halfClose(act.side)
    if (act.kind === 'inject') this.#inject(act.to, Buffer.from(act.bytes))
  }

  destroy(): void {
    this.#stop()
    this.#client.destroy()
    this.#server?.destroy()
  }

  #cut(how: CutStyle): void {
    if (how === 'reset') this.#reset()
    if (how === 'fin') this.#fin()
    if (how === 'blackHole') {
      this.#toServer.blackHole()
      this.#toClient?.blackHole()
    }
  }

  #reset(): void {
    this.#stop()
    for (const socket of [this.#client, this.#server]) {
      if (socket && !socket.destroyed) socket.resetAndDestroy()
    }
  }

  #fin(): void {
    this.#stop()
    this.#client.end()
    this.#server?.end()
  }

  #halfClose(side: Side): void {
    const towards = side === 'client' ? this.#toClient : this.#toServer
    towards?.stop()
    if (side === 'client') this.#client.end()
    else this.#server?.end()
  }

  #inject(to: Side, bytes: Buffer): void {
    if (to === 'server') this.#toServer.push(bytes)
    else if (this.#toClient) this.#toClient.push(bytes)
    else this.#client.write(bytes)
  }

  #stop(): void {
    this.#toServer.stop()
    this.#toClient?.stop()
  }
}

function untilClosed(socket: Socket): Promise<void> {
  // An error is always followed by 'close', which says the same.
  socket.on('error', () => undefined)
  return new Promise((resolve) => socket.once('close', () => resolve()))
}
