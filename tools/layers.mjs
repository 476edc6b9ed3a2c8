/**
 * Who may import whom: each folder of src/ and what it may import besides itself. `index.ts` and `index.node.ts`
 * are entries, which only re-export and may import everything except testing.
 * biome.json says the same for editors; test/tools/layering.test.ts holds the two together.
 */
export const layers = {
  base: [],
  wire: ['base'],
  schema: ['base', 'wire'],
  platform: ['base'],
  core: ['base'],
  client: ['base', 'core', 'wire'],
  server: ['base', 'core', 'wire'],
  testing: ['base'],
}

/** The files of core that may import platform: there the socket meets the world, once a platform. */
export const shells = ['core/reconnecting-web-socket.ts', 'core/reconnecting-web-socket.node.ts']

/** Globals that only platform may touch: time, randomness, and what differs between the runtimes. */
export const bannedGlobals = [
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
  ...['requestAnimationFrame', 'requestIdleCallback', 'performance', 'crypto'],
  ...['WebSocket', 'WebSocketStream', 'EventSource', 'XMLHttpRequest', 'fetch', 'Worker', 'SharedWorker'],
  ...['BroadcastChannel', 'MessageChannel', 'localStorage', 'sessionStorage', 'indexedDB'],
  ...['navigator', 'document', 'window', 'self', 'globalThis', 'global', 'location'],
  ...['addEventListener', 'removeEventListener', 'reportError', 'CloseEvent'],
  ...['process', 'Buffer', 'require', 'console'],
]

/** Members of globals that are otherwise fine. */
export const bannedMembers = { Date: ['now'], Math: ['random'], AbortSignal: ['timeout'] }

/**
 * The packages of the library, and the layers that use them.
 * @type {Record<string, readonly string[]>}
 */
export const packageUsers = {
  eventemitter3: ['base', 'core'],
  'isomorphic-ws': ['platform'],
  'zod/mini': ['schema'],
  ws: ['server'],
  'node:': ['server'],
}
