import { element, setText } from '../page/dom.js'
import { createDrawing } from './drawing.js'
import { COLOURS, myMark, STROKE_TYPE, strokeCodec } from './strokes.js'
import { drawWave } from './wave.js'

const WIDTH = 6

/** @param {HTMLElement} canvas @param {PointerEvent} event */
function placeOf(canvas, { clientX, clientY }) {
  const { left, top, width, height } = canvas.getBoundingClientRect()
  return /** @type {const} */ ([(clientX - left) / width, (clientY - top) / height])
}

/** The colour that is chosen, and all of them as the page's colours are now. */
function readPalette() {
  const inks = Array.from({ length: COLOURS }, (_none, index) => element(`ink-${index}`))
  return {
    get chosen() {
      return inks.findIndex((ink) => /** @type {HTMLInputElement} */ (ink).checked)
    },
    colours: () => inks.map((ink) => getComputedStyle(ink).color),
  }
}

/**
 * A canvas that all pages share: each piece of a line is a binary frame of fourteen bytes behind its type.
 *
 * @param {import('./talk-client.js').TalkClient} client
 */
export function createCanvasView(client) {
  const canvas = /** @type {HTMLCanvasElement} */ (element('canvas'))
  const palette = readPalette()
  const drawing = createDrawing(canvas, palette.colours)
  const figures = { sent: 0, back: 0, others: 0 }
  const channel = client.binary(STROKE_TYPE, strokeCodec)
  // The server sends frames of a type to whoever joined the room of that type.
  client.room(`binary:${STROKE_TYPE}`)

  channel.on((stroke) => {
    if (stroke.mark === myMark) figures.back++
    else {
      figures.others++
      drawing.add(stroke)
    }
  })

  /** @param {readonly [number, number]} from @param {readonly [number, number]} to @param {number} colour */
  function draw(from, to, colour = palette.chosen) {
    const stroke = { mark: myMark, colour, width: WIDTH, from, to }
    drawing.add(stroke)
    channel.send(stroke)
    figures.sent++
  }

  /** @type {readonly [number, number] | undefined} */
  let last
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId)
    last = placeOf(canvas, event)
    draw(last, last)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (!last) return
    for (const move of event.getCoalescedEvents()) {
      const to = placeOf(canvas, move)
      draw(last, to)
      last = to
    }
  })
  for (const end of /** @type {const} */ (['pointerup', 'pointercancel']))
    canvas.addEventListener(end, () => {
      last = undefined
    })
  element('wave').addEventListener('click', () => {
    const colour = palette.chosen
    drawWave((from, to) => draw(from, to, colour))
  })
  element('wipe').addEventListener('click', () => drawing.clear())

  return {
    render() {
      setText(element('frames-sent'), String(figures.sent))
      setText(element('frames-back'), String(figures.back))
      setText(element('frames-others'), String(figures.others))
      const label = `Shared canvas: ${figures.sent} pieces drawn here, ${figures.others} by others`
      if (canvas.ariaLabel !== label) canvas.ariaLabel = label
    },
  }
}
