import { Duplex, type DuplexOptions } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Line } from '../../demo/server/line.mjs'

/** The two ends of a connection in memory: what is written to `near` is read from `far`, and the other way round. */
function createConnection() {
  const ends: Duplex[] = []
  const end = (other: number): DuplexOptions => ({
    read() {},
    write(chunk, _encoding, done) {
      ends[other]?.push(chunk)
      done()
    },
    final(done) {
      ends[other]?.push(null)
      done()
    },
  })
  const [near, far] = [new Duplex(end(1)), new Duplex(end(0))]
  ends.push(near, far)
  return { near, far }
}

function collect(stream: Duplex): { text: string; ended: boolean } {
  const heard = { text: '', ended: false }
  stream.on('data', (chunk) => {
    heard.text += chunk
  })
  stream.on('end', () => {
    heard.ended = true
  })
  return heard
}

/** A line whose pace can be changed, with what arrives at its two ends. */
function createLine() {
  const pace = { latencyMs: 0, jitterMs: 0, bytesPerSecond: 1_000_000 }
  const { near, far } = createConnection()
  const line = new Line(near, () => pace)
  return { pace, far, line, atServer: collect(line), atPage: collect(far) }
}

describe('the line of the demo server', () => {
  test('carries both ways, and ends', async () => {
    const { far, line, atServer, atPage } = createLine()
    far.write('hello')
    line.write('welcome')
    await expect.poll(() => [atServer.text, atPage.text]).toEqual(['hello', 'welcome'])
    far.end()
    line.end()
    await expect.poll(() => [atServer.ended, atPage.ended]).toEqual([true, true])
  })

  test('what is slower is later, and never overtaken when the line is faster again', async () => {
    const { pace, line, atPage } = createLine()
    const began = performance.now()
    pace.latencyMs = 150
    line.write('a')
    pace.latencyMs = 0
    line.write('b')
    await expect.poll(() => atPage.text, { interval: 5 }).toBe('ab')
    expect(performance.now() - began).toBeGreaterThanOrEqual(145)
  })

  test('a narrow line takes its time for each byte, and pushes back', async () => {
    const { far, line, atPage } = createLine()
    const began = performance.now()
    const more = line.write(Buffer.alloc(200_000, 'x'))
    expect(more).toBe(false)
    await expect.poll(() => atPage.text.length, { interval: 5 }).toBe(200_000)
    expect(performance.now() - began).toBeGreaterThanOrEqual(195)
    far.destroy()
  })

  test('once silent it carries nothing, not even the end, and lets itself be ended', async () => {
    const { pace, far, line, atServer, atPage } = createLine()
    pace.latencyMs = 30
    far.write('on the way')
    line.write('on the way')
    line.silence()
    far.write('later')
    line.write('later')
    far.end()
    // By the time that another line of the same pace has carried what it was given later, this one would have too.
    const other = createLine()
    other.pace.latencyMs = 30
    other.far.write('after that')
    other.line.write('after that')
    await expect.poll(() => [other.atServer.text, other.atPage.text]).toEqual(['after that', 'after that'])
    expect([atServer, atPage]).toEqual([
      { text: '', ended: false },
      { text: '', ended: false },
    ])
    other.far.destroy()
    line.destroy()
    await expect.poll(() => line.closed).toBe(true)
  })
})
