import fc from 'fast-check'

/** Any JSON, as `JSON.parse` makes it, with keys that lie in wait. */
export const jsonValue = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)

const odd = fc.constantFrom<unknown>('', null, 0, -0, 1.5, 2 ** 53, true, false, [], {}, 'x', '__proto__')
const field = fc.oneof(fc.string({ maxLength: 5 }), odd, jsonValue)

const names = ['type', 'room', 'payload', 'timestamp', 'id', 'ref', 'more', 'position', '__proto__', 'extra']

/** Objects that are envelopes, or nearly so. */
export const nearEnvelope = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) },
      { weight: 1, arbitrary: field },
    ),
    fc.array(fc.tuple(fc.constantFrom(...names), field), { maxLength: 6 }),
  )
  .map(([type, rest]) => {
    // Written by hand, because an object literal cannot have an own `__proto__`.
    const fields = new Map<string, unknown>([['type', type], ...rest])
    const texts = [...fields].map(
      ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`,
    )
    return JSON.parse(`{${texts.join(',')}}`) as Record<string, unknown>
  })
