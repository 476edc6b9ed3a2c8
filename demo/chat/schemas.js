/**
 * Schemas by hand, after the Standard Schema convention, so that the page needs no library for them. With zod or
 * valibot they would be a line each; the client takes those just as well.
 *
 * @typedef {import('../../src/index.ts').SchemaIssue} Issue
 * @typedef {(value: unknown, path: readonly PropertyKey[]) => Issue[]} Check
 */

/**
 * @template T
 * @typedef {import('../../src/index.ts').StandardSchema<T>} Schema
 */

/** @param {number} max @returns {Check} */
function text(max) {
  return (value, path) => {
    if (typeof value !== 'string') return [{ message: `must be text, not ${typeof value}`, path }]
    return value.length > max ? [{ message: `has more than ${max} characters`, path }] : []
  }
}

/** @param {readonly string[]} words @returns {Check} */
function oneOf(...words) {
  return (value, path) =>
    words.some((word) => word === value) ? [] : [{ message: `must be one of ${words.join(', ')}`, path }]
}

/** Fields that are not named are let through. @param {Record<string, Check>} fields @returns {Check} */
function object(fields) {
  return (value, path) => {
    if (typeof value !== 'object' || value === null) return [{ message: 'must be an object', path }]
    return Object.entries(fields).flatMap(([name, check]) =>
      check(Object.hasOwn(value, name) ? value[name] : undefined, [...path, name]),
    )
  }
}

/** @param {Check} check @returns {Schema<any>} */
function schema(check) {
  return {
    '~standard': {
      version: 1,
      vendor: 'holdfast-demo',
      validate(value) {
        const issues = check(value, [])
        return issues.length > 0 ? { issues } : { value }
      },
    },
  }
}

const person = object({ id: text(64), name: text(64) })

/** @typedef {import('./me.js').Person} Person */
/** @typedef {{ id: string, text: string, from: Person }} LinePayload */
/** @typedef {{ from: Person, state: 'hello' | 'here' | 'bye' }} PresencePayload */

/** What this page says and hears in rooms. What does not fit never reaches a handler. */
export const messages = {
  /** @type {Schema<LinePayload>} */
  'chat.line': schema(object({ id: text(80), text: text(2_000), from: person })),
  /** @type {Schema<PresencePayload>} */
  presence: schema(object({ from: person, state: oneOf('hello', 'here', 'bye') })),
  /** @type {Schema<{ id: string }>} */
  probe: schema(object({ id: text(80) })),
}
