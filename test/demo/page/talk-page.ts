import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { collectErrors } from './collect-errors.ts'

/** A line of a talk, as it is shown. */
export interface Line {
  readonly kind: string
  readonly name: string
  readonly said: string
  readonly fate: string
}

/** The demo's second page in a browser, driven and read as a person does it. */
export class TalkPage {
  readonly errors: readonly string[]
  readonly page: Page

  private constructor(page: Page) {
    this.page = page
    this.errors = collectErrors(page)
  }

  static async open(
    browser: Browser,
    address: string,
    options: Record<string, string | number>,
    look: BrowserContextOptions = {},
  ): Promise<TalkPage> {
    const talk = new TalkPage(await browser.newPage(look))
    const query = Object.entries(options).map(([name, value]) => `${name}=${value}`)
    await talk.page.goto(`${address}chat?${query.join('&')}`)
    return talk
  }

  /** As a person does: the page may say goodbye. */
  close(): Promise<void> {
    return this.page.close({ runBeforeUnload: true })
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  press(name: string): Promise<void> {
    return this.button(name).click()
  }

  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent()) ?? ''
  }

  /** What the log says of an event, the oldest first. */
  async logged(event: string): Promise<string[]> {
    const lines = await this.page.locator(`#log li[data-event="${event}"] span`).allTextContents()
    return lines.reverse()
  }

  async join(room: string): Promise<void> {
    await this.page.getByLabel('Another room').fill(room)
    await this.press('Join')
  }

  /** Goes to a room that it has joined. */
  show(room: string): Promise<void> {
    return this.page.locator('#rooms button', { hasText: room }).click()
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Your line').fill(text)
    await this.press('Send')
  }

  async callItself(name: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name)
    await this.page.keyboard.press('Enter')
  }

  lines(): Promise<Line[]> {
    return this.page.locator('#lines > li').evaluateAll((items) =>
      items.map((item) => {
        const textOf = (part: string) => item.querySelector(part)?.textContent ?? ''
        const kind = (item as HTMLElement).dataset['kind'] ?? ''
        return { kind, name: textOf('b'), said: textOf('.said'), fate: textOf('small') }
      }),
    )
  }

  /** What was said, by whomever. */
  async said(): Promise<string[]> {
    return (await this.lines()).filter(({ kind }) => kind !== 'note').map(({ said }) => said)
  }

  /** What became of a line that this page said. */
  async fateOf(text: string): Promise<string | undefined> {
    return (await this.lines()).find(({ said }) => said === text)?.fate
  }

  people(): Promise<string[]> {
    return this.page.locator('#people > li').allTextContents()
  }

  /** How often another page has told that a file of this one arrived, each byte as it was sent. */
  async arrivedAt(other: TalkPage, size = '5.0 MB'): Promise<number> {
    const tab = (await this.text('client')).slice(0, 8)
    const told = `A file of tab ${tab} arrived: ${size}, each byte as it was sent`
    return (await other.logged('settled')).filter((line) => line === told).length
  }

  /** How much of the canvas is drawn on, of 1. */
  inked(): Promise<number> {
    return this.page.locator('#canvas').evaluate((element) => {
      const canvas = element as HTMLCanvasElement
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
      let inked = 0
      for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) inked++
      return inked / (canvas.width * canvas.height)
    })
  }
}
