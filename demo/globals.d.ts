/** What the script tag of index.html brings: the whole library as one global. For the type checker only. */
declare const Holdfast: typeof import('../src/index.ts')
