/**
 * Where in a stream a reader stands: the life of the stream, and the number of the last message in it. A plain server
 * has none to give.
 *
 * @public
 */
export interface Position {
  /** Names one life of the stream; it changes when the history behind it was lost. */
  readonly epoch: string
  readonly seq: number
}
