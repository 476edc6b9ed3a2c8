import type { Page } from 'playwright-core'

/** WCAG 2.2 AA: for text, and for large text. */
const ENOUGH = { text: 4.5, large: 3 }

/**
 * Texts that stand out too little from what is behind them, each with its contrast. What is behind an SVG's text is not
 * known, and what cannot be used now need not meet this.
 */
export function poorContrasts(page: Page): Promise<string[]> {
  return page.evaluate((enough) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    type Colour = [red: number, green: number, blue: number]

    /** The colours over each other, the last on top. */
    function mix(layers: string[]): Colour {
      if (!canvas) throw new Error('The browser has no canvas')
      for (const layer of layers) {
        canvas.fillStyle = layer
        canvas.fillRect(0, 0, 1, 1)
      }
      const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data
      return [red, green, blue]
    }

    function luminance(colour: Colour): number {
      const [red = 0, green = 0, blue = 0] = colour.map((part) => {
        const share = part / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    function grounds(element: Element | null): string[] {
      return element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : []
    }

    function contrastOf(element: Element): number {
      const behind = grounds(element)
      const [dark = 0, light = 0] = [mix(behind), mix([...behind, getComputedStyle(element).color])]
        .map(luminance)
        .sort((a, b) => a - b)
      return (light + 0.05) / (dark + 0.05)
    }

    const poor: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement
      const text = walker.currentNode.textContent?.trim()
      if (!text || !element?.checkVisibility() || element.closest('svg, [aria-disabled="true"]')) continue
      const { fontSize, fontWeight } = getComputedStyle(element)
      const size = Number.parseFloat(fontSize)
      const large = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700)
      const contrast = contrastOf(element)
      if (contrast < (large ? enough.large : enough.text)) poor.push(`${contrast.toFixed(2)}: ${text}`)
    }
    return poor
  }, ENOUGH)
}
