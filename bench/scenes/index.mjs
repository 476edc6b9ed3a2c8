/** What is measured, in the order of the report. */
import { chatDelay } from './chat-delay.mjs'
import { cork } from './cork.mjs'
import { cpu } from './cpu.mjs'
import { deadLink } from './dead-link.mjs'
import { flush } from './flush.mjs'
import { frames } from './frames.mjs'
import { heap } from './heap.mjs'
import { ownCost } from './own-cost.mjs'
import { pieces } from './pieces.mjs'
import { queue } from './queue.mjs'
import { rate } from './rate.mjs'
import { size } from './size.mjs'
import { talk } from './talk.mjs'
import { textIn } from './text-in.mjs'
import { textOut } from './text-out.mjs'

/** @type {Record<string, import('./scene.mjs').Scene>} */
export const scenes = {
  size,
  rate,
  cpu,
  'own-cost': ownCost,
  cork,
  flush,
  queue,
  heap,
  frames,
  pieces,
  'text-in': textIn,
  'text-out': textOut,
  talk,
  'chat-delay': chatDelay,
  'dead-link': deadLink,
}
