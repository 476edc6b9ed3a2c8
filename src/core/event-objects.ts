/** An event as listeners get it. What only some types have is assigned to it. */
export class EventObject {
  readonly type: string
  readonly target: { readonly url: string }

  constructor(type: string, target: { readonly url: string }) {
    this.type = type
    this.target = target
  }

  get currentTarget(): { readonly url: string } {
    return this.target
  }
}

/** The event of the data path: one small object a message. */
export class MessageObject extends EventObject {
  readonly data: unknown

  constructor(target: { readonly url: string }, data: unknown) {
    super('message', target)
    this.data = data
  }

  get origin(): string {
    return new URL(this.target.url).origin
  }

  get lastEventId(): string {
    return ''
  }
}
