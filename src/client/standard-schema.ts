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

/** What a value must be before a schema has seen it. @public */
export type SchemaInput<S> =
  S extends StandardSchema<infer _I, infer _O>
    ? NonNullable<S['~standard']['types']> extends { readonly input: infer I }
      ? I
      : unknown
    : unknown

/** What a schema makes of it. @public */
export type SchemaOutput<S> =
  S extends StandardSchema<infer _I, infer _O>
    ? NonNullable<S['~standard']['types']> extends { readonly output: infer O }
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

/** Asks a schema. What it throws counts as an issue. */
export function check(
  schema: StandardSchema,
  value: unknown,
): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  try {
    const result = schema['~standard'].validate(value)
    return 'then' in result ? result.then(undefined, thrown) : result
  } catch (error) {
    return thrown(error)
  }
}

function thrown(error: unknown): SchemaResult<unknown> {
  return { issues: [{ message: `The schema threw: ${String(error)}` }] }
}
