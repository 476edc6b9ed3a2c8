import { createCanvasView } from './chat/canvas-view.js'
import { RoundTrip } from './chat/round-trip.js'
import { createServersView } from './chat/servers-view.js'
import { client, server } from './chat/talk-client.js'
import { talkHarms } from './chat/talk-harms.js'
import { Talks } from './chat/talks.js'
import { createTalksView } from './chat/talks-view.js'
import { tellConversation } from './chat/teller.js'
import { createUploadView } from './chat/upload-view.js'
import { createWrongsView } from './chat/wrongs-view.js'
import { element, setText } from './page/dom.js'
import { createHarmsView } from './page/harms-view.js'
import { History } from './page/history.js'
import { createLogView } from './page/log-view.js'
import { createModel } from './page/model.js'
import { createRetryView } from './page/retry-view.js'
import { settings } from './page/settings.js'
import { createStatusView } from './page/status-view.js'
import { tellEvents } from './page/storyteller.js'
import { seconds } from './page/words.js'

const { socket } = client
/** How often what runs by itself is drawn: waits, progress, how long somebody was silent. */
const FRAME_MS = 100
const FIRST_ROOM = 'lobby'

const log = createLogView(element('log'))
const history = new History()
const model = createModel(socket, history)
const talks = new Talks(client, () => render())
const servers = createServersView(server)
const wrongs = createWrongsView(client, log)
const views = [
  createStatusView(),
  createRetryView(socket, log),
  createHarmsView(talkHarms, socket, history, log),
  createTalksView(talks),
  createCanvasView(client),
  createUploadView(client, new RoundTrip(client), log),
]

function render() {
  model.refresh()
  for (const view of views) view.render(model)
}

tellEvents(socket, history, log)
/** Those that the buttons for bad messages bring about. */
const told = new Set(['invalid', 'unknown', 'raw', 'malformed', 'error'])
tellConversation(client, (event, text) => {
  log.add(event, text)
  if (told.has(event)) wrongs.show(event, text)
})
socket.on('status', render)
// In the capture phase: the client closes its socket at the same event.
window.addEventListener('pagehide', () => talks.say('bye'), { capture: true })

setText(element('refuse-name'), `Refuse for ${seconds(settings.refuseMs)} s`)
element('client').textContent = settings.client
const second = /** @type {HTMLAnchorElement} */ (element('second'))
second.href = location.href
talks.show(FIRST_ROOM)
setInterval(render, FRAME_MS)
void servers.list()
if (await servers.start()) client.open()
