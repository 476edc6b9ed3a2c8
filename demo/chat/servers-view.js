import { element, setText } from '../page/dom.js'

/** The address of this page with another server. @param {string} id */
function addressFor(id) {
  const query = new URLSearchParams(location.search)
  query.set('server', id)
  return `${location.pathname}?${query}`
}

/** Whether the machine has what a server needs. @param {{ id: string, missing?: string }} server */
function showServer({ id, missing }) {
  const link = /** @type {HTMLAnchorElement} */ (element(`server-${id}`))
  if (missing === undefined) {
    link.href = addressFor(id)
    return
  }
  const why = document.createElement('small')
  why.id = `server-${id}-why`
  why.textContent = `Not on this machine: ${missing}`
  link.removeAttribute('href')
  link.role = 'link'
  link.ariaDisabled = 'true'
  link.setAttribute('aria-describedby', why.id)
  link.after(why)
}

/**
 * The choice of a server. Each is another world with rooms of its own, so the page begins anew with it.
 *
 * @param {string} current
 */
export function createServersView(current) {
  const note = element('server-note')

  return {
    async list() {
      element(`server-${current}`).ariaCurrent = 'true'
      const answer = await fetch('/servers').catch(() => undefined)
      if (answer?.ok) for (const server of await answer.json()) showServer(server)
    },

    /** Has the server started, where it does not run yet. Says whether it runs. */
    async start() {
      const answer = await fetch(`/servers/${current}`, { method: 'POST' }).catch(() => undefined)
      const said = await answer?.json().catch(() => undefined)
      const why = said?.error ?? 'it could not be asked for'
      setText(note, answer?.ok ? 'It runs.' : `The server does not run: ${why}.`)
      return answer?.ok === true
    },
  }
}
