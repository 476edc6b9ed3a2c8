import type { Page } from 'playwright-core'

/**
 * What a page throws or writes to its console as an error from now on, but for what a browser itself writes for a link
 * that could not be opened.
 */
export function collectErrors(page: Page): readonly string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    if (message.type() === 'error' && !/^WebSocket connection to '\S+' failed/.test(text)) errors.push(text)
  })
  return errors
}
