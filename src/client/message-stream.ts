import { HoldfastError } from '../base/errors.ts'
import { defaultsOf, type Rules, resolveOptions } from '../base/options.ts'
import { Ring } from '../base/ring.ts'

/**
 * How much a reader that is slower than the messages may leave waiting.
 *
 * @public
 */
export interface BufferOptions {
  /** The most messages that wait to be read. @defaultValue 1000 */
  readonly maxCount?: number
  /**
   * What happens to one more: `drop-oldest` makes room, `drop-newest` drops it, and `fail` ends the iteration with
   * `HF_LIMIT`. What is dropped is counted in `dropped` and told by the client's event `overrun`.
   * @defaultValue 'drop-oldest'; 'fail' for the replies to a request
   */
  readonly overflow?: 'drop-oldest' | 'drop-newest' | 'fail'
}

export type ResolvedBufferOptions = Required<BufferOptions>

const rules: Rules<ResolvedBufferOptions> = {
  maxCount: [1_000, 1],
  overflow: ['drop-oldest', ['drop-oldest', 'drop-newest', 'fail']],
}

const defaults: ResolvedBufferOptions = /* @__PURE__ */ defaultsOf(rules)

export function resolveBuffer(
  given: unknown,
  overflow: BufferOptions['overflow'] = 'drop-oldest',
): ResolvedBufferOptions {
  const resolved = resolveOptions(rules, defaults, given, 'buffer.')
  return { maxCount: resolved.maxCount, overflow: (given as BufferOptions)?.overflow ?? overflow }
}

/**
 * Messages to be read with `for await`. It begins to collect when it is made, and stops when the loop is left, its
 * signal is aborted, or the client is closed.
 *
 * @public
 */
export interface MessageStream<T> extends AsyncIterableIterator<T> {
  /** How many were dropped because the reader was too slow. */
  readonly dropped: number
  /** Stops collecting; what waits can still be read. */
  return(): Promise<IteratorResult<T>>
  [Symbol.asyncIterator](): MessageStream<T>
}

interface Reader<T> {
  resolve(result: IteratorResult<T>): void
  reject(error: unknown): void
}

const DONE: IteratorResult<never> = { done: true, value: undefined }

/** A bounded buffer between those who push and one who reads. */
export class Stream<T> implements MessageStream<T> {
  dropped = 0
  readonly #options: ResolvedBufferOptions
  readonly #buffer = new Ring<T>()
  readonly #readers: Reader<T>[] = []
  #ended = false
  #error: unknown
  /** Called once, when no more is wanted. */
  readonly #stop: () => void
  readonly #onDrop: () => void

  constructor(options: ResolvedBufferOptions, stop: () => void, onDrop: () => void) {
    this.#options = options
    this.#stop = stop
    this.#onDrop = onDrop
  }

  push(item: T): void {
    if (this.#ended) return
    const reader = this.#readers.shift()
    if (reader) {
      reader.resolve({ done: false, value: item })
      return
    }
    const { maxCount, overflow } = this.#options
    if (this.#buffer.size >= maxCount) {
      if (overflow === 'fail') {
        this.end(new HoldfastError('HF_LIMIT', `The reader left ${maxCount} messages waiting`))
        return
      }
      this.dropped++
      this.#onDrop()
      if (overflow === 'drop-newest') return
      this.#buffer.shift()
    }
    this.#buffer.push(item)
  }

  /** No more comes. What waits can still be read, and then the error, where there is one. */
  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    for (const reader of this.#readers.splice(0)) {
      if (error === undefined) reader.resolve(DONE)
      else reader.reject(error)
      this.#error = undefined
    }
    this.#stop()
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#buffer.size > 0) return Promise.resolve({ done: false, value: this.#buffer.shift() as T })
    if (this.#ended) {
      const error = this.#error
      this.#error = undefined
      return error === undefined ? Promise.resolve(DONE) : Promise.reject(error)
    }
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }))
  }

  return(): Promise<IteratorResult<T>> {
    this.end()
    return Promise.resolve(DONE)
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
