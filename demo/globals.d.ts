/** What the script tags of index.html bring: the whole library, and the plots, as one global each. For the type checker only. */
declare const Holdfast: typeof import('../src/index.ts')
declare const uPlot: typeof import('uplot')
