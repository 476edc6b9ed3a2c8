import type { Socket } from 'node:net'
import type { CutStyle } from './fault.ts'
import type { PipeConditions } from './pipe-conditions.ts'

type Item =
  | { readonly kind: 'bytes'; bytes: Buffer; readonly dueAt: number }
  | { readonly kind: 'end'; readonly how: 'fin' | 'reset'; readonly dueAt: number }

/** A slow link has a small buffer, as a router has; a merely distant one holds whatever is in flight. */
const slowLinkBufferBytes = 256 * 1024
const distantLinkBufferBytes = 16 * 1024 * 1024
const maxPieceBytes = 64 * 1024
/** For the receiver to read the last bytes before an RST. */
const readTimeMs = 10

/**
 * One direction of a link. Whatever the source sends (bytes, FIN, RST) goes through a single queue, and
 * only the head of it is ever written: so delayed bytes cannot overtake each other, whatever the timers do.
 */
export class Pipe {
  readBytes = 0
  writtenBytes = 0
  readonly #source: Socket
  readonly #destination: Socket | undefined
  readonly #onCut: (how: CutStyle) => void
  #conditions: PipeConditions
  #queue: Item[] = []
  #queuedBytes = 0
  #lineFreeAt = 0
  #passedSinceSet = 0
  #stopped = false
  #waitsForDrain = false
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor(
    source: Socket,
    destination: Socket | undefined,
    conditions: PipeConditions,
    onCut: (how: CutStyle) => void,
  ) {
    this.#source = source
    this.#destination = destination
    this.#conditions = conditions
    this.#onCut = onCut
    source.on('data', (bytes: Buffer) => {
      this.readBytes += bytes.length
      this.push(bytes)
    })
    source.on('end', () => this.#pushEnd('fin'))
    source.on('close', (hadError: boolean) => {
      if (hadError) this.#pushEnd('reset')
    })
    destination?.on('drain', () => {
      this.#waitsForDrain = false
      this.#pump()
    })
    destination?.on('close', () => this.stop())
    this.#regulate()
  }

  /** Byte counts of `cut` and `corrupt` start anew here. What is in flight keeps the delay that it had. */
  setConditions(conditions: PipeConditions): void {
    this.#conditions = conditions
    this.#passedSinceSet = 0
    this.#lineFreeAt = 0
    if (conditions.blackHole) this.#dropBytes()
    this.#unschedule()
    this.#pump()
  }

  blackHole(): void {
    this.setConditions({ ...this.#conditions, blackHole: true, cut: undefined })
  }

  /** Puts bytes behind those that are on their way. */
  push(bytes: Buffer): void {
    if (this.#stopped || !this.#destination || this.#conditions.blackHole) return
    this.#queue.push({ kind: 'bytes', bytes, dueAt: this.#dueAt() })
    this.#queuedBytes += bytes.length
    this.#pump()
  }

  /** From now on everything is read and thrown away, ends included. */
  stop(): void {
    this.#stopped = true
    this.#queue = []
    this.#queuedBytes = 0
    this.#unschedule()
    this.#regulate()
  }

  #pushEnd(how: 'fin' | 'reset'): void {
    if (this.#stopped || !this.#destination) return
    this.#queue.push({ kind: 'end', how, dueAt: this.#dueAt() })
    this.#pump()
  }

  #dueAt(): number {
    return performance.now() + this.#conditions.latencyMs
  }

  /** An end that came before or inside the black hole is kept: it is delivered when the hole is lifted. */
  #dropBytes(): void {
    this.#queue = this.#queue.filter((item) => item.kind === 'end')
    this.#queuedBytes = 0
  }

  #pump(): void {
    while (!this.#timer && !this.#immediate && !this.#waitsForDrain) {
      const head = this.#queue[0]
      if (!head || this.#stopped || this.#conditions.blackHole || this.#conditions.stall) break
      const waitMs = Math.max(head.dueAt, this.#lineFreeAt) - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#resumePump(), Math.ceil(waitMs))
      } else if (head.kind === 'end') {
        this.#queue.shift()
        this.#deliverEnd(head.how)
      } else {
        this.#forward(this.#takePiece(head))
      }
    }
    this.#regulate()
  }

  #resumePump(): void {
    this.#unschedule()
    this.#pump()
  }

  #unschedule(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = undefined
    this.#immediate = undefined
  }

  #takePiece(head: Item & { kind: 'bytes' }): Buffer {
    const { bytesPerSecond, sliceBytes } = this.#conditions
    // A slow line lets through 20 ms' worth at a time, so that it is slow and not jerky.
    const lineBytes = Math.max(1, Math.floor(bytesPerSecond / 50))
    const size = Math.min(head.bytes.length, maxPieceBytes, sliceBytes, lineBytes)
    const piece = head.bytes.subarray(0, size)
    head.bytes = head.bytes.subarray(size)
    if (head.bytes.length === 0) this.#queue.shift()
    this.#queuedBytes -= size
    return piece
  }

  #forward(taken: Buffer): void {
    const destination = this.#destination
    if (!destination?.writable) return
    const { cut, bytesPerSecond, sliceBytes } = this.#conditions
    const left = cut ? cut.afterBytes - this.#passedSinceSet : Infinity
    const piece = this.#corrupt(taken.length > left ? taken.subarray(0, left) : taken)
    this.#passedSinceSet += piece.length
    this.writtenBytes += piece.length
    if (cut && taken.length >= left) {
      this.#cut(destination, piece, cut.how)
      return
    }
    this.#waitsForDrain = !destination.write(piece)
    this.#lineFreeAt = Math.max(this.#lineFreeAt, performance.now()) + (piece.length / bytesPerSecond) * 1000
    if (sliceBytes !== Infinity) this.#immediate = setImmediate(() => this.#resumePump())
  }

  #cut(destination: Socket, lastPiece: Buffer, how: CutStyle): void {
    if (how === 'blackHole') {
      destination.write(lastPiece)
      this.#onCut(how)
      return
    }
    this.stop()
    // The last bytes must be in the kernel before a reset, which throws away what is not. They must be read,
    // too: libuv calls it a plain end (no ECONNRESET) when the RST is already there at the last read.
    destination.write(lastPiece, () => {
      if (how === 'reset') setTimeout(() => this.#onCut(how), readTimeMs)
      else this.#onCut(how)
    })
  }

  #corrupt(piece: Buffer): Buffer {
    const wanted = this.#conditions.corrupt
    const at = wanted ? wanted.atByte - this.#passedSinceSet : -1
    if (!wanted || at < 0 || at >= piece.length) return piece
    const copy = Buffer.from(piece)
    copy[at] = (copy[at] ?? 0) ^ wanted.xor
    return copy
  }

  #deliverEnd(how: 'fin' | 'reset'): void {
    const destination = this.#destination
    if (!destination || destination.destroyed) return
    if (how === 'reset') destination.resetAndDestroy()
    else destination.end()
  }

  /** Not reading is the only way to make a TCP sender feel that the way ahead is blocked. */
  #regulate(): void {
    const { stall, blackHole, bytesPerSecond } = this.#conditions
    const most = bytesPerSecond === Infinity ? distantLinkBufferBytes : slowLinkBufferBytes
    const hold = !this.#stopped && !blackHole && (stall || this.#queuedBytes > most)
    if (hold) this.#source.pause()
    else if (this.#source.isPaused()) this.#source.resume()
  }
}
