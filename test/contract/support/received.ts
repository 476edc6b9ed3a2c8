import type { Control } from './control.ts'
import { until } from './sockets.ts'

/** What the server has of a case, in order, as soon as it has so many messages. */
export async function dataReceived(
  control: Control,
  caseName: string,
  count: number,
): Promise<readonly unknown[]> {
  const messages = await until(async () => {
    const all = await control.received(caseName)
    return all.length >= count && all
  }, `${count} messages at the server`)
  return messages.map(({ data }) => data)
}
