import { ReconnectingWebSocket } from 'holdfast'
import type { Equal } from './equal.ts'

const socket = new ReconnectingWebSocket('wss://example.com/live')

true satisfies Equal<typeof socket.readyState, 0 | 1 | 2 | 3> | Equal<typeof socket.readyState, number>

// @ts-expect-error: an address is needed
new ReconnectingWebSocket()
