/** What is measured, in the order of the report. */
import { cork } from './cork.mjs'
import { cpu } from './cpu.mjs'
import { deadLink } from './dead-link.mjs'
import { flush } from './flush.mjs'
import { heap } from './heap.mjs'
import { ownCost } from './own-cost.mjs'
import { queue } from './queue.mjs'
import { rate } from './rate.mjs'
import { size } from './size.mjs'

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
  'dead-link': deadLink,
}
