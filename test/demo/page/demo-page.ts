import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { collectErrors } from './collect-errors.ts'

/** What the page says of the numbers. */
export interface Figures {
  readonly sent: number
  readonly received: number
  readonly queued: number
  readonly missing: string
}

/** What the server answers to `GET /count`. */
export interface Count {
  readonly received: number
  readonly ranges: readonly (readonly [from: number, to: number])[]
  readonly duplicates: number
}

/** The demo's page in a browser, driven and read as a person does it: by its buttons and its words. */
export class DemoPage {
  readonly errors: readonly string[]
  /** For what only some tests look at. */
  readonly page: Page
  readonly #address: string

  private constructor(page: Page, address: string) {
    this.page = page
    this.#address = address
    this.errors = collectErrors(page)
  }

  static async open(
    browser: Browser,
    address: string,
    options: Record<string, number>,
    look: BrowserContextOptions = {},
  ): Promise<DemoPage> {
    const demo = new DemoPage(await browser.newPage(look), address)
    const query = Object.entries(options).map(([name, value]) => `${name}=${value}`)
    await demo.page.goto(`${address}?${query.join('&')}`)
    return demo
  }

  close(): Promise<void> {
    return this.page.close()
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  press(name: string): Promise<void> {
    return this.button(name).click()
  }

  /** The text of an element by its id. */
  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent()) ?? ''
  }

  async figures(): Promise<Figures> {
    // One look for all of them: between two the page goes on.
    const texts = await this.page.locator('.figures dd').allTextContents()
    const [sent = '', received = '', queued = '', missing = ''] = texts
    return { sent: Number(sent), received: Number(received), queued: Number.parseInt(queued, 10), missing }
  }

  /** What the log says of an event, the oldest first. */
  async logged(event: string): Promise<string[]> {
    const lines = await this.page.locator(`#log li[data-event="${event}"] span`).allTextContents()
    return lines.reverse()
  }

  /** The rows of the table below the timeline, the latest first, each as its cells. */
  async timeline(kind: string): Promise<string[][]> {
    const rows = await this.page.locator(`#timeline-rows tr[data-kind="${kind}"]`).all()
    return Promise.all(rows.map((row) => row.locator('td').allTextContents()))
  }

  /** The numbers that the page told as in doubt and then as not arrived. */
  async toldAsLost(): Promise<Set<number>> {
    const told = new Set<number>()
    for (const line of await this.logged('lost')) {
      for (const [, from, to = from] of line.matchAll(/#(\d+)(?:–#(\d+))?/g)) {
        for (let number = Number(from); number <= Number(to); number++) told.add(number)
      }
    }
    return told
  }

  /** What the server has of this page, asked past the page. */
  async count(): Promise<Count> {
    const answer = await fetch(`${this.#address}count?client=${await this.text('client')}`)
    return (await answer.json()) as Count
  }
}
