import { HoldfastError } from '../base/errors.ts'
import type { BytesLike } from '../wire/bytes.ts'
import { toBytes } from '../wire/bytes.ts'
import type { Conversation } from './conversation.ts'
import { type BufferOptions, type MessageStream, resolveBuffer } from './message-stream.ts'
import { openStream } from './open-stream.ts'
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
    return this.#conversation.sendFrame(this.type, payload, options)
  }

  /** Hears each message. Returns the undo. */
  on(handler: (value: Received) => unknown, options?: Omit<MessageListenOptions, 'room'>): () => void {
    return this.#conversation.handlers.on(this.type, this.#decoding(handler), options)
  }

  #decoding(handler: (value: Received) => unknown): (bytes: Uint8Array) => unknown {
    const codec = this.#codec
    if (!codec || typeof handler !== 'function') return handler as (bytes: unknown) => unknown
    return (bytes) => {
      let value: Received
      try {
        value = codec.decode(bytes)
      } catch (cause) {
        const text = `The codec of binary type ${this.type} cannot decode ${bytes.length} bytes`
        this.#conversation.tell('malformed', {
          data: bytes,
          error: new HoldfastError('HF_BAD_FRAME', text, { cause }),
        })
        return undefined
      }
      return handler(value)
    }
  }

  /** The messages from now on, to be read with `for await`. */
  messages(
    options: { readonly signal?: AbortSignal; readonly buffer?: BufferOptions } = {},
  ): MessageStream<Received> {
    const buffer = resolveBuffer(options.buffer)
    return openStream(
      this.#conversation,
      buffer,
      options.signal,
      this.type,
      (push: (item: Received) => void) => this.on(push),
    )
  }
}
