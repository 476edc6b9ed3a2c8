import { element, setText } from './dom.js'

/** The way to the next attempt: sooner than planned, or again after the end. @param {import('./log-view.js').Log} log */
export function createRetryView(socket, log) {
  const button = element('retry')
  const label = element('retry-label')

  button.addEventListener('click', () => {
    if (button.ariaDisabled === 'true') return
    log.add('harm', `You pressed “${label.textContent}”`)
    socket.reconnect()
  })

  return {
    /** @param {import('./model.js').Model} model */
    render({ snapshot: { status } }) {
      const waits = status === 'backoff' || status === 'offline'
      const ended = status === 'failed' || status === 'closed' || status === 'suspended'
      button.ariaDisabled = String(!waits && !ended)
      setText(label, ended ? 'Open again' : 'Try now')
    },
  }
}
