import { HoldfastError } from '../base/errors.ts'
import type { BytesLike } from '../wire/bytes.ts'
import { toBytes } from '../wire/bytes.ts'
import type { Conversation } from './conversation.ts'
import type { MessageStream } from './message-stream.ts'
import { openStream, type ReadOptions } from './open-stream.ts'
import type { Receipt } from './receipt.ts'
import type { MessageListenOptions } from './registry.ts'
import type { SendOptions } from './send-options.ts'

/** The first of the types that are ours. */
const RESERVED = 0xffffff00

/**
 * What the bytes of a binary type mean. Both may throw: then nothing is sent, or the message is told as `malformed`.
 *
 * @public
 */
export interface BinaryCodec<Sent, Received = Sent> {
  encode(value: Sent): BytesLike | Blob
  /** `bytes` is a view of what arrived: its memory is this message's alone. */
  decode(bytes: Uint8Array): Received
}

/**
 * The binary messages of one type.
 *
 * @public
 */
export class BinaryChannel<Sent, Received = Sent> {
  readonly type: number
  readonly #conversation: Conversation
  readonly #codec: BinaryCodec<Sent, Received> | undefined

  /** @internal */
  constructor(type: number, codec: BinaryCodec<Sent, Received> | undefined, conversation: object) {
    if (!Number.isInteger(type) || type < 0 || type >= RESERVED) {
      const text = `A binary type is a whole number from 0 to 0xfffffeff, not ${String(type)}`
      throw new HoldfastError('HF_BAD_TYPE', text)
    }
    if (codec !== undefined) checkCodec(codec)
    this.type = type
    this.#codec = codec
    this.#conversation = conversation as Conversation
  }

  /**
   * Sends a value, or keeps it until it can be written.
   *
   * @throws What `encode` throws; and as `client.send`.
   */
  send(value: Sent, options?: SendOptions): Receipt {
    const codec = this.#codec
    const encoded = codec ? codec.encode(value) : (value as BytesLike | Blob)
    const isBlob = typeof Blob === 'function' && encoded instanceof Blob
    const payload = isBlob ? encoded : toBytes(encoded as BytesLike)
    return this.#conversation.sender.sendFrame(this.type, payload, options)
  }

  /** Hears each message. Returns the undo. */
  on(handler: (value: Received) => unknown, options?: Omit<MessageListenOptions, 'room'>): () => void {
    const { handlers } = this.#conversation
    if (!this.#codec || typeof handler !== 'function')
      return handlers.on(this.type, handler as never, options)
    // One that cannot be decoded is not the one that `once` waits for.
    const { once, ...others } = options ?? {}
    const undo = handlers.on(
      this.type,
      (bytes: Uint8Array) => {
        const decoded = this.#decode(bytes)
        if (!decoded) return undefined
        if (once) undo()
        return handler(decoded.value)
      },
      others,
    )
    return undo
  }

  #decode(bytes: Uint8Array): { readonly value: Received } | undefined {
    try {
      return { value: (this.#codec as BinaryCodec<Sent, Received>).decode(bytes) }
    } catch (cause) {
      const text = `The codec of binary type ${this.type} cannot decode ${bytes.length} bytes`
      const error = new HoldfastError('HF_BAD_FRAME', text, { cause })
      this.#conversation.tell('malformed', { data: bytes, error })
      return undefined
    }
  }

  /** The messages from now on, to be read with `for await`. */
  messages(options?: ReadOptions): MessageStream<Received> {
    return openStream(this.#conversation, this.type, options, (push: (item: Received) => void) =>
      this.on(push),
    )
  }
}

function checkCodec(codec: unknown): void {
  const { encode, decode } = (codec ?? {}) as Partial<BinaryCodec<unknown>>
  if (typeof encode !== 'function' || typeof decode !== 'function') {
    throw new TypeError(`A binary codec must be an object with encode, decode, not ${String(codec)}`)
  }
}
