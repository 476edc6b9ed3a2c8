import { createControls } from './page/controls.js'
import { element } from './page/dom.js'
import { Ledger } from './page/ledger.js'
import { createLinkView } from './page/link-view.js'
import { createLogView } from './page/log-view.js'
import { createMessagesView } from './page/messages-view.js'
import { createModel } from './page/model.js'
import { settings } from './page/settings.js'
import { createStatusView } from './page/status-view.js'
import { numbersIn, tellDoubt, tellEvents, tellSettled } from './page/storyteller.js'
import { createTapeView } from './page/tape-view.js'

const { ReconnectingWebSocket, defaultBackoff, envelopeHeartbeat } = Holdfast
const { client, everyMs, maxWaitMs } = settings

/** As many as the queue holds by default: a flush of all of them can be in doubt at once. */
const KEEP_IN_DOUBT = 10_000
/** How often what runs by itself is drawn: waits and ages. */
const FRAME_MS = 100

const socket = new ReconnectingWebSocket(`/socket?client=${client}`, [], {
  autoConnect: false,
  // Brisker than the default, since somebody watches.
  heartbeat: envelopeHeartbeat({ intervalMs: 5_000, timeoutMs: 3_000 }),
  backoff: (context) => Math.min(defaultBackoff(context), maxWaitMs),
  // Its default, within the bound too.
  retry: { slowMs: Math.min(10_000, maxWaitMs) },
  keepInDoubt: KEEP_IN_DOUBT,
})

const ledger = new Ledger()
const model = createModel(socket, ledger)
const log = createLogView(element('log'))
const views = [
  createStatusView(),
  createMessagesView(),
  createTapeView(),
  createLinkView(),
  createControls(socket, log),
]

function render() {
  model.refresh()
  for (const view of views) view.render(model)
}

tellEvents(socket, log)
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
socket.on('drop', ({ data }) => {
  for (const number of numbersIn([data])) ledger.dropped(number)
})
socket.subscribe(render)

/** Sends the next number, link or no link: the socket sees to the rest. A number that it does not take is not used up. */
function tick() {
  model.refresh()
  try {
    socket.send(JSON.stringify({ type: 'tick', payload: { number: ledger.sent + 1 } }))
    ledger.wrote(socket.queued.count)
  } catch (error) {
    log.add('failed', `Not sent: ${/** @type {Error} */ (error).message}`)
  }
  render()
}

element('client').textContent = client
socket.open()
setInterval(tick, everyMs)
setInterval(render, FRAME_MS)
render()
