import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from '../../tools/root.mjs'

const imports = {
  Holdfast: `export { ReconnectingWebSocket } from './dist/web/index.js'`,
  'reconnecting-websocket': `export { default } from 'reconnecting-websocket'`,
  partysocket: `export { default } from 'partysocket/ws'`,
  'socket.io': `export { io } from 'socket.io-client'`,
}

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

/** @type {import('./scene.mjs').Scene} */
export const size = {
  title: 'What a page loads',
  method:
    'The class alone, bundled for browsers and minified by esbuild, then gzip at level 9; everything that it imports is inside.',
  async measure() {
    const samples = new Map()
    for (const [name, contents] of Object.entries(imports)) samples.set(name, [await bundledSize(contents)])
    return [
      {
        id: 'size',
        title: 'Minified and gzip',
        unit: 'bytes',
        better: 'less',
        samples,
        goal: { atMost: 5_500 },
      },
    ]
  },
}
