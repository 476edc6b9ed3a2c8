/**
 * One option: its default, and what else it must satisfy. The default's type is the option's type; then
 * a number says the least value, a list says the only values, and a name says the type where there is no default.
 * A function checks and resolves a value by itself, for example a group of options.
 */
export type Rule<T> = readonly [fallback: T, constraint?: Constraint]

type Constraint = number | string | readonly unknown[] | ((value: unknown, path: string) => unknown)

export type Rules<T> = { readonly [K in keyof T]-?: Rule<T[K]> }

/** Throws what a wrong option deserves: it names the option and the value. A number out of bounds is a RangeError. */
export function reject(path: string, value: unknown, expected: string): never {
  const Kind = typeof value === 'number' && /least|most|above/.test(expected) ? RangeError : TypeError
  throw new Kind(`Option ${path} must be ${expected}, not ${show(value)}`)
}

function show(value: unknown): string {
  return typeof value === 'string'
    ? `"${value}"`
    : typeof value === 'object' && value
      ? 'an object'
      : String(value)
}

/** The defaults of a group. Resolved options inherit them, so that what was not given costs no memory. */
export function defaultsOf<T>(rules: Rules<T>): T {
  const defaults: Record<string, unknown> = {}
  for (const [name, [fallback]] of Object.entries<Rule<unknown>>(rules)) defaults[name] = fallback
  return defaults as T
}

/** Checks what was given, names what is wrong or unknown, and lays it over the defaults. */
export function resolveOptions<T>(rules: Rules<T>, defaults: T, given: unknown, path = ''): T {
  if (typeof given !== 'object' || !given) {
    if (given !== undefined) reject(path.slice(0, -1) || 'options', given, 'an object')
    return Object.create(defaults as object) as T
  }
  const resolved = Object.create(defaults as object) as Record<string, unknown>
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) ? rules[name as keyof T] : undefined
    const full = path + name
    if (!rule) throw new TypeError(`Unknown option ${full}`)
    if (value !== undefined) resolved[name] = resolveOne(rule, value, full)
  }
  return resolved as T
}

function resolveOne([fallback, constraint]: Rule<unknown>, value: unknown, path: string): unknown {
  if (typeof constraint === 'function') return constraint(value, path)
  if (Array.isArray(constraint)) {
    if (!constraint.includes(value)) reject(path, value, `one of ${constraint.join(', ')}`)
    return value
  }
  const type = typeof constraint === 'string' ? constraint : typeof fallback
  if (typeof value !== type || value === null)
    reject(path, value, type === 'object' ? 'an object' : `a ${type}`)
  if (type === 'number' && !((value as number) >= ((constraint as number | undefined) ?? 0))) {
    reject(path, value, `a number of at least ${(constraint as number | undefined) ?? 0}`)
  }
  return value
}

/** An `AbortSignal`, of whatever realm. */
export function checkSignal(given: unknown, path: string): AbortSignal {
  const { addEventListener, aborted } = (given ?? {}) as Partial<AbortSignal>
  if (typeof addEventListener === 'function' && typeof aborted === 'boolean') return given as AbortSignal
  return reject(path, given, 'an AbortSignal')
}
