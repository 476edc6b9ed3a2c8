import { byteLength, mostBytes, quickLength, type SocketData } from '../base/data.ts'
import { HoldfastError } from '../base/errors.ts'
import type { Dialect, Operation } from '../wire/dialect.ts'
import type { PeerLimits } from '../wire/limits.ts'
import type { ResolvedBatchOptions } from './client-options.ts'
import type { Fragmenter } from './fragments.ts'
import type { Encoded } from './membership.ts'
import type { Batching } from './outbox.ts'
import type { Outgoing } from './outgoing.ts'

/** Larger ones wait for their turn, so that small ones do not wait for them. */
const LARGE_BYTES = 65_536

/** What composing asks of the client around it. */
export interface ComposerHost {
  now(): number
  random(): number
}

/** What becomes of messages that are made to fit. */
export interface FitHost {
  /** The peer keeps pieces of another cut. */
  abort(message: Outgoing): void
  /** It could be read: it weighs `more` than was counted. */
  loaded(message: Outgoing, more: number): void
  /** It could not. */
  drop(message: Outgoing): void
}

/** Gives messages what is to be written: in the words of the dialect, and no larger than the peer takes. */
export class Composer {
  readonly dialect: Dialect
  readonly #fragmenter: Fragmenter | undefined
  readonly #timestamps: boolean
  readonly #given: PeerLimits
  readonly #host: ComposerHost
  #limits: PeerLimits

  constructor(
    dialect: Dialect,
    limits: PeerLimits,
    fragmenter: Fragmenter | undefined,
    timestamps: boolean,
    host: ComposerHost,
  ) {
    this.dialect = dialect
    this.#limits = this.#given = limits
    this.#fragmenter = fragmenter
    this.#timestamps = timestamps
    this.#host = host
  }

  get limits(): PeerLimits {
    return this.#limits
  }

  /** The peer tells what it takes. Answers whether that is less than was thought. */
  announce(limits: PeerLimits): boolean {
    const before = this.largestWhole
    // Kept over links: what waits is written before the next server can say what it takes.
    this.#limits = { ...this.#given, ...limits }
    return this.largestWhole < before
  }

  /** What cuts large messages, unless the peer said that it takes no pieces. */
  get #cutter(): Fragmenter | undefined {
    return this.#limits.fragments === false ? undefined : this.#fragmenter
  }

  get #limitBytes(): number {
    return this.#limits.maxMessageBytes ?? Infinity
  }

  /** The most bytes that go as one message. */
  get largestWhole(): number {
    return Math.min(this.#limitBytes, this.#cutter?.aboveBytes ?? Infinity)
  }

  batching({ maxCount, maxBytes }: ResolvedBatchOptions): Batching {
    const { encodeBatch } = this.dialect
    if (!encodeBatch) throw new TypeError('Option batch needs a dialect that has batches')
    const largest = () => Math.min(maxBytes, this.#limitBytes)
    return {
      maxCount,
      get maxBytes() {
        return largest()
      },
      join: (texts) => encodeBatch(texts),
    }
  }

  /**
   * What is never cut.
   *
   * @throws HoldfastError `HF_TOO_LARGE`, and what the dialect throws.
   */
  encodeWhole(operation: Operation): Encoded {
    const encoded = this.dialect.encode(operation)
    const all = typeof encoded === 'string' || encoded instanceof Uint8Array ? [encoded] : encoded
    const largest = Math.max(...all.map((data) => byteLength(data as SocketData)))
    if (largest <= this.#limitBytes) return encoded
    throw new HoldfastError(
      'HF_TOO_LARGE',
      `${largest} bytes are more than the ${this.#limitBytes} that the peer takes`,
    )
  }

  /**
   * Encodes an operation into its message.
   *
   * @throws HoldfastError `HF_TOO_LARGE`, and what the dialect throws.
   */
  load(message: Outgoing, operation: Operation): void {
    const stamped = this.#timestamps && (operation.op === 'message' || operation.op === 'broadcast')
    const timestamp = stamped ? new Date(this.#host.now()).toISOString() : undefined
    const encoded = this.dialect.encode(stamped ? { ...operation, timestamp } : operation)
    if (typeof encoded === 'string' || encoded instanceof Uint8Array) this.#loadData(message, encoded)
    else message.loadAll(encoded as readonly SocketData[])
  }

  #loadData(message: Outgoing, data: string | Uint8Array): void {
    const bytes = data as SocketData
    const largest = this.largestWhole
    message.weight = mostBytes(bytes)
    if (message.weight > largest) {
      const exact = byteLength(bytes)
      if (exact > largest) {
        this.#cut(message, data, exact)
        return
      }
    }
    message.data = bytes
    if (quickLength(bytes) > LARGE_BYTES && !message.remove) message.lane = 'large'
  }

  #cut(message: Outgoing, data: string | Uint8Array, bytes: number): void {
    const random = () => this.#host.random()
    const cutter = this.#cutterFor(bytes)
    message.parts = cutter.cut(data, this.dialect, this.#limitBytes, message.membership?.name, random)
    message.weight = message.parts.bytes
    message.counted = true
    if (!message.remove) message.lane = 'large'
  }

  #cutterFor(bytes: number): Fragmenter {
    if (this.#cutter) return this.#cutter
    const text = `${bytes} bytes are more than the ${this.#limitBytes} that the peer takes, and the option fragments is not set`
    throw new HoldfastError('HF_TOO_LARGE', text)
  }

  /**
   * A blob under its type. Answers whether it goes as it is; if not, its bytes must be read and loaded.
   *
   * @throws HoldfastError `HF_TOO_LARGE`.
   */
  loadBlob(message: Outgoing, type: number, blob: Blob): boolean {
    const header = this.dialect.encode({ op: 'frame', type, payload: new Uint8Array() }) as SocketData
    message.weight = byteLength(header) + blob.size
    if (message.weight <= this.largestWhole) {
      message.data = new Blob([header as BlobPart, blob])
      return true
    }
    this.#cutterFor(message.weight)
    message.lane = 'large'
    return false
  }

  /** Makes a message that waits as small as the peer takes it now. Answers whether that can be. */
  fit(message: Outgoing, { abort, loaded, drop }: FitHost): boolean {
    const { parts } = message
    const data = message.data instanceof ArrayBuffer ? new Uint8Array(message.data) : message.data
    try {
      if (parts?.recut && (parts.largestBytes ?? 0) > this.#limitBytes) {
        if (message.cursor > 0) abort(message)
        message.parts = parts.recut(this.#limitBytes)
        message.restart()
      }
      if (data === undefined || byteLength(data) <= this.largestWhole) return true
      if (data instanceof Blob) {
        this.#cutterFor(data.size)
        message.data = undefined
        void data
          .arrayBuffer()
          .then((buffer) => {
            const before = message.weight
            this.#cut(message, new Uint8Array(buffer), buffer.byteLength)
            loaded(message, message.weight - before)
          })
          .catch(() => drop(message))
        return true
      }
      if (typeof data !== 'string' && !(data instanceof Uint8Array)) return false
      this.#cut(message, data, byteLength(data))
      message.data = undefined
      return true
    } catch {
      return false
    }
  }
}
