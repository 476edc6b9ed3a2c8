/**
 * The envelope and the messages of the protocol as zod schemas, for servers, tests and tools. Needs `zod` 4; the client
 * does without.
 *
 * @packageDocumentation
 */
export {
  type EnvelopeInput,
  type EnvelopeOutput,
  type EnvelopeSchema,
  envelope,
  envelopeOf,
  type RoomSchema,
} from './envelope.ts'
export {
  type AbortPayload,
  abortMessage,
  broadcastMessage,
  type CancelMessage,
  cancelMessage,
  type ErrorPayload,
  errorMessage,
  type FragmentPayload,
  fragmentMessage,
  joinMessage,
  leaveMessage,
  pingMessage,
  pongMessage,
  type ReplyMessage,
  type RoomMessage,
  replyMessage,
  reservedMessages,
  type WelcomePayload,
  welcomeMessage,
} from './reserved.ts'
