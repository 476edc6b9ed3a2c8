import { element, setText } from '../page/dom.js'
import { duration } from '../page/words.js'
import { me } from './me.js'

/** Who seems to be in the room that is shown. A name that was not heard of for a while fades. */
export function createPeopleView() {
  const list = element('people')

  function itemAt(index) {
    const item = list.children[index] ?? list.appendChild(document.createElement('li'))
    return /** @type {HTMLElement} */ (item)
  }

  return {
    /** @param {import('./talk.js').Talk | undefined} talk */
    render(talk) {
      const joined = talk?.room.status === 'joined'
      const others = talk?.people.list(performance.now()) ?? []
      const all = [
        { text: joined ? `${me.name} (you)` : `${me.name} (you, not in there now)`, faded: !joined },
        ...others.map(({ name, faded, silentMs }) => ({
          text: faded ? `${name}, silent for ${duration(silentMs)}` : name,
          faded,
        })),
      ]
      for (const [index, { text, faded }] of all.entries()) {
        const item = itemAt(index)
        setText(item, text)
        item.dataset['faded'] = String(faded)
      }
      while (list.childElementCount > all.length) list.lastElementChild?.remove()
    },
  }
}
