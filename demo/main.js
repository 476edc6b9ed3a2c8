import { element } from './page/dom.js'
import { showRanges } from './page/draw-range.js'
import { animate } from './page/frames.js'
import { harms } from './page/harms.js'
import { createHarmsView, sayTimes } from './page/harms-view.js'
import { History, recordSocket } from './page/history.js'
import { Ledger } from './page/ledger.js'
import { createLinkView } from './page/link-view.js'
import { createLogView } from './page/log-view.js'
import { createMessagesView } from './page/messages-view.js'
import { createModel } from './page/model.js'
import { createPlotsView } from './page/plots-view.js'
import { createRetryView } from './page/retry-view.js'
import { settings } from './page/settings.js'
import { createStatusView } from './page/status-view.js'
import { numbersIn, tellDoubt, tellEvents, tellSettled } from './page/storyteller.js'
import { createTapeView } from './page/tape-view.js'
import { createTimelineView } from './page/timeline-view.js'
import { createTimelineWords } from './page/timeline-words.js'
import { numberList } from './page/words.js'

const { ReconnectingWebSocket, defaultBackoff, envelopeHeartbeat } = Holdfast
const { client, everyMs, maxWaitMs, stableMs } = settings

/** As many as the queue holds by default: a flush of all of them can be in doubt at once. */
const KEEP_IN_DOUBT = 10_000
/** How often what runs by itself is drawn: waits and ages, what scrolls, and the plots. */
const FRAME_MS = 100
const SCROLL_MS = 30
const PLOT_MS = 250

/** Its default, within the bound too. */
const slowMs = Math.min(10_000, maxWaitMs)
const ranges = showRanges((context) => Math.min(defaultBackoff(context), maxWaitMs), slowMs)

const socket = new ReconnectingWebSocket(`/socket?client=${client}`, [], {
  autoConnect: false,
  // Brisker than the default, since somebody watches; so is `stableMs`.
  heartbeat: envelopeHeartbeat({ intervalMs: 3_000, timeoutMs: 3_000 }),
  backoff: ranges.backoff,
  retry: { slowMs, stableMs },
  keepInDoubt: KEEP_IN_DOUBT,
})

const history = new History()
recordSocket(socket, history, ranges.rangeOf)
const ledger = new Ledger()
const model = createModel(socket, history)
const log = createLogView(element('log'))
const views = [
  createStatusView(),
  createRetryView(socket, log),
  createHarmsView(harms, socket, history, log),
  createMessagesView(ledger),
  createTapeView(ledger),
  createLinkView(),
  createTimelineWords(history),
]

function refresh() {
  model.refresh()
  ledger.holds(model.queued.count)
}

function render() {
  refresh()
  for (const view of views) view.render(model)
}

tellEvents(socket, history, log)
socket.on('message', ({ data }) => {
  const { type, payload } = JSON.parse(data)
  if (type !== 'count') return
  tellSettled(log, ledger.counted(payload))
  render()
})
socket.on('indoubt', ({ messages }) => {
  const numbers = numbersIn(messages)
  tellDoubt(log, numbers, ledger.doubted(numbers))
})
socket.on('drop', ({ data, reason }) => {
  const numbers = numbersIn([data])
  log.add('drop', `Dropped, ${reason}: ${numberList(numbers)}`)
  for (const number of numbers) ledger.dropped(number)
})
// Not `subscribe`: that comes before the event, and the history is written by the event.
socket.on('status', render)

/** Sends the next number, link or no link: the socket sees to the rest. A number that it does not take is not used up. */
function tick() {
  refresh()
  try {
    socket.send(JSON.stringify({ type: 'tick', payload: { number: ledger.sent + 1 } }))
    ledger.wrote(socket.queued.count)
  } catch (error) {
    log.add('failed', `Not sent: ${/** @type {Error} */ (error).message}`)
  }
  render()
}

element('client').textContent = client
sayTimes(settings)
socket.open()
setInterval(tick, everyMs)
setInterval(render, FRAME_MS)
animate(SCROLL_MS, createTimelineView(history).draw)
animate(PLOT_MS, createPlotsView(socket).draw)
render()
