import { element, setText } from './dom.js'
import { causeWords, drawWords, duration, sentenceCase, statusWords } from './words.js'

/** The sentence below the word. It is read out, so nothing stands in it that changes by the second. */
function sentence({ snapshot, links, downtimeMs, range }) {
  const { status, attempt, delayMs, cause, unavailable } = snapshot
  const why = cause ? causeWords(cause) : 'there is no link'
  switch (status) {
    case 'connecting':
      return attempt > 1 ? `Attempt ${attempt} is under way.` : 'An attempt is under way.'
    case 'open':
      return downtimeMs === undefined
        ? 'Messages go out as they are sent.'
        : `Back after ${duration(downtimeMs)}, on link ${links}.`
    case 'backoff':
      return `${unavailable ? 'The server seems to be away' : sentenceCase(why)}. Attempt ${attempt + 1} comes after ${duration(delayMs ?? 0)}${drawWords(range)}.`
    case 'offline':
      return 'The network is said to be gone. Its return ends the wait.'
    case 'failed':
      return `${sentenceCase(why)}. What waits is kept.`
    default:
      return 'There is no link.'
  }
}

/** What runs by itself: how long it has been so, or how long until the next try; and how much of that is left. */
function paceOf({ snapshot, changedAt, waitUntil }, now) {
  const { status, delayMs } = snapshot
  if (delayMs !== undefined) {
    const leftMs = Math.max(0, waitUntil - now)
    return { text: `Next try in ${(leftMs / 1_000).toFixed(1)} s`, left: delayMs > 0 ? leftMs / delayMs : 0 }
  }
  if (status === 'open') return { text: `Up for ${duration(now - changedAt)}`, left: 1 }
  if (status === 'connecting') return { text: `Trying for ${duration(now - changedAt)}`, left: 0 }
  return { text: `For ${duration(now - changedAt)}`, left: 0 }
}

/** Status as a shape, a word and a sentence, and the way to the next attempt. */
export function createStatusView() {
  const card = element('status')
  const shape = element('status-shape')
  const word = element('status-word')
  const text = element('status-text')
  const bar = element('pace-bar')
  const paceText = element('pace-text')

  return {
    /** @param {import('./model.js').Model} model */
    render(model) {
      const { status } = model.snapshot
      if (card.dataset['status'] !== status) {
        card.dataset['status'] = status
        shape.setAttribute('href', `#shape-${status}`)
      }
      setText(word, statusWords[status])
      setText(text, sentence(model))
      const pace = paceOf(model, performance.now())
      setText(paceText, pace.text)
      bar.style.setProperty('--left', String(pace.left))
    },
  }
}
