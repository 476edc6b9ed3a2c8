import { describe, expect, test } from 'vitest'
import { Ledger } from '../../demo/page/ledger.js'

function places(ledger: Ledger): string[] {
  return Array.from({ length: ledger.sent }, (_, index) => ledger.placeOf(index + 1))
}

describe('the ledger of the demo page', () => {
  test('follows a message from the queue over the wire to the server', () => {
    const ledger = new Ledger()
    ledger.wrote(0)
    ledger.wrote(1)
    ledger.wrote(2)
    expect(places(ledger)).toEqual(['underway', 'waiting', 'waiting'])
    ledger.holds(1)
    expect(places(ledger)).toEqual(['underway', 'underway', 'waiting'])
    ledger.counted({ ranges: [[1, 2]], duplicates: 0 })
    expect(places(ledger)).toEqual(['arrived', 'arrived', 'waiting'])
    expect(ledger.missing).toEqual([])
  })

  test('what was told as in doubt has arrived or is lost as soon as the server is heard', () => {
    const ledger = new Ledger()
    for (let number = 1; number <= 4; number++) ledger.wrote(0)
    ledger.counted({ ranges: [[1, 1]], duplicates: 0 })
    expect(ledger.doubted([1, 2, 3, 4])).toEqual([2, 3, 4])
    expect(places(ledger)).toEqual(['arrived', 'doubt', 'doubt', 'doubt'])
    expect(ledger.counted({ ranges: [[1, 3]], duplicates: 0 })).toEqual({ arrived: [2, 3], lost: [4] })
    expect(places(ledger)).toEqual(['arrived', 'arrived', 'arrived', 'lost'])
    expect(ledger.lost).toEqual([4])
    ledger.counted({ ranges: [[1, 4]], duplicates: 0 })
    expect(ledger.lost).toEqual([])
  })

  test('a gap that nobody told is missing', () => {
    const ledger = new Ledger()
    for (let number = 1; number <= 4; number++) ledger.wrote(0)
    ledger.counted({ ranges: [[1, 1], [4, 4]], duplicates: 0 }) // biome-ignore format: one look
    expect(ledger.missing).toEqual([2, 3])
    ledger.dropped(3)
    expect(ledger.missing).toEqual([2])
    expect(ledger.lost).toEqual([3])
  })
})
