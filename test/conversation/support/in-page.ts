/** What runs in the page of browser.test.ts: somebody who says back what is said. */
import { createClient, type EnvelopeDialectOptions, envelopeDialect, fragments } from 'holdfast'

export interface InPage {
  /** Resolves when the server has done all that was said so far. */
  answerAll(url: string, dialect: EnvelopeDialectOptions, inPieces: boolean): Promise<void>
  /** Resolves with how it ended for somebody who is not let in. */
  failedAt(url: string): Promise<{ readonly code: string; readonly closeCode: number | undefined }>
}

const inPage: InPage = {
  async answerAll(url, dialect, inPieces) {
    const client = createClient({
      url,
      dialect: envelopeDialect(dialect),
      ...(inPieces && { fragments: fragments() }),
    })
    const answers = client.room('from the page')
    client.room('to the page').on('upload', ({ payload }) => void answers.send('upload', payload))
    client.room('binary-stream')
    client.binary(7).on((bytes) => void client.binary(8).send(bytes))
    await client.request('time.get')
  },

  failedAt(url) {
    const client = createClient({ url })
    return new Promise((resolve) => {
      client.socket.on('failed', ({ error, cause }) => resolve({ code: error.code, closeCode: cause.code }))
    })
  },
}

Object.assign(globalThis, { inPage })
