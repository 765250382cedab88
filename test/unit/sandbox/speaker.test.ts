import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Room } from '../../../src/sandbox/cloud/room.ts'
import { Ticker, type Clip } from '../../../src/sandbox/speaker.ts'

/** 100 frames of 20 ms, each holding its number. */
const clip: Clip = {
  config: { codec: 'aac', config: Uint8Array.of(0x11, 0x88), sampleRate: 48_000, channels: 1, frameSamples: 960 },
  frames: Array.from({ length: 100 }, (_, index) => Uint8Array.of(index))
}

function setStage (t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
  const clock = { nowMs: 1_000_000 }
  const events: number[] = []
  const room = new Room(7, {
    now: () => clock.nowMs,
    ticker: new Ticker(() => clock.nowMs),
    send: (type) => events.push(type),
    onEnter: () => undefined,
    onDismissed: () => undefined,
    lingerMs: 1000,
    quoteDismissedRoom: false
  })
  t.after(() => room.close())
  const heard: { frame: number, atMs: number }[] = []
  const stood: number[] = []
  let quiets = 0
  room.listen('a', {
    hear: (frame, _config, atMs) => heard.push({ frame: frame[0]!, atMs }), quiet: () => quiets++, stand: (ms) => stood.push(ms), presence: () => undefined
  })
  const pass = (ms: number, ticks = 1) => {
    clock.nowMs += ms
    t.mock.timers.tick(20 * ticks)
  }
  return { room, clock, heard, stood, events, pass, quiets: () => quiets }
}

test('each frame is said when its moment of the room has passed', (t) => {
  const { room, heard, pass } = setStage(t)
  room.enter('a').talk(clip)

  pass(19)
  assert.deepEqual(heard, [])
  pass(41)

  assert.deepEqual(heard, [{ frame: 0, atMs: 1_000_000 }, { frame: 1, atMs: 1_000_020 }, { frame: 2, atMs: 1_000_040 }])
})

test('a late tick delays frames and loses none', (t) => {
  const { room, heard, pass } = setStage(t)
  room.enter('a').talk(clip)

  pass(500)
  pass(7)
  pass(1493)

  assert.deepEqual(heard.map(({ frame }) => frame), Array.from({ length: 100 }, (_, index) => index))
})

test('a standstill of more than ten seconds becomes a gap', (t) => {
  const { room, heard, pass } = setStage(t)
  room.enter('a').talk(clip)
  pass(40)

  pass(60_000)

  assert.deepEqual([heard.length, heard[2]!.atMs], [2 + 500, 1_000_000 + 50_040])
})

test('while a speaker\'s clock stands still nothing is said, whatever else the speaker does, and whoever listens is told for how long', (t) => {
  const { room, heard, stood, events, pass } = setStage(t)
  const speaker = room.enter('a')
  speaker.talk(clip)
  pass(40)

  speaker.stall(600)
  pass(300)
  speaker.mute()
  speaker.unmute()
  pass(320)

  assert.deepEqual(heard.map(({ frame }) => frame), [0, 1, 32])
  assert.deepEqual([stood, events], [[600], [101, 103, 203, 204, 203]])
})

test('a mute says what was said before it, and later audio is that of its own moment', (t) => {
  const { room, clock, heard, events, pass, quiets } = setStage(t)
  const speaker = room.enter('a')
  speaker.talk(clip)

  clock.nowMs += 60
  speaker.mute()
  assert.deepEqual([heard.length, quiets()], [3, 1])
  pass(1000)
  assert.equal(heard.length, 3)
  speaker.unmute()
  pass(40)

  assert.deepEqual(heard.slice(3).map(({ frame }) => frame), [53, 54])
  assert.deepEqual(events, [101, 103, 203, 204, 203])
})

test('muting twice, or talking on, is told once', (t) => {
  const { room, events } = setStage(t)
  const speaker = room.enter('a')

  assert.throws(() => speaker.unmute(), /has not talked/)
  speaker.talk(clip)
  speaker.talk(clip)
  speaker.unmute()
  speaker.mute()
  speaker.mute()

  assert.deepEqual(events, [101, 103, 203, 204])
})
