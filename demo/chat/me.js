import { settings } from '../page/settings.js'

/** What a name is drawn from, for who has not said another. */
const NAMES = [
  'Anemone',
  'Bladderwrack',
  'Cuttlefish',
  'Dabberlocks',
  'Limpet',
  'Periwinkle',
  'Sea otter',
  'Urchin',
]
const MAX_NAME = 24

const stored = sessionStorage.getItem('name')
const drawn = NAMES[Number.parseInt(settings.client.slice(0, 2), 16) % NAMES.length] ?? 'Somebody'

/** @typedef {{ id: string, name: string }} Person */

/** Who this page says that it is: an id of its own, and a name that a person may change. */
export const me = {
  id: settings.client,
  name: stored ?? `${drawn} ${settings.client.slice(-2)}`,

  /** A name that is empty is none. Says whether it is another one now. @param {string} wanted */
  rename(wanted) {
    const name = wanted.trim().slice(0, MAX_NAME)
    if (name === '' || name === me.name) return false
    me.name = name
    sessionStorage.setItem('name', name)
    return true
  },
}

let drawnIds = 0

/** An id for a message, unlike any other. */
export function drawId() {
  return `${me.id}-${++drawnIds}`
}
