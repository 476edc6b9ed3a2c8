import { defaultsOf, type Rules, reject, resolveOptions } from '../base/options.ts'
import { Ring } from '../base/ring.ts'

/**
 * When messages reach their handlers.
 *
 * @public
 */
export interface DeliveryOptions {
  /**
   * `immediate`: as they arrive. `tick`: all that came together, in one later macrotask. `frame`: once an animation
   * frame, and in a hidden page or without frames at least every 250 ms. `manual`: when `poll()` is called.
   * @defaultValue 'immediate'
   */
  readonly mode?: 'immediate' | 'tick' | 'frame' | 'manual'
  /** The most messages that wait to be delivered. @defaultValue 100000 */
  readonly maxCount?: number
  /** What happens to one more; it is told by the event `overrun`. @defaultValue 'drop-oldest' */
  readonly overflow?: 'drop-oldest' | 'drop-newest'
}

export type ResolvedDeliveryOptions = Required<DeliveryOptions>

const rules: Rules<ResolvedDeliveryOptions> = {
  mode: ['immediate', ['immediate', 'tick', 'frame', 'manual']],
  maxCount: [100_000, 1],
  overflow: ['drop-oldest', ['drop-oldest', 'drop-newest']],
}

export const deliveryDefaults: ResolvedDeliveryOptions = /* @__PURE__ */ defaultsOf(rules)

export const resolveDelivery = (given: unknown): ResolvedDeliveryOptions =>
  resolveOptions(rules, deliveryDefaults, given, 'delivery.')

/** In a hidden page there are no frames. */
const FRAME_AT_LEAST_MS = 250

/** What the delivery asks of the client around it. */
export interface DeliveryHost {
  defer(callback: () => void, ms: number): void
  /** Calls back before the next frame is painted, where there are frames. */
  nextFrame?: ((callback: () => void) => void) | undefined
  overrun(): void
}

/** One thing to deliver. */
export type Delivered = () => void

/** Holds what arrived until it is time. */
export class Delivery {
  readonly #options: ResolvedDeliveryOptions
  readonly #host: DeliveryHost
  readonly #waiting = new Ring<Delivered>()
  #scheduled: object | undefined

  constructor(options: ResolvedDeliveryOptions, host: DeliveryHost) {
    this.#options = options
    this.#host = host
    this.isImmediate = options.mode === 'immediate'
  }

  /** Whether nothing has to wait: then nobody needs a closure. */
  readonly isImmediate: boolean

  add(deliver: Delivered): void {
    const { maxCount, overflow } = this.#options
    if (this.#waiting.size >= maxCount) {
      this.#host.overrun()
      if (overflow === 'drop-newest') return
      this.#waiting.shift()
    }
    this.#waiting.push(deliver)
    if (!this.#scheduled) this.#schedule()
  }

  #schedule(): void {
    const { mode } = this.#options
    if (mode === 'manual') return
    const turn = {}
    this.#scheduled = turn
    const deliver = () => {
      if (this.#scheduled !== turn) return
      this.#scheduled = undefined
      this.poll()
    }
    if (mode === 'frame') this.#host.nextFrame?.(deliver)
    this.#host.defer(deliver, mode === 'frame' ? FRAME_AT_LEAST_MS : 0)
  }

  /** Delivers what is there now, at most `max`; not what comes meanwhile. Answers how many. */
  poll(max: number = Infinity): number {
    if (!(max >= 0)) reject('max', max, 'a number of at least 0')
    const count = Math.min(this.#waiting.size, max)
    let done = 0
    // A handler may poll too.
    for (; done < count && this.#waiting.size > 0; done++) this.#waiting.shift()?.()
    return done
  }
}
