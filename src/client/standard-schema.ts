import { HoldfastError } from '../base/errors.ts'

/**
 * What a schema must be able to do: the Standard Schema convention, which zod, valibot, arktype and others follow.
 * See standardschema.dev.
 *
 * @public
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** @public */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** @public */
export interface SchemaIssue {
  readonly message: string
  /** Where in the payload it is. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

// Only that one property is looked at: to compare the whole of a schema, arktype's for one, is more than the compiler can do.

/** What a value must be before a schema has seen it. @public */
export type SchemaInput<S> = S extends { readonly '~standard': { readonly types?: infer Types } }
  ? NonNullable<Types> extends { readonly input: infer I }
    ? I
    : unknown
  : unknown

/** What a schema makes of it. @public */
export type SchemaOutput<S> = S extends { readonly '~standard': { readonly types?: infer Types } }
  ? NonNullable<Types> extends { readonly output: infer O }
    ? O
    : unknown
  : unknown

/** The path of an issue as text: `members.0.name`. */
export function pathOf(issue: SchemaIssue): string {
  return (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
}

/** Issues as one line for an error's message. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  return issues.map((issue) => `${pathOf(issue) || 'payload'}: ${issue.message}`).join('; ')
}

/** The error of a payload that its schema refused. */
export function invalid(type: string | number, issues: readonly SchemaIssue[]): HoldfastError {
  const text = `The payload of ${type} is wrong: ${describeIssues(issues)}`
  return new HoldfastError('HF_INVALID', text, { cause: issues })
}

/** A schema that never answers must not hold up all that comes after. */
const ANSWER_MS = 10_000

/** What sets timers. */
export interface Timers {
  setTimer(callback: () => void, ms: number): unknown
  clearTimer(handle: unknown): void
}

/** Asks a schema. What it throws counts as an issue. */
function check(
  schema: StandardSchema,
  value: unknown,
): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  try {
    const result = schema['~standard'].validate(value)
    return 'then' in result ? Promise.resolve(result).then(sound).catch(thrown) : sound(result)
  } catch (error) {
    return thrown(error)
  }
}

/** The same, and no answer in time counts as an issue too. */
export function checkInTime(
  schema: StandardSchema,
  value: unknown,
  timers: Timers,
): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  const answer = check(schema, value)
  if (!('then' in answer)) return answer
  return new Promise((resolve) => {
    const message = `The schema did not answer within ${ANSWER_MS} ms`
    const timer = timers.setTimer(() => resolve({ issues: [{ message }] }), ANSWER_MS)
    void answer.then((result) => {
      timers.clearTimer(timer)
      resolve(result)
    })
  })
}

/** A schema by hand may answer anything. Throws for issues that cannot be shown. */
function sound(result: SchemaResult<unknown>): SchemaResult<unknown> {
  if (result.issues) describeIssues(result.issues)
  return result
}

function thrown(error: unknown): SchemaResult<unknown> {
  const text =
    error instanceof Error ? error.message : typeof error === 'object' ? 'an object' : String(error)
  return { issues: [{ message: `The schema threw: ${text}` }] }
}
