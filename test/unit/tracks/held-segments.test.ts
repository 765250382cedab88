import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Segment } from '../../../src/media/segments.ts'
import { HeldSegments } from '../../../src/tracks/held-segments.ts'

const segment = (seq: number): Segment =>
  ({
    seq,
    fileNumber: 3,
    firstFrame: 0,
    frames: 94,
    byteStart: 600,
    byteEnd: 9_000,
    startMs: seq * 2_000,
    endMs: seq * 2_000 + 2_005,
    durationMs: 2_005,
    gapMs: 0
  })

for (const before of [0, 7]) {
  test(`segments are held until the ${before} before them are counted, then told in order and numbered on, later ones at once`, () => {
    const told: Segment[] = []
    const segments = new HeldSegments((each) => { told.push(each) })

    segments.add(segment(1))
    segments.add(segment(2))
    assert.deepEqual(told, [])
    segments.goOnFrom(before)
    segments.add(segment(3))

    assert.deepEqual(told, [1, 2, 3].map((seq) => ({ ...segment(seq), seq: before + seq })))
  })
}

test('of more than can be held the rest is left to whoever uploads the track, and no number is given twice', () => {
  const told: number[] = []
  const segments = new HeldSegments(({ seq }) => { told.push(seq) })

  for (let seq = 1; seq <= 600; seq++) segments.add(segment(seq))
  segments.goOnFrom(10)
  segments.add(segment(601))

  assert.deepEqual(told, [...Array.from({ length: 512 }, (_, index) => 11 + index), 611])
})
