/** One message in pieces, put together; against what cannot be done without: memory for it, and one copy. */
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { median } from '../lib/statistics.mjs'
import { serve } from '../lib/worker.mjs'

const BINARY_PIECE = 0xffffff01
const TYPE_BYTES = 4

/** What stands behind the public face is no export of the package: it is built from its sources. */
async function importWire() {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `export * from './pieces.ts'; export { Reassembler } from './reassembler.ts'`,
      resolveDir: fileURLToPath(new URL('../../src/wire/', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
  })
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`)
}

/** @param {number} bytes */
const messageOf = (bytes) => new Uint8Array(bytes).map((_, index) => index * 7)

/**
 * The pieces as they come from a link: each message in memory of its own.
 *
 * @param {any} wire @param {Uint8Array} data @param {number} most @returns {Uint8Array[]}
 */
function receivedPieces({ cutMessage, pieceOf, encodePiece }, data, most) {
  const cut = cutMessage('0123456789abcdef', data, false, most)
  return Array.from({ length: cut.total }, (_, index) => encodePiece(pieceOf(cut, index)))
}

/** @param {any} wire @param {Uint8Array[]} received */
const decoded = ({ decodePiece }, received) =>
  received.map((message) => decodePiece(BINARY_PIECE, message.subarray(TYPE_BYTES)))

/** @param {any} reassembler @param {any} added */
function finish(reassembler, added) {
  reassembler.clear()
  return added.data
}

/**
 * Each answers how to make the message once.
 *
 * @type {Record<string, (data: Uint8Array, most: number) => Promise<() => Uint8Array>>}
 */
const makers = {
  async 'allocate and one memcpy'(data) {
    return () => {
      const whole = new Uint8Array(data.length)
      whole.set(data)
      return whole
    }
  },
  async 'allocate and a memcpy by piece'(data, most) {
    const wire = await importWire()
    const pieces = decoded(wire, receivedPieces(wire, data, most))
    return () => {
      const whole = new Uint8Array(data.length)
      for (let index = 0; index < pieces.length; index++) whole.set(pieces[index].data, index * most)
      return whole
    }
  },
  async Holdfast(data, most) {
    const wire = await importWire()
    const reassembler = new wire.Reassembler()
    const pieces = decoded(wire, receivedPieces(wire, data, most))
    return () => {
      let added
      for (const piece of pieces) added = reassembler.add(piece, 0)
      return finish(reassembler, added)
    }
  },
  async 'Holdfast, with the reading of frames'(data, most) {
    const wire = await importWire()
    const reassembler = new wire.Reassembler()
    const received = receivedPieces(wire, data, most)
    return () => {
      let added
      for (const message of received) {
        added = reassembler.add(wire.decodePiece(BINARY_PIECE, message.subarray(TYPE_BYTES)), 0)
      }
      return finish(reassembler, added)
    }
  },
  async 'concatenation piece by piece'(data, most) {
    const wire = await importWire()
    const pieces = decoded(wire, receivedPieces(wire, data, most))
    return () => {
      let whole = new Uint8Array(0)
      for (const piece of pieces) {
        const longer = new Uint8Array(whole.length + piece.data.length)
        longer.set(whole)
        longer.set(piece.data, whole.length)
        whole = longer
      }
      return whole
    }
  },
}

/** @type {Map<string, () => Uint8Array>} */
let contenders = new Map()
/** @type {Uint8Array} */
let expected

/** @param {() => Uint8Array} make */
function usOf(make) {
  const start = performance.now()
  const whole = make()
  const us = (performance.now() - start) * 1e3
  if (whole.length !== expected.length)
    throw new Error(`${whole.length} of ${expected.length} bytes came back`)
  return us
}

serve({
  async prepare({ names, bytes, most }) {
    expected = messageOf(bytes)
    contenders = new Map()
    for (const name of names) {
      const prepare = /** @type {(data: Uint8Array, most: number) => Promise<() => Uint8Array>} */ (
        makers[name]
      )
      const make = await prepare(expected, most)
      if (Buffer.compare(make(), expected) !== 0) throw new Error(`${name} does not give the message back`)
      contenders.set(name, make)
    }
  },

  /** Each makes one message, then each the next: so all of them find the allocator in the same state. */
  measure({ count }) {
    const times = new Map([...contenders.keys()].map((name) => [name, /** @type {number[]} */ ([])]))
    for (let index = 0; index < count; index++) {
      for (const [name, make] of contenders) times.get(name)?.push(usOf(make))
    }
    return Object.fromEntries([...times].map(([name, values]) => [name, median(values)]))
  },
})
