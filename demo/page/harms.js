import { settings } from './settings.js'

const { client, refuseMs, restartMs } = settings

/** Asks the server to do something to this page. Says whether it did. */
async function ask(harm, parameters = {}) {
  const query = new URLSearchParams({ client, ...parameters })
  const answer = await fetch(`/harm/${harm}?${query}`, { method: 'POST' }).catch(() => undefined)
  return answer?.ok === true
}

/** A page cannot take its own network away. It can say what the browser would say. */
async function goOffline(offline) {
  const done = await ask('offline', { on: String(offline) })
  if (done) window.dispatchEvent(new Event(offline ? 'offline' : 'online'))
  return done
}

const isOpen = (status) => status === 'open'
const isTrying = (status) => ['connecting', 'open', 'backoff', 'offline'].includes(status)

/**
 * What a person can do to this page's link: one entry a button, whose words are in index.html.
 *
 * @typedef {object} Harm
 * @property {string} id the button's
 * @property {string} short for the timeline
 * @property {(status: string) => boolean} when in which statuses it makes sense
 * @property {(on: boolean) => Promise<boolean>} press does it, and says whether that worked; told whether to go on or off
 * @property {boolean} [isSwitch] a second press ends it
 * @property {number} [lastsMs] how long it lasts, if it ends by itself
 */

/** @type {readonly Harm[]} */
export const harms = [
  {
    id: 'cut',
    short: 'Cut',
    when: isOpen,
    press: () => ask('cut'),
  },
  {
    id: 'silent',
    short: 'Silence',
    when: isOpen,
    press: () => ask('silent'),
  },
  {
    id: 'refuse',
    short: 'Refuse',
    when: () => true,
    press: () => ask('refuse', { ms: String(refuseMs) }),
    lastsMs: refuseMs,
  },
  {
    id: 'restart',
    short: '1012',
    when: isOpen,
    press: () => ask('restart', { ms: String(restartMs) }),
    lastsMs: restartMs,
  },
  {
    id: 'busy',
    short: '1013',
    when: isOpen,
    press: () => ask('busy'),
  },
  {
    id: 'policy',
    short: '1008',
    when: isOpen,
    press: () => ask('policy'),
  },
  {
    id: 'slow',
    short: 'Slow',
    when: () => true,
    press: (on) => ask('slow', { on: String(on) }),
    isSwitch: true,
  },
  {
    id: 'offline',
    short: 'Offline',
    when: isTrying,
    press: goOffline,
    isSwitch: true,
  },
]
