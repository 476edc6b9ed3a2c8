import { element, setText } from '../page/dom.js'
import { megabytes, share } from './sizes.js'
import { myMark } from './strokes.js'

/** The pieces of files go to whoever is in this room, as all frames do. */
const ROOM = 'binary-stream'
const MAX_ENDED = 4

/** A mark as the id of its page begins. @param {number} mark */
function nameOf(mark) {
  return mark.toString(16).padStart(8, '0')
}

/**
 * Files that arrive, the page's own among them: a plain server sends a frame to all in the room, its sender too. That
 * proves that a file comes through whole.
 *
 * @param {import('./talk-client.js').TalkClient} client
 * @param {import('../../src/index.ts').BinaryChannel<Uint8Array, import('./files.js').Arrival>} channel
 * @param {import('../page/log-view.js').Log} log
 */
export function createArrivalsView(client, channel, log) {
  const list = element('arrivals')
  const takePart = /** @type {HTMLInputElement} */ (element('take-part'))
  /** Those under way, by the id of their pieces. @type {Map<string, HTMLElement>} */
  const pending = new Map()
  /** @type {import('../../src/index.ts').Room<any> | undefined} */
  let room

  function choose() {
    room?.leave()
    room = takePart.checked ? client.room(ROOM) : undefined
  }
  takePart.addEventListener('change', choose)
  choose()

  function add() {
    const item = document.createElement('li')
    list.prepend(item)
    while (list.childElementCount > MAX_ENDED + pending.size) list.lastElementChild?.remove()
    return item
  }

  client.events.on('progress', ({ id, receivedBytes, bytes }) => {
    if (receivedBytes === bytes) {
      pending.get(id)?.remove()
      pending.delete(id)
      return
    }
    const item = pending.get(id) ?? add()
    pending.set(id, item)
    setText(
      item,
      `Arriving: ${megabytes(receivedBytes)} of ${megabytes(bytes)}, ${share(receivedBytes / bytes)}`,
    )
  })
  client.events.on('incomplete', ({ id, receivedBytes }) => {
    const item = pending.get(id)
    pending.delete(id)
    if (item) setText(item, `Given up by its sender at ${megabytes(receivedBytes)}`)
  })
  channel.on(({ mark, size, whole }) => {
    const whose = mark === myMark ? 'Your file is back' : `A file of tab ${nameOf(mark)} arrived`
    const text = `${whose}: ${megabytes(size)}, ${whole ? 'each byte as it was sent' : 'and it is damaged'}`
    setText(add(), text)
    log.add(whole ? 'settled' : 'failed', text)
  })

  return {
    render() {
      element('no-arrivals').hidden = list.childElementCount > 0
    },
  }
}
