/**
 * Budgets in bytes, minified and gzipped, with eventemitter3 inside. The README quotes them by `name`.
 * The goal for the socket is 5500; docs/DESIGN.md says why it is not met. The budget keeps it from growing.
 */
export default [
  {
    name: 'socket',
    path: 'dist/web/index.js',
    import: '{ ReconnectingWebSocket }',
    limit: '12500 B',
    gzip: true,
  },
]
