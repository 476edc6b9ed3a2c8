/** Budgets in bytes, minified and gzipped, with eventemitter3 inside. The README quotes them by `name`. */
export default [
  {
    name: 'socket',
    path: 'dist/web/index.js',
    import: '{ ReconnectingWebSocket }',
    limit: '5500 B',
    gzip: true,
  },
]
