/** More pieces than that are not kept: the oldest fade from the canvas when it is drawn anew. */
const MAX_STROKES = 6_000

/** @typedef {import('./strokes.js').Stroke} Stroke */

/**
 * What is drawn, on a canvas that may change its size and its colours.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {() => readonly string[]} coloursNow
 */
export function createDrawing(canvas, coloursNow) {
  const context = canvas.getContext('2d')
  /** @type {Stroke[]} */
  let strokes = []
  let colours = coloursNow()

  /** @param {Stroke} stroke */
  function draw({ colour, width, from, to }) {
    if (!context) return
    context.strokeStyle = colours[colour] ?? ''
    context.lineWidth = Math.max(1.5, (width / 1_000) * canvas.width)
    context.lineCap = 'round'
    context.beginPath()
    context.moveTo(from[0] * canvas.width, from[1] * canvas.height)
    context.lineTo(to[0] * canvas.width, to[1] * canvas.height)
    context.stroke()
  }

  function redraw() {
    const { width, height } = canvas.getBoundingClientRect()
    canvas.width = Math.round(width * devicePixelRatio)
    canvas.height = Math.round(height * devicePixelRatio)
    colours = coloursNow()
    for (const stroke of strokes) draw(stroke)
  }

  new ResizeObserver(redraw).observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)

  return {
    /** @param {Stroke} stroke */
    add(stroke) {
      strokes.push(stroke)
      if (strokes.length > MAX_STROKES) strokes = strokes.slice(-MAX_STROKES / 2)
      draw(stroke)
    },

    clear() {
      strokes = []
      redraw()
    },
  }
}
