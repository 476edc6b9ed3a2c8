import { element, setText } from '../page/dom.js'
import { duration, milliseconds } from '../page/words.js'
import { createArrivalsView } from './arrivals-view.js'
import { FILE_TYPE, fileCodec, makeFile } from './files.js'
import { megabytes, share } from './sizes.js'

const SIZES = { 'send-5': 5_000_000, 'send-16': 16_000_000 }

/**
 * An upload that goes on.
 *
 * @typedef {object} Upload
 * @property {import('../../src/index.ts').Receipt} receipt
 * @property {number} size
 * @property {number} startedAt
 */

/** @param {number | undefined} ms */
const orUnknown = (ms) => (ms === undefined ? 'not known' : milliseconds(ms))

/**
 * Large files in pieces, with a small message's round trip beside them: the pieces let it pass.
 *
 * @param {import('./talk-client.js').TalkClient} client
 * @param {import('./round-trip.js').RoundTrip} roundTrip
 * @param {import('../page/log-view.js').Log} log
 */
export function createUploadView(client, roundTrip, log) {
  const channel = client.binary(FILE_TYPE, fileCodec)
  const arrivals = createArrivalsView(client, channel, log)
  const bar = element('upload-bar')
  const note = element('upload-note')
  const cancel = element('cancel')
  const buttons = Object.keys(SIZES).map((id) => element(id))
  /** @type {Upload | undefined} */
  let upload

  /** @param {Upload} ended @param {import('../../src/index.ts').ReceiptStatus} status */
  function finish({ size, startedAt, receipt }, status) {
    upload = undefined
    roundTrip.unwatch()
    const took = duration(performance.now() - startedAt)
    const text =
      status === 'written'
        ? `${megabytes(size)} went out in ${took}. The slowest round trip meanwhile: ${milliseconds(roundTrip.worstMs)}.`
        : `Given up after ${took}, ${receipt.reason}.`
    setText(note, text)
    log.add(status === 'written' ? 'settled' : 'drop', text)
  }

  function send(size) {
    if (upload) return
    const file = makeFile(size)
    roundTrip.watch()
    try {
      const receipt = channel.send(file)
      const begun = { receipt, size, startedAt: performance.now() }
      upload = begun
      void receipt.written.then((status) => finish(begun, status))
    } catch (error) {
      roundTrip.unwatch()
      setText(note, /** @type {Error} */ (error).message)
    }
  }

  for (const [id, size] of Object.entries(SIZES)) element(id).addEventListener('click', () => send(size))
  cancel.addEventListener('click', () => upload?.receipt.abort())

  function renderProgress() {
    for (const button of buttons) button.ariaDisabled = String(upload !== undefined)
    cancel.ariaDisabled = String(upload === undefined)
    if (!upload) return
    const { sentBytes, bytes } = upload.receipt.progress
    const done = bytes > 0 ? sentBytes / bytes : 0
    bar.style.setProperty('--left', String(done))
    bar.parentElement?.setAttribute('aria-valuenow', String(Math.round(done * 100)))
    setText(note, `${megabytes(sentBytes)} of ${megabytes(bytes)} sent, ${share(done)}`)
  }

  return {
    render() {
      renderProgress()
      arrivals.render()
      setText(element('trip-now'), orUnknown(roundTrip.lastMs))
      setText(element('trip-usual'), orUnknown(roundTrip.usualMs))
      setText(element('trip-worst'), roundTrip.worstMs > 0 ? milliseconds(roundTrip.worstMs) : 'not known')
    },
  }
}
