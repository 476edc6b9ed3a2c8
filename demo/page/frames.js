/** How often what scrolls is drawn; and how often for a person who wants less motion. */
const CALM_MS = 1_000
const calm = matchMedia('(prefers-reduced-motion: reduce)')

/**
 * Calls `draw` again and again while the page is seen.
 *
 * @param {number} everyMs
 * @param {(now: number) => void} draw gets the time of `performance.now()`
 */
export function animate(everyMs, draw) {
  let drawnAt = -Infinity
  function frame() {
    const now = performance.now()
    if (now - drawnAt >= (calm.matches ? CALM_MS : everyMs)) {
      drawnAt = now
      draw(now)
    }
    requestAnimationFrame(frame)
  }
  frame()
}
