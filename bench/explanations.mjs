/** Of all figures with a plain server. */
const servers =
  'Both ends parse and make each message here, and the plain `ws` server is the limit: by hand, without any library, its clients get no more out of it. The lean server shows what the client itself can do.'

/** Of the longest delays of a chat. */
const held =
  'An answer tells of half a window late, so that the window is what the line takes in two round trips and 30 ms; wherever the machine holds the client or the line up, that comes on top.'

/**
 * Where the cost lies of what misses its goal, and what was tried, by the id of the figure. Causes only: how far a run
 * missed, and what of it is noise, is for the figures to say. The report shows it where the goal is missed.
 *
 * @type {Record<string, string>}
 */
export const explanations = {
  size: 'Everything that the socket does by itself is in the class; heartbeats, policies and the rate limit are imported. [DESIGN.md](DESIGN.md#size) has what each feature costs, and what remains without any of them.',
  'rate-out-64': 'On the way out are the check for room, the count of what is in doubt and one call more.',
  'rate-in-64':
    'On the way in are five calls, the event object and its collection. The way through eventemitter3, which cost as much again, is spared where one listener hears `message`.',
  'cork-round-trip':
    'The first message of a turn goes straight to the kernel; what is added is one `process.nextTick` a turn, to know when it ends.',
  heap: 'What is not in use is not made, timers that are over are let go, an attempt and its link are one object. Of what is left, by a heap snapshot: 216 bytes for the handlers on the native socket, 256 for eventemitter3’s and our record of one listener, 168 for the shell, 152 for the state, 120 for the link, 112 for the way out. One handler for all events would save 112, but trust every implementation to say the right `type`. The Node build adds its heartbeat.',
  'size-client':
    'The socket alone is over this goal: what it does, the client has as well. On it come the outbox, rooms, requests and streams, the codec and its guard, and pieces with their reassembly. Of what can be left out only the pieces are imported apart.',
  'size-codec':
    'The codec with its errors and its readers of bytes is a third of it; the rest is what a bundler must keep of a file in which all else stands too, above all eventemitter3, which is CommonJS.',
  'text-in':
    'Beside the parsing are the look for pings, the guard of seven fields, the questions whether it answers or asks something, and two look-ups by room and type.',
  'frame-encode':
    'What is added to the copy are the check of the type, the kind of the payload and four bytes of header.',
  'frame-decode': 'Nearly all of it is making the view of the payload; `subarray` alone stands beside it.',
  'pieces-1024':
    'Each piece is one call of `set`; those calls alone stand beside it. Where the allocator gives cold memory, they vanish beside it.',
  'text-in-no-code': 'As above: without schemas no code is made from strings in either case.',
  'talk-out-ws': servers,
  'talk-in-ws': servers,
  'talk-out-wss': servers,
  'talk-in-wss': servers,
  'chat-longest-0': held,
  'chat-longest-20': held,
  'chat-longest-envelope-0': held,
  'chat-longest-envelope-20': held,
}
