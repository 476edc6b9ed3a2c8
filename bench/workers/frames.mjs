/** One way to write and to read binary messages; each process does one thing only, so that its code is as fast as it gets. */
import { importHoldfast } from '../lib/holdfast.mjs'
import { serve } from '../lib/worker.mjs'

const HEADER_BYTES = 4
/** So many different payloads that no engine can take them for one. */
const VARIETY = 64

/**
 * Each way answers one number of what it made, so that nothing can be left out.
 *
 * @typedef {(payload: Uint8Array) => number} Step
 * @type {Record<string, (size: number) => Promise<Step>>}
 */
const encoders = {
  async memcpy(size) {
    const frame = new Uint8Array(HEADER_BYTES + size)
    return (payload) => {
      frame.set(payload, HEADER_BYTES)
      return /** @type {number} */ (frame[HEADER_BYTES])
    }
  },
  async Holdfast() {
    const { FrameCodec } = await importHoldfast('web')
    const codec = new FrameCodec()
    return (payload) => /** @type {number} */ (codec.encodeScratch(7, payload)[HEADER_BYTES])
  },
  async 'Holdfast, without scratch'() {
    const { FrameCodec } = await importHoldfast('web')
    const codec = new FrameCodec()
    return (payload) => /** @type {number} */ (codec.encode(7, payload)[HEADER_BYTES])
  },
  async 'DataView, fresh'() {
    return (payload) => {
      const frame = new Uint8Array(HEADER_BYTES + payload.length)
      new DataView(frame.buffer).setUint32(0, 7)
      frame.set(payload, HEADER_BYTES)
      return /** @type {number} */ (frame[HEADER_BYTES])
    }
  },
}

/** @type {Record<string, () => Promise<Step>>} */
const decoders = {
  async 'subarray alone'() {
    return (frame) => frame.subarray(HEADER_BYTES).length
  },
  async Holdfast() {
    const { FrameCodec } = await importHoldfast('web')
    const codec = new FrameCodec()
    return (frame) => {
      const { type, payload } = codec.decode(frame)
      return type + payload.length
    }
  },
  async DataView() {
    return (frame) => {
      const type = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(0)
      return type + frame.subarray(HEADER_BYTES).length
    }
  },
}

/** @type {Step} */
let step
/** @type {Uint8Array[]} */
let inputs = []

/** @param {number} size @param {number} firstByte */
const varied = (size, firstByte) =>
  Array.from({ length: VARIETY }, () => {
    const bytes = new Uint8Array(size).fill(1)
    bytes[0] = firstByte
    return bytes
  })

/** @param {number} count */
function repeat(count) {
  let sum = 0
  for (let index = 0; index < count; index++) sum += step(/** @type {Uint8Array} */ (inputs[index % VARIETY]))
  return sum
}

serve({
  async encoder({ name, size }) {
    step = await /** @type {(size: number) => Promise<Step>} */ (encoders[name])(size)
    inputs = varied(size, 1)
  },

  async decoder({ name, size }) {
    step = await /** @type {() => Promise<Step>} */ (decoders[name])()
    inputs = varied(size, 0)
  },

  measure({ count }) {
    const start = performance.now()
    const sum = repeat(count)
    const ns = ((performance.now() - start) * 1e6) / count
    if (sum < count) throw new Error(`Of ${count} only ${sum} came out`)
    return { ns }
  },
})
