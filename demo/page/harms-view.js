import { element, setText } from './dom.js'
import { rangeWords, seconds } from './words.js'

/** What the words of index.html say for the usual settings. */
export function sayTimes({ refuseMs, restartMs }) {
  setText(element('refuse-name'), `Refuse for ${seconds(refuseMs)} s`)
  setText(element('restart-window'), rangeWords({ lowMs: restartMs, highMs: 2 * restartMs, by: 'server' }))
}

/**
 * The buttons. One that makes no sense now stays where it is and keeps the focus, so `aria-disabled` and not `disabled`.
 *
 * @param {readonly import('./harms.js').Harm[]} harms
 * @param {import('./model.js').Socket} socket
 * @param {import('./history.js').History} history
 * @param {import('./log-view.js').Log} log
 */
export function createHarmsView(harms, socket, history, log) {
  const controls = harms.map((harm) => {
    const button = element(harm.id)
    const tag = element(`${harm.id}-tag`)
    /** What it does now, while it does it. @type {import('./history.js').Span | undefined} */
    let active
    /** While the server is asked, nobody knows what a second press would mean. */
    let asking = false

    const isOn = () => active !== undefined && active.to > performance.now()
    const makesSense = () => harm.when(socket.status) || (harm.isSwitch === true && isOn())

    async function press() {
      const turnOn = !(harm.isSwitch && isOn())
      log.add('harm', `You ${turnOn ? 'pressed' : 'ended'} “${element(`${harm.id}-name`).textContent}”`)
      const from = performance.now()
      if (!(await harm.press(turnOn))) return log.add('failed', 'The server could not be asked for that')
      if (!turnOn && active) history.end(active, performance.now())
      if (turnOn)
        active = history.harm(harm.short, from, harm.isSwitch ? Infinity : from + (harm.lastsMs ?? 0))
    }

    function render() {
      const sense = makesSense()
      button.ariaDisabled = String(!sense)
      if (harm.isSwitch) button.ariaPressed = String(isOn())
      const left = isOn() && active ? Math.ceil((active.to - performance.now()) / 1_000) : 0
      const state = left === Infinity ? 'on' : left > 0 ? `${left} s left` : ''
      setText(tag, state || (sense ? '' : 'no link'))
    }

    button.addEventListener('click', async () => {
      if (asking || button.ariaDisabled === 'true') return
      asking = true
      await press()
      asking = false
    })
    return { render }
  })

  return {
    render() {
      for (const control of controls) control.render()
    },
  }
}
