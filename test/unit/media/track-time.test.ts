import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { fileTimeOf, roomTimeOf, type TrackTime } from '../../../src/media/track-time.ts'
import type { Gap } from '../../../src/media/track-summary.ts'

const startMs = 1_767_225_600_000
const frameSamples = 1024

/** A file as a track writes it: frames, a gap, frames, … */
const tracks = fc.record({
  sampleRate: fc.constantFrom(16_000, 44_100, 48_000),
  fillGaps: fc.boolean(),
  stretches: fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 1_000_000 })), { maxLength: 20 }),
  lastFrames: fc.integer({ min: 1, max: 5000 })
}).map(({ sampleRate, fillGaps, stretches, lastFrames }) => {
  const frameMs = frameSamples * 1000 / sampleRate
  const gaps: Gap[] = []
  let frames = 0
  let cutMs = 0
  for (const [count, gapFrames] of stretches) {
    frames += count
    const gapStartMs = Math.round(startMs + frames * frameMs + cutMs)
    const gap: Gap = { startMs: gapStartMs, endMs: gapStartMs + Math.round(gapFrames * frameMs), cause: 'missing', atFrame: frames }
    gaps.push(gap)
    if (fillGaps) frames += gapFrames
    else cutMs += gap.endMs - gap.startMs
  }
  frames += lastFrames
  const track: TrackTime = { startMs, endMs: Math.round(startMs + frames * frameMs + cutMs), gaps, fillGaps, sampleRate, frameSamples }
  return { track, fileMs: frames * frameMs }
})

test('file time to room time and back is where one began', () => {
  fc.assert(fc.property(tracks, fc.double({ min: 0, max: 1, noNaN: true }), ({ track, fileMs }, share) => {
    const back = fileTimeOf(roomTimeOf(share * fileMs, track), track)
    assert.ok(Math.abs(back - share * fileMs) <= 1, `${share * fileMs} became ${back}`)
  }))
})

test('room time to file time and back is where one began, or the end of the gap one was in', () => {
  fc.assert(fc.property(tracks, fc.double({ min: 0, max: 1, noNaN: true }), ({ track }, share) => {
    const roomMs = startMs + share * (track.endMs - startMs)
    const gap = track.fillGaps ? undefined : track.gaps.find((one) => one.startMs <= roomMs && roomMs < one.endMs)
    const back = roomTimeOf(fileTimeOf(roomMs, track), track)
    assert.ok(Math.abs(back - (gap?.endMs ?? roomMs)) <= 1, `${roomMs} became ${back}`)
  }))
})

test('what lies before the file is its beginning, what lies after it its end', () => {
  fc.assert(fc.property(tracks, ({ track, fileMs }) => {
    assert.equal(fileTimeOf(startMs - 5000, track), 0)
    assert.ok(Math.abs(fileTimeOf(track.endMs + 5000, track) - fileMs) <= 1)
  }))
})
