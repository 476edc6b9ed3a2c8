import { me } from './me.js'

/** The binary type of a piece of a line on the canvas. */
export const STROKE_TYPE = 7
export const COLOURS = 4

const BYTES = 14
const FULL = 65_535

/** Who drew it, in four bytes: enough to tell one's own from the others'. */
export const myMark = Number.parseInt(me.id.slice(0, 8), 16)

/**
 * A straight piece of a line. Its places are fractions of the canvas's width and height.
 *
 * @typedef {object} Stroke
 * @property {number} mark
 * @property {number} colour
 * @property {number} width in thousandths of the canvas's width
 * @property {readonly [x: number, y: number]} from
 * @property {readonly [x: number, y: number]} to
 */

/** Fourteen bytes a piece; as JSON it would be about a hundred. @type {import('../../src/index.ts').BinaryCodec<Stroke>} */
export const strokeCodec = {
  encode({ mark, colour, width, from, to }) {
    const view = new DataView(new ArrayBuffer(BYTES))
    view.setUint32(0, mark)
    view.setUint8(4, colour)
    view.setUint8(5, width)
    for (const [index, part] of [...from, ...to].entries())
      view.setUint16(6 + 2 * index, Math.round(Math.min(Math.max(part, 0), 1) * FULL))
    return view
  },

  decode(bytes) {
    if (bytes.length !== BYTES) throw new RangeError(`A stroke has ${BYTES} bytes, not ${bytes.length}`)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const colour = view.getUint8(4)
    if (colour >= COLOURS) throw new RangeError(`There is no colour ${colour}`)
    const place = (at) => /** @type {const} */ ([view.getUint16(at) / FULL, view.getUint16(at + 2) / FULL])
    return { mark: view.getUint32(0), colour, width: view.getUint8(5), from: place(6), to: place(10) }
  },
}
