/** What the host knew when it bundled the suite: the addresses of its servers, and where to tell the results. */
declare const HARNESS_PROVIDED: Readonly<Record<string, unknown>>

export const provided = HARNESS_PROVIDED
