/**
 * Where the socket logs: `console` fits. The levels are the methods that are there; give only those you want.
 *
 * @public
 */
export interface Logger {
  debug?(message: string, details: object): void
  info?(message: string, details: object): void
  warn?(message: string, details: object): void
  error?(message: string, details: object): void
}
