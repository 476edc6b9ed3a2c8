import { element } from './dom.js'

/** How many messages are shown, and how many of the oldest go at once when there are more: whole rows. */
const CELLS = 120
const ROW = 60

/** The signs beside colour and fill; style.css has the shapes. */
const signs = { unsent: '', waiting: '', underway: '', arrived: '', doubt: '?', lost: '×', missing: '!' }

/**
 * The last messages as a row of cells, each of which shows where its message is.
 *
 * @param {import('./ledger.js').Ledger} ledger
 */
export function createTapeView(ledger) {
  const tape = element('tape')
  const cells = Array.from({ length: CELLS }, () => {
    const cell = document.createElement('span')
    cell.className = 'cell'
    return cell
  })
  tape.replaceChildren(...cells)

  return {
    render() {
      const before = Math.max(0, Math.ceil((ledger.sent - CELLS) / ROW) * ROW)
      for (const [index, cell] of cells.entries()) {
        const place = ledger.placeOf(before + index + 1)
        if (cell.dataset['place'] === place) continue
        cell.dataset['place'] = place
        cell.textContent = signs[place]
      }
      const from = ledger.sent > 0 ? before + 1 : 0
      const label = `Messages ${from} to ${ledger.sent}: ${ledger.arrived} of all ${ledger.sent} with the server`
      if (tape.ariaLabel !== label) tape.ariaLabel = label
    },
  }
}
