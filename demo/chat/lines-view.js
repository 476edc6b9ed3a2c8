import { setText } from '../page/dom.js'
import { duration, milliseconds } from '../page/words.js'

/** @param {import('./talk.js').Line} line */
function fateOf({ kind, receipt, backMs, error }) {
  if (kind !== 'own') return ''
  if (error !== undefined) return `not sent: ${error}`
  if (backMs !== undefined) return `✓ back after ${backMs < 1_000 ? milliseconds(backMs) : duration(backMs)}`
  switch (receipt?.status) {
    case 'queued':
      return 'waits'
    case 'written':
      return 'written'
    case 'in-doubt':
      return 'in doubt'
    default:
      return `not sent: ${receipt?.reason}`
  }
}

/** @param {import('./talk.js').Line} line */
function nodeFor({ id, kind, name, text, at }) {
  const item = document.createElement('li')
  item.dataset['id'] = id
  item.dataset['kind'] = kind
  if (name !== undefined) {
    const who = document.createElement('b')
    who.textContent = name
    item.append(who)
  }
  const words = document.createElement('span')
  words.className = 'said'
  words.textContent = text
  const time = document.createElement('time')
  time.dateTime = at.toISOString()
  time.textContent = at.toTimeString().slice(0, 5)
  const fate = document.createElement('small')
  item.append(words, fate, time)
  return item
}

/**
 * The lines of the talk that is shown. A line's node is made once: only new ones are read out.
 *
 * @param {HTMLElement} list
 */
export function createLinesView(list) {
  const box = /** @type {HTMLElement} */ (list.parentElement)
  /** @type {Map<string, { item: HTMLElement, fate: Element }>} */
  const nodes = new Map()
  /** @type {import('./talk.js').Talk | undefined} */
  let shown

  function add(line) {
    const item = nodeFor(line)
    nodes.set(line.id, { item, fate: /** @type {Element} */ (item.querySelector('small')) })
    list.append(item)
  }

  return {
    /** @param {import('./talk.js').Talk | undefined} talk */
    render(talk) {
      if (talk !== shown) {
        list.replaceChildren()
        nodes.clear()
        shown = talk
      }
      const lines = talk?.lines ?? []
      const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40
      let grew = false
      for (const line of lines) {
        if (!nodes.has(line.id)) {
          add(line)
          grew = true
        }
        const node = nodes.get(line.id)
        if (!node) continue
        const fate = fateOf(line)
        setText(node.fate, fate)
        node.item.dataset['fate'] = fate.split(' ')[0] ?? ''
      }
      while (list.childElementCount > lines.length) {
        nodes.delete(/** @type {HTMLElement} */ (list.firstElementChild).dataset['id'] ?? '')
        list.firstElementChild?.remove()
      }
      if (grew && atEnd) box.scrollTop = box.scrollHeight
    },
  }
}
