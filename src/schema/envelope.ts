import * as z from 'zod/mini'

/**
 * What a schema makes of an envelope: fields that are null or empty are left out, ids are strings.
 *
 * @public
 */
export interface EnvelopeOutput<Type extends string = string, Payload = unknown> {
  type: Type
  room?: string | undefined
  payload: Payload
  timestamp?: string | undefined
  id?: string | undefined
  ref?: string | undefined
  more?: boolean | undefined
}

/**
 * What a schema takes: what servers in many languages write.
 *
 * @public
 */
export interface EnvelopeInput<Type extends string = string, Payload = unknown> {
  type: Type
  room?: string | null | undefined
  payload: Payload
  timestamp?: string | null | undefined
  id?: string | number | null | undefined
  ref?: string | number | null | undefined
  more?: boolean | null | undefined
}

/**
 * The schema of an envelope. It is a Standard Schema too.
 *
 * @public
 */
export type EnvelopeSchema<Type extends string = string, Payload = unknown, Input = Payload> = z.ZodMiniType<
  EnvelopeOutput<Type, Payload>,
  EnvelopeInput<Type, Input>
>

/**
 * A schema for the name of a room, such as `z.literal('lobby')`.
 *
 * @public
 */
export type RoomSchema = z.core.$ZodType<string, string>

/** A null or an empty string is what some serialisers write for a field that is not there. */
const text = /* @__PURE__ */ z.pipe(
  z.optional(z.nullable(z.string())),
  z.transform((value) => value || undefined),
)

/** Servers that count their requests write numbers. */
const name = /* @__PURE__ */ z.pipe(
  z.optional(z.nullable(z.union([z.string(), z.int()]))),
  z.transform((value) => (value === undefined || value === null || value === '' ? undefined : String(value))),
)

const flag = /* @__PURE__ */ z.pipe(
  z.optional(z.nullable(z.union([z.boolean(), z.literal('')]))),
  z.transform((value) => (typeof value === 'boolean' ? value : undefined)),
)

const ownFields = { room: text, timestamp: text, id: name, ref: name, more: flag }

/** Builds the schema from those of its parts. The assertions say what zod's own type cannot: that fields may be missing. */
function build<Type extends string, Payload, Input>(
  type: z.core.$ZodType<Type>,
  payload: z.core.$ZodType<Payload, Input>,
  room: z.core.$ZodType = text,
): EnvelopeSchema<Type, Payload, Input> {
  return z.object({ ...ownFields, type, payload, room }) as unknown as EnvelopeSchema<Type, Payload, Input>
}

/**
 * Any envelope, its fields in lower case. Unknown fields are left out of the result; the payload stays as it is.
 *
 * @public
 */
export const envelope: EnvelopeSchema = /* @__PURE__ */ build(
  z.string().check(z.minLength(1)),
  z.optional(z.unknown()),
)

/**
 * The schema of the envelopes of one type, with a schema for their payload, and by choice one for their room, which must
 * then be there.
 *
 * ```ts
 * import { envelopeOf } from 'holdfast/schema'
 * import * as z from 'zod/mini'
 *
 * const chat = envelopeOf('chat.message', z.object({ text: z.string() }), z.literal('lobby'))
 * const { payload } = chat.parse(JSON.parse('{"type":"chat.message","room":"lobby","payload":{"text":"hi"}}'))
 * ```
 *
 * @public
 */
export function envelopeOf<const Type extends string, Payload, Input>(
  type: Type,
  payload: z.core.$ZodType<Payload, Input>,
  room?: RoomSchema,
): EnvelopeSchema<Type, Payload, Input> {
  return build(z.literal(type), payload, room)
}
