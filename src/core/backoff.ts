import { defaultsOf, type Rules, reject, resolveOptions } from '../base/options.ts'
import type { LossCause } from './loss.ts'

/**
 * What a backoff policy knows when it is asked for a wait.
 *
 * @public
 */
export interface BackoffContext {
  /** Which wait this is since the last stable link, counted from 1. */
  readonly attempt: number
  /** The wait before this one, in milliseconds; 0 for the first. */
  readonly lastDelayMs: number
  /** Time since the link was lost, or since the first attempt failed, in milliseconds. */
  readonly sinceLossMs: number
  /** What ended the last attempt or link. */
  readonly cause: LossCause
  /** Draws a number, uniformly from [0, 1). */
  readonly random: () => number
}

/**
 * Says how long to wait before the next attempt, in milliseconds. Pure: all chance comes from `random`.
 *
 * @public
 */
export type BackoffPolicy = (context: BackoffContext) => number

/** A loss that no other client shares: nobody else comes back at the same moment, so there is no herd to spread. */
function isOwnLoss(cause: LossCause): boolean {
  return cause.kind === 'wake' || cause.kind === 'offline'
}

/**
 * The default policy. A loss of this client's own (its network came back, its page woke) is tried at once. A loss
 * that many may share waits a draw from (0, 3 s) first, then `min(4 s * 2^(k-2), max(20 s, 0.2 * t), 5 min)` times a
 * draw from [0.5, 1.5), where `k` counts the waits and `t` is the time since the loss: the cap stretches with the
 * outage, so that the clients of a server that was away for long come back slowly enough for it to stay.
 * The constants come from a discrete-event model of 100,000 and of 1,000,000 clients; see docs/DESIGN.md.
 *
 * @public
 */
export const defaultBackoff: BackoffPolicy = ({ attempt, sinceLossMs, cause, random }) => {
  if (attempt === 1) return isOwnLoss(cause) ? 0 : random() * 3_000
  const cap = Math.min(Math.max(20_000, 0.2 * sinceLossMs), 300_000)
  return Math.min(4_000 * 2 ** (attempt - 2), cap) * (0.5 + random())
}

/**
 * The curve that the exponential policies draw from: `min(maxMs, baseMs * factor^(attempt-1))`.
 *
 * @public
 */
export interface BackoffCurve {
  /** The first step, in milliseconds; at most `maxMs`. @defaultValue 1000, or `maxMs` if that is less */
  readonly baseMs?: number
  /** The cap, in milliseconds. The jitter is drawn after it. @defaultValue 30000 */
  readonly maxMs?: number
  /** By how much a step is longer than the one before; at least 1. @defaultValue 2 */
  readonly factor?: number
}

interface ProportionalCurve extends Required<BackoffCurve> {
  readonly ratio: number
}

const curveRules: Rules<ProportionalCurve> = {
  baseMs: [1_000],
  maxMs: [30_000],
  factor: [2, 1],
  ratio: [0.5],
}

function curveOf(given: BackoffCurve | undefined): {
  step: (attempt: number) => number
  curve: ProportionalCurve
} {
  const curve = resolveOptions(curveRules, defaultsOf(curveRules), given)
  const { baseMs, maxMs, factor } = curve
  if (baseMs > maxMs) {
    if (given?.baseMs !== undefined) reject('baseMs', baseMs, `at most maxMs (${maxMs})`)
    return curveOf({ ...given, baseMs: maxMs })
  }
  // The power grows beyond all numbers, and nothing of it would be NaN.
  return { curve, step: (attempt) => baseMs && Math.min(maxMs, baseMs * factor ** (attempt - 1)) }
}

/**
 * Full jitter: a uniform draw from zero to the step. Formula: "Exponential Backoff And Jitter", AWS, 2015.
 *
 * @public
 */
export function fullJitter(options?: BackoffCurve): BackoffPolicy {
  const { step } = curveOf(options)
  return ({ attempt, random }) => step(attempt) * random()
}

/**
 * Equal jitter: half of the step, and a uniform draw from the other half. Formula: AWS, as above.
 *
 * @public
 */
export function equalJitter(options?: BackoffCurve): BackoffPolicy {
  const { step } = curveOf(options)
  return ({ attempt, random }) => (step(attempt) * (1 + random())) / 2
}

/**
 * Decorrelated jitter: a draw from `baseMs` to three times the last wait, capped at `maxMs`. The last wait counts
 * as at least `baseMs`. Formula: AWS, as above, with the draw taken below the cap, so that waits at the cap differ too.
 *
 * @public
 */
export function decorrelatedJitter(options?: Omit<BackoffCurve, 'factor'>): BackoffPolicy {
  const { baseMs, maxMs } = curveOf(options).curve
  return ({ lastDelayMs, random }) => {
    const top = Math.min(maxMs, Math.max(baseMs, lastDelayMs) * 3)
    const floor = Math.min(baseMs, top)
    return floor + random() * (top - floor)
  }
}

/**
 * Exponential with proportional jitter: the step, plus or minus at most `ratio` of it.
 *
 * @public
 */
export function proportionalJitter(
  options?: BackoffCurve & {
    /** The share of the step that the jitter adds or takes at most, 0 to 1. @defaultValue 0.5 */
    readonly ratio?: number
  },
): BackoffPolicy {
  const { step, curve } = curveOf(options)
  if (curve.ratio > 1) reject('ratio', curve.ratio, 'at most 1')
  return ({ attempt, random }) => step(attempt) * (1 - curve.ratio + 2 * curve.ratio * random())
}

/**
 * Always the same wait, in milliseconds. Without jitter: for tests, and for peers that only this client uses.
 *
 * @public
 */
export function constantBackoff(ms: number): BackoffPolicy {
  return listBackoff([ms])
}

/**
 * The waits of a list in order, in milliseconds, and then the last one again and again. Without jitter.
 *
 * @public
 */
export function listBackoff(waitsMs: readonly number[]): BackoffPolicy {
  const waits = Array.isArray(waitsMs) ? [...waitsMs] : []
  if (waits.length === 0) reject('waitsMs', waitsMs, 'a list of at least one number')
  for (const wait of waits)
    if (!(typeof wait === 'number' && wait >= 0)) reject('waitsMs', wait, 'a number of at least 0')
  return ({ attempt }) => waits[Math.min(attempt, waits.length) - 1] as number
}
