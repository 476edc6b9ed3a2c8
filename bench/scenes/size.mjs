import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from '../../tools/root.mjs'

/** The socket alone, and those that are no more than that. */
const sockets = {
  Holdfast: `export { ReconnectingWebSocket } from './dist/web/index.js'`,
  'reconnecting-websocket': `export { default } from 'reconnecting-websocket'`,
  partysocket: `export { default } from 'partysocket/ws'`,
  'socket.io': `export { io } from 'socket.io-client'`,
}

/** What talks by messages, rooms and answers, with all that it has for them. */
const clients = {
  Holdfast: `export { createClient, fragments, FrameCodec } from './dist/web/index.js'`,
  'Holdfast without fragments': `export { createClient } from './dist/web/index.js'`,
  'socket.io': `export { io } from 'socket.io-client'`,
}

const codec = { Holdfast: `export { FrameCodec } from './dist/web/index.js'` }

/**
 * Measured once, in the same way, with packages that are not installed here.
 *
 * @type {[name: string, bytes: number][]}
 */
const quoted = [
  ['phoenix (quoted)', 7_600],
  ['SignalR (quoted)', 14_300],
  ['centrifuge (quoted)', 23_600],
]

/** @param {string} contents @returns {Promise<number>} */
async function bundledSize(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(root) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  })
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length
}

/** @param {Record<string, string>} imports @returns {Promise<Map<string, number[]>>} */
async function sizesOf(imports) {
  const samples = new Map()
  for (const [name, contents] of Object.entries(imports)) samples.set(name, [await bundledSize(contents)])
  return samples
}

/** @type {import('./scene.mjs').Scene} */
export const size = {
  title: 'What a page loads',
  method:
    'What is named is bundled for browsers and minified by esbuild, then gzip at level 9; everything that it imports is inside. The socket is `ReconnectingWebSocket` alone, the client `createClient`, `fragments` and `FrameCodec`. Quoted are figures of an earlier comparison, in tenths of a KB: those packages are not installed here.',
  async measure() {
    /** @type {Pick<import('../lib/figure.mjs').Figure, 'unit' | 'better'>} */
    const about = { unit: 'bytes', better: 'less' }
    const ofClients = await sizesOf(clients)
    for (const [name, bytes] of quoted) ofClients.set(name, [bytes])
    return [
      {
        ...about,
        id: 'size',
        title: 'Minified and gzip',
        samples: await sizesOf(sockets),
        goal: { atMost: 5_500 },
      },
      {
        ...about,
        id: 'size-client',
        title: 'Minified and gzip, the whole client',
        samples: ofClients,
        goal: { atMost: 10_000 },
      },
      {
        ...about,
        id: 'size-codec',
        title: 'Minified and gzip, the frame codec alone',
        samples: await sizesOf(codec),
        goal: { atMost: 400 },
      },
    ]
  },
}
