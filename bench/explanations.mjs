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
}
