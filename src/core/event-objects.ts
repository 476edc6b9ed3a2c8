interface Target {
  readonly url: string
}

/** An event as listeners get it. What only some types have is assigned to it. */
export class EventObject {
  readonly type: string
  readonly target: Target

  constructor(type: string, target: Target) {
    this.type = type
    this.target = target
  }

  get currentTarget(): Target {
    return this.target
  }
}

/** The event of the data path: one small object a message, with nothing in it that can be worked out when asked for. */
export class MessageObject {
  readonly target: Target
  readonly data: unknown

  constructor(target: Target, data: unknown) {
    this.target = target
    this.data = data
  }

  get type(): string {
    return 'message'
  }

  get currentTarget(): Target {
    return this.target
  }

  get origin(): string {
    return new URL(this.target.url).origin
  }

  get lastEventId(): string {
    return ''
  }
}
