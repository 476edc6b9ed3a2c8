import { element, setText } from '../page/dom.js'
import { me } from './me.js'
import { STROKE_TYPE } from './strokes.js'

/**
 * What a person can have go wrong: one entry a button, whose words are in chat.html. What comes of it is told by the
 * client, but for what `press` answers.
 *
 * @typedef {(client: import('./talk-client.js').TalkClient, mirror: import('../../src/index.ts').Room<any>) =>
 *   Promise<string> | string | void} Wrong
 */

/** @type {Record<string, Wrong>} */
const wrongs = {
  'wrong-payload': (_client, mirror) => {
    mirror.broadcast({ type: 'chat.line', payload: { id: 'x', text: 42, from: { id: 'y' } } })
  },

  'wrong-type': (_client, mirror) => {
    mirror.broadcast({ type: 'weather.report', payload: { sky: 'clear' } })
  },

  'wrong-text': (_client, mirror) => {
    mirror.broadcast('The tide is out')
  },

  'wrong-frame': (client) => {
    client.binary(STROKE_TYPE).send(new Uint8Array([1, 2, 3]))
  },

  'wrong-send': (client) => {
    try {
      // @ts-expect-error: the types say so too, where they are asked
      client.send('chat.line', { text: 42 })
      return 'It was sent'
    } catch (error) {
      return `Not sent. ${/** @type {Error} */ (error).message}`
    }
  },

  'wrong-request': async (client) => {
    try {
      await client.request('no.such.thing')
      return 'It was answered'
    } catch (error) {
      return /** @type {Error} */ (error).message
    }
  },
}

/**
 * The buttons by which a person has bad messages sent, and what came of the last one.
 *
 * @param {import('./talk-client.js').TalkClient} client
 * @param {import('../page/log-view.js').Log} log
 */
export function createWrongsView(client, log) {
  const outcome = element('wrong-outcome')
  const name = element('wrong-name')
  // Only this page is in there, so the server sends what it says there to nobody else.
  const mirror = client.room(`mirror:${me.id}`)

  function show(event, text) {
    setText(name, event)
    setText(outcome, text)
  }

  for (const [id, press] of Object.entries(wrongs)) {
    element(id).addEventListener('click', async () => {
      log.add('harm', `You pressed “${element(`${id}-name`).textContent}”`)
      const told = await press(client, mirror)
      if (told === undefined) return
      show('error', told)
      log.add('error', told)
    })
  }

  return { show }
}
