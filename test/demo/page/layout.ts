import type { Page } from 'playwright-core'

/** How far the page reaches beyond its window, to the right. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}

/**
 * How much of what was on the page has moved by itself, as browsers measure it: until now, and by a jump that is planted
 * then. Who sees that one has been told of all before it, and does not take a browser that measures nothing for a page
 * that does not move.
 */
export function layoutShifts(page: Page): Promise<{ own: number; planted: number }> {
  return page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const shifts = { own: 0, planted: 0 }
        let plantedAt = Infinity
        new PerformanceObserver((list) => {
          for (const { startTime, value } of list.getEntries() as (PerformanceEntry & { value: number })[])
            shifts[startTime < plantedAt ? 'own' : 'planted'] += value
          if (shifts.planted > 0) resolve(shifts)
        }).observe({ type: 'layout-shift', buffered: true })
        // Further down the browser would scroll along, and nothing would seem to move.
        window.scrollTo(0, 0)
        requestAnimationFrame(() => {
          plantedAt = performance.now()
          document.body.style.paddingTop = '300px'
        })
        setTimeout(reject, 20_000, new Error('The browser saw no jump where one was planted'))
      }),
  )
}
