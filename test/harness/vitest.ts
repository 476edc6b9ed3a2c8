/**
 * What the contract suite uses of `vitest`, put together from the parts of it that run in any engine. The bundle of
 * the suite gets this file in the place of `vitest`, which needs Node.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect'
import { fn, spyOn } from '@vitest/spy'
import { provided } from './provided.ts'

export {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  it,
  onTestFinished,
  test,
} from '@vitest/runner'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

const globals = globalThis as unknown as Record<PropertyKey, unknown>

export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  globals[ASYMMETRIC_MATCHERS_OBJECT],
)
globals[GLOBAL_EXPECT] = expect
setState({ assertionCalls: 0 }, expect as never)

/** Types are checked by the compiler. */
export function expectTypeOf(): unknown {
  const anything: unknown = new Proxy(() => anything, { get: () => anything })
  return anything
}

const stubbed = new Map<string, PropertyDescriptor | undefined>()

function stubGlobal(name: string, value: unknown): void {
  if (!stubbed.has(name)) stubbed.set(name, Object.getOwnPropertyDescriptor(globalThis, name))
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true })
}

function unstubAllGlobals(): void {
  for (const [name, original] of stubbed) {
    if (original) Object.defineProperty(globalThis, name, original)
    else delete globals[name]
  }
  stubbed.clear()
}

export const vi = { fn, spyOn, stubGlobal, unstubAllGlobals }

export function inject(name: string): unknown {
  if (!(name in provided)) throw new Error(`nothing is provided as ${name}`)
  return provided[name]
}
