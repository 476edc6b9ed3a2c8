import { clockTime } from './words.js'

/** More lines than that nobody scrolls through. */
const MAX_LINES = 200

/** What happened, the latest first. @param {HTMLElement} list */
export function createLogView(list) {
  return {
    /**
     * @param {string} event what happened, for the shape of the mark and for tests: the name of the socket's event, or
     *   `harm` for what the person did
     * @param {string} text
     */
    add(event, text) {
      const line = document.createElement('li')
      line.dataset.event = event
      const time = document.createElement('time')
      const now = new Date()
      time.dateTime = now.toISOString()
      time.textContent = clockTime(now)
      const words = document.createElement('span')
      words.textContent = text
      line.append(time, words)
      list.prepend(line)
      while (list.childElementCount > MAX_LINES) list.lastElementChild?.remove()
    },
  }
}

/** @typedef {ReturnType<typeof createLogView>} Log */
