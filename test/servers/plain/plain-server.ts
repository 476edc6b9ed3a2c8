/** What a test may ask of a server; what is left out is as when a person starts it. */
export interface PlainServerOptions {
  readonly tokens?: readonly string[]
  /** Whether a wrong token is refused before the upgrade, by an HTTP status, or after it, by close code 1008. */
  readonly refuse?: 'before' | 'after'
  readonly pingIntervalMs?: number
  readonly maxMessageBytes?: number
  /** Takes each read of 4 KiB for a message. Only where `hasPiecewise` says so. */
  readonly piecewise?: boolean
  /** permessage-deflate with `ws`; the others have it always. */
  readonly compression?: boolean
}

/** A server that runs, in a process of its own. */
export interface RunningServer {
  /** The same after `restart()`. */
  readonly port: number
  /** What it printed, the latest lines. */
  readonly log: string
  /** The address with a token; with one that is let in unless another is given. */
  url(token?: string): string
  /** Asks it to end in order, and waits for that. Resolves with its exit code: `null` where a signal ended it. */
  stop(): Promise<number | null>
  /** Ends it at once, as a crash does. Does nothing where it has ended. */
  kill(): Promise<void>
  /** Starts it again on the same port, after killing it where it still runs. */
  restart(changes?: PlainServerOptions): Promise<void>
  /** For the end of a test: kills the server and a proxy in front of it. */
  end(): Promise<void>
}

/** A kind of server, written for demo/servers/ after the conventions in docs/SERVERS.md. */
export interface PlainServer {
  readonly name: string
  /** The query parameter that carries the token. */
  readonly tokenParameter: string
  /** The HTTP status by which it refuses a token before the upgrade. */
  readonly refusalStatus: number
  /** Whether its own pings are ping frames, or messages of type `ping`. */
  readonly pings: 'frames' | 'messages'
  /** How a client's dialect has to be set for it. */
  readonly dialectOptions: { readonly payload?: 'string' }
  readonly hasPiecewise: boolean
  /** Why it cannot run on this machine. */
  missing(): string | undefined
  start(options?: PlainServerOptions): Promise<RunningServer>
}

/** The token that every server lets in unless told otherwise. */
export const goodToken = 'demo'
