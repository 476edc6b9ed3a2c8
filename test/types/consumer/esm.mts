// A plain user, in an ES module.
import { ReconnectingWebSocket } from 'holdfast'

const socket = new ReconnectingWebSocket('wss://example.com/live', ['a', 'b'])
socket.addEventListener('message', (event) => {
  const data: unknown = event.data
  socket.send(String(data))
})
socket.close(1000, 'bye')

export const state: number = socket.readyState
