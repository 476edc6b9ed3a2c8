const PIECES = 120
const EVERY_MS = 20
const MARGIN = 0.04

/** A wave of a height and a length drawn by chance, as a function of a place from 0 to 1. */
function drawShape() {
  const [height, waves, phase] = [0.12 + Math.random() * 0.25, 2 + Math.random() * 4, Math.random() * 7]
  return (at) => 0.5 + height * Math.sin(phase + at * waves * 2 * Math.PI) * Math.sin(at * Math.PI)
}

/**
 * Draws a wave piece by piece: a stream of frames, without a pointer.
 *
 * @param {(from: readonly [number, number], to: readonly [number, number]) => void} draw
 */
export function drawWave(draw) {
  const shape = drawShape()
  const placeAt = (index) => {
    const at = index / PIECES
    return /** @type {const} */ ([MARGIN + at * (1 - 2 * MARGIN), shape(at)])
  }
  let index = 0
  const timer = setInterval(() => {
    draw(placeAt(index), placeAt(index + 1))
    if (++index === PIECES) clearInterval(timer)
  }, EVERY_MS)
}
