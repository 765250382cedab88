import assert from 'node:assert/strict'
import test from 'node:test'
import { MediaClock } from '../../../../src/tracks/clock/place.ts'

const frameMs = 1024 / 48

/** Places frames as a file without holes would. @returns where each belongs in the room */
function place (clock: MediaClock, frames: { count: number, timestampMs: number, arrivalMs: number, arrivalStepMs?: number }, endMs = -Infinity): number[] {
  return Array.from({ length: frames.count }, (_, i) => {
    const arrivalMs = Math.round(frames.arrivalMs + i * (frames.arrivalStepMs ?? frameMs))
    const timestampMs = Math.round(frames.timestampMs + i * frameMs) >>> 0
    if (clock.continues(timestampMs, arrivalMs, frameMs)) return clock.place(timestampMs, arrivalMs, endMs, frameMs)
    return clock.anchor(timestampMs, arrivalMs, arrivalMs, endMs, frameMs)
  })
}

test('a wrap of the 32-bit clock is a step like any other', () => {
  const clock = new MediaClock()

  const rooms = place(clock, { count: 20, timestampMs: 2 ** 32 - 200, arrivalMs: 5000 })

  assert.ok(rooms.every((room, i) => Math.abs(room - 5000 - i * frameMs) <= 1))
})

test('a connection that begins at timestamp 0 again is placed by its arrival', () => {
  const clock = new MediaClock()
  place(clock, { count: 10, timestampMs: 777_777, arrivalMs: 1000 })
  clock.end('reconnected')

  const [room] = place(clock, { count: 1, timestampMs: 0, arrivalMs: 9000 }, 1213)

  assert.deepEqual([room, clock.cause], [9000, 'reconnected'])
})

test('a leap that arrival does not know is placed by arrival, forward and back', () => {
  for (const leapMs of [3_600_000, 1500, -200, -1_000_000]) {
    const clock = new MediaClock()
    place(clock, { count: 50, timestampMs: 2_000_000, arrivalMs: 0 })

    const [room] = place(clock, { count: 1, timestampMs: 2_000_000 + 50 * frameMs + leapMs, arrivalMs: 50 * frameMs }, 50 * frameMs)

    assert.equal(room, Math.round(50 * frameMs), `after a leap of ${leapMs} ms`)
    assert.equal(clock.cause, 'clock')
  }
})

test('a hole within a burst after a stall is believed: the timestamps know better than the network', () => {
  const clock = new MediaClock()
  place(clock, { count: 1, timestampMs: 0, arrivalMs: 0 })

  const beforeMute = place(clock, { count: 10, timestampMs: 21, arrivalMs: 20_000, arrivalStepMs: 0 })
  const afterMute = place(clock, { count: 10, timestampMs: 12_000, arrivalMs: 20_000, arrivalStepMs: 0 })

  assert.equal(beforeMute[0], 21)
  assert.equal(afterMute[0], 12_000)
})

test('audio of a new connection that overlaps the file is kept: it is placed no earlier than half a frame before the file\'s end', () => {
  const clock = new MediaClock()
  place(clock, { count: 1, timestampMs: 0, arrivalMs: 1000 })
  clock.end('reconnected')

  const [room] = place(clock, { count: 1, timestampMs: 0, arrivalMs: 1500 }, 1900)

  assert.equal(room, 1900 - frameMs / 2)
})

test('a clock that stood still during a mute is put right after ten seconds', () => {
  const clock = new MediaClock()
  place(clock, { count: 100, timestampMs: 0, arrivalMs: 0 })

  const rooms = place(clock, { count: 1000, timestampMs: 100 * frameMs, arrivalMs: 100 * frameMs + 30_000 }, 0)

  const jump = rooms.findIndex((room, i) => i > 0 && room - rooms[i - 1]! > 1000)
  assert.ok(jump * frameMs > 9_900 && jump * frameMs < 10_100, `put right after ${jump * frameMs} ms`)
  assert.ok(Math.abs(rooms[999]! - 1099 * frameMs - 30_000) <= 1)
})

for (const [name, ends, cause] of [
  ['a connection that broke, and broke again before it sent a frame, came back', ['reconnected', 'reconnected'], 'reconnected'],
  ['a newer publisher took over', ['takeover'], 'takeover'],
  ['another source was asked for after the connection broke, and its first connection broke as well', ['reconnected', 'disconnected', 'reconnected'], 'disconnected']
] as const) {
  test(`the hole before a new connection is '${cause}' when ${name}`, () => {
    const clock = new MediaClock()
    place(clock, { count: 1, timestampMs: 0, arrivalMs: 0 })
    for (const end of ends) clock.end(end)

    place(clock, { count: 1, timestampMs: 0, arrivalMs: 5000 }, 21)
    const first = clock.cause
    clock.end('reconnected')
    place(clock, { count: 1, timestampMs: 0, arrivalMs: 9000 }, 5021)

    assert.deepEqual([first, clock.cause], [cause, 'reconnected'])
  })
}

test('a backlog that is slowly caught up with is no pause', () => {
  const clock = new MediaClock()
  place(clock, { count: 100, timestampMs: 0, arrivalMs: 0 })

  // Half a minute late, and arriving at twice the speed
  const rooms = place(clock, { count: 2000, timestampMs: 100 * frameMs, arrivalMs: 30_000, arrivalStepMs: frameMs / 2 })

  assert.ok(rooms.every((room, i) => Math.abs(room - (100 + i) * frameMs) <= 1))
})
