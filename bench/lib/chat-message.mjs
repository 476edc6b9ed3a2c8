/** The message of the benches of the conversation: a line of a chat, 212 bytes in all. */

export const MESSAGE_BYTES = 212

/** So many different ones that no engine can take them for one. */
const VARIETY = 64

/** @typedef {{ id: number, from: { id: string, name: string }, text: string, tags: string[], edited: boolean, sent: number }} ChatPayload */

/** @param {number} index @returns {ChatPayload} */
function payloadOf(index) {
  return {
    id: 100_000 + index,
    from: { id: `user-${1_000 + index}`, name: 'Ada L.' },
    text: 'Shall we meet at the station?',
    tags: ['plan', 'today'],
    edited: false,
    sent: 1_700_000_000_000 + index,
  }
}

/** @returns {ChatPayload[]} */
export const chatPayloads = () => Array.from({ length: VARIETY }, (_, index) => payloadOf(index))

/** The messages as they come from a server, each of `MESSAGE_BYTES`. @returns {string[]} */
export function chatTexts() {
  return chatPayloads().map((payload) => {
    const envelope = { type: 'chat', room: 'lobby', payload }
    const missing = MESSAGE_BYTES - JSON.stringify(envelope).length
    if (missing < 0) throw new RangeError(`The message is ${-missing} bytes too long`)
    payload.text += '!'.repeat(missing)
    return JSON.stringify(envelope)
  })
}
