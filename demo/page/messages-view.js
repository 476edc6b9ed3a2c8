import { element, setText } from './dom.js'
import { bytes, numberList, plural } from './words.js'

/** What the figures come to, in a sentence; and whether it is good. */
function verdictOn(ledger) {
  const { missing, lost, duplicates, doubt, waiting } = ledger
  const held = waiting > 0 ? ` ${waiting} in the queue.` : ''
  if (missing.length > 0) return { tone: 'bad', text: `Missing without a word: ${numberList(missing)}.` }
  if (duplicates > 0) return { tone: 'bad', text: `${plural(duplicates, 'message')} came twice.` }
  if (doubt.length > 0) return { tone: 'doubt', text: `In doubt, and told so: ${numberList(doubt)}.${held}` }
  if (lost.length > 0) {
    const were = lost.length === 1 ? '1 was' : `${lost.length} were`
    return { tone: 'good', text: `Nothing queued is missing. ${were} lost with a link, as told.${held}` }
  }
  return { tone: 'good', text: `Nothing is missing.${held}` }
}

/** The figures of page and server side by side, and what they come to. @param {import('./ledger.js').Ledger} ledger */
export function createMessagesView(ledger) {
  const verdict = element('verdict')
  const figures = {
    sent: element('sent'),
    received: element('received'),
    queued: element('queued'),
    bytes: element('queued-bytes'),
    missing: element('missing'),
  }

  return {
    /** @param {import('./model.js').Model} model */
    render({ queued }) {
      setText(figures.sent, String(ledger.sent))
      setText(figures.received, String(ledger.arrived))
      setText(figures.queued, String(queued.count))
      setText(figures.bytes, bytes(queued.bytes))
      setText(figures.missing, ledger.missing.length === 0 ? 'none' : String(ledger.missing.length))
      const { tone, text } = verdictOn(ledger)
      verdict.dataset['tone'] = tone
      setText(element('verdict-text'), text)
    },
  }
}
