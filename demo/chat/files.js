import { me } from './me.js'

/** The binary type of a file. */
export const FILE_TYPE = 9

const HEADER_BYTES = 8
/** As much as browsers fill with chance at once. */
const CHANCE_BYTES = 65_536

/**
 * A file as it goes over the wire: a check of its bytes, four bytes that say whose it is, then the bytes.
 *
 * @typedef {object} Arrival
 * @property {number} mark
 * @property {number} size
 * @property {boolean} whole whether the check says that each byte is as it was sent
 */

/** Bytes folded into 32 bits (FNV-1a): enough to see that none was lost or out of place. @param {Uint8Array} bytes */
function checkOf(bytes) {
  let check = 0x811c9dc5
  for (let at = 0; at < bytes.length; at++) check = Math.imul(check ^ (bytes[at] ?? 0), 0x01000193)
  return check >>> 0
}

/** A file of chance, so that nothing can be made smaller on the way. @param {number} size */
export function makeFile(size) {
  const file = new Uint8Array(HEADER_BYTES + size)
  const body = file.subarray(HEADER_BYTES)
  for (let at = 0; at < size; at += CHANCE_BYTES) crypto.getRandomValues(body.subarray(at, at + CHANCE_BYTES))
  const view = new DataView(file.buffer)
  view.setUint32(0, checkOf(body))
  view.setUint32(4, Number.parseInt(me.id.slice(0, 8), 16))
  return file
}

/** @type {import('../../src/index.ts').BinaryCodec<Uint8Array, Arrival>} */
export const fileCodec = {
  encode: (file) => file,

  decode(bytes) {
    if (bytes.length < HEADER_BYTES) throw new RangeError('A file has a header')
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const body = bytes.subarray(HEADER_BYTES)
    return { mark: view.getUint32(4), size: body.length, whole: checkOf(body) === view.getUint32(0) }
  },
}
