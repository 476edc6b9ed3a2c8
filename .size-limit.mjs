/**
 * Budgets in bytes, minified and gzipped, with eventemitter3 inside. The README quotes them by `name`.
 * The goal for the socket is 5500; docs/DESIGN.md says why it is not met. The budget keeps it from growing.
 */
export default [
  {
    name: 'socket',
    path: 'dist/web/index.js',
    import: '{ ReconnectingWebSocket }',
    limit: '12900 B',
    gzip: true,
  },
  {
    name: 'client',
    path: 'dist/web/index.js',
    import: '{ createClient, fragments, FrameCodec }',
    limit: '37000 B',
    gzip: true,
  },
  {
    name: 'codec',
    path: 'dist/web/index.js',
    import: '{ FrameCodec }',
    // It uses none of it; esbuild keeps CommonJS modules that are imported anywhere.
    ignore: ['eventemitter3'],
    limit: '1100 B',
    gzip: true,
  },
]
