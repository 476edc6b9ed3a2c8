import { element, setText } from './dom.js'
import { settings } from './settings.js'
import { duration } from './words.js'

const { client, refuseMs } = settings

/** Asks the server to do something to this page. Says whether it will. */
async function ask(harm, parameters = {}) {
  const query = new URLSearchParams({ client, ...parameters })
  const answer = await fetch(`/harm/${harm}?${query}`, { method: 'POST' }).catch(() => undefined)
  return answer?.ok === true
}

/**
 * The buttons: one entry each. `when` says in which statuses a button makes sense. A button that makes none stays where
 * it is and keeps the focus, so `aria-disabled` and not `disabled`.
 *
 * @param {import('./model.js').Socket} socket
 * @param {import('./storyteller.js').Log} log
 */
export function createControls(socket, log) {
  let refusedUntil = 0

  const controls = [
    {
      button: element('cut'),
      when: (status) => status === 'open',
      async press() {
        log.add('harm', 'You pressed “Cut the link”')
        return ask('cut')
      },
    },
    {
      button: element('refuse'),
      when: () => true,
      async press() {
        log.add('harm', `You pressed “Refuse for ${duration(refuseMs)}”`)
        const done = await ask('refuse', { ms: String(refuseMs) })
        if (done) refusedUntil = performance.now() + refuseMs
        return done
      },
    },
    {
      button: element('retry'),
      when: (status) => status !== 'open' && status !== 'connecting',
      async press() {
        log.add('harm', 'You pressed “Try now”')
        socket.reconnect()
        return true
      },
    },
  ]

  setText(element('refuse-label'), `Refuse for ${duration(refuseMs)}`)
  for (const { button, press } of controls) {
    button.addEventListener('click', async () => {
      if (button.ariaDisabled === 'true') return
      if (!(await press())) log.add('failed', 'The server could not be asked for that')
    })
  }

  const refusal = element('refusal')
  return {
    /** @param {import('./model.js').Model} model */
    render({ snapshot }) {
      for (const { button, when } of controls) button.ariaDisabled = String(!when(snapshot.status))
      const leftMs = refusedUntil - performance.now()
      const refusing = `The server lets this page in again in ${Math.ceil(leftMs / 1_000)} s.`
      setText(refusal, leftMs > 0 ? refusing : 'What you do here concerns this tab only.')
    },
  }
}
