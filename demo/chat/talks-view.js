import { element, setText } from '../page/dom.js'
import { createLinesView } from './lines-view.js'
import { me } from './me.js'
import { createPeopleView } from './people-view.js'

/** What each status of a room means, in a word or two. */
const words = {
  joining: 'joining',
  joined: 'joined',
  rejoining: 'waits to be joined again',
  left: 'left',
  failed: 'refused',
}

/** @param {() => void} press */
function createChip(press) {
  const item = document.createElement('li')
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'chip'
  const name = document.createElement('span')
  const count = document.createElement('span')
  count.className = 'count'
  button.append(name, count)
  button.addEventListener('click', press)
  item.append(button)

  return {
    item,
    /** @param {import('./talk.js').Talk} talk */
    render(talk) {
      setText(name, talk.name)
      setText(count, talk.unread > 0 ? `${talk.unread} new` : '')
      button.ariaPressed = String(talk.shown)
      button.dataset['status'] = talk.room.status
      button.title = words[talk.room.status]
    },
  }
}

/** The rooms as a row of chips. @param {import('./talks.js').Talks} talks */
function createChips(talks) {
  const list = element('rooms')
  /** @type {Map<string, ReturnType<typeof createChip>>} */
  const chips = new Map()

  return () => {
    const names = new Set(talks.all.map(({ name }) => name))
    for (const [name, { item }] of chips) {
      if (names.has(name)) continue
      item.remove()
      chips.delete(name)
    }
    for (const talk of talks.all) {
      const chip = chips.get(talk.name) ?? createChip(() => talks.show(talk.name))
      if (!chips.has(talk.name)) list.append(chip.item)
      chips.set(talk.name, chip)
      chip.render(talk)
    }
  }
}

/** The rooms, and the talk in the one that is shown. @param {import('./talks.js').Talks} talks */
export function createTalksView(talks) {
  const renderChips = createChips(talks)
  const lines = createLinesView(element('lines'))
  const people = createPeopleView()
  const title = element('room-name')
  const status = element('room-status')
  const leave = element('leave')
  const wanted = /** @type {HTMLInputElement} */ (element('room-wanted'))
  const text = /** @type {HTMLInputElement} */ (element('text'))
  const name = /** @type {HTMLInputElement} */ (element('my-name'))
  name.value = me.name

  element('join-form').addEventListener('submit', (event) => {
    event.preventDefault()
    const room = wanted.value.trim()
    if (room === '') return
    wanted.value = ''
    talks.show(room)
    text.focus()
  })
  element('say-form').addEventListener('submit', (event) => {
    event.preventDefault()
    const said = text.value.trim()
    if (said === '' || !talks.current) return
    text.value = ''
    talks.current.say(said)
  })
  leave.addEventListener('click', () => {
    if (leave.ariaDisabled === 'true') return
    talks.leave()
    text.focus()
  })
  name.addEventListener('change', () => {
    if (me.rename(name.value)) talks.say('here')
    name.value = me.name
  })

  /** @param {import('./talk.js').Talk | undefined} talk */
  function statusOf(talk) {
    if (!talk) return 'Join a room to talk.'
    const { status, error } = talk.room
    return status === 'failed' ? `refused: ${error?.message}` : words[status]
  }

  return {
    render() {
      const talk = talks.current
      renderChips()
      lines.render(talk)
      people.render(talk)
      setText(title, talk ? talk.name : 'No room')
      setText(status, statusOf(talk))
      status.dataset['status'] = talk?.room.status ?? 'left'
      leave.ariaDisabled = String(talk === undefined)
    },
  }
}
