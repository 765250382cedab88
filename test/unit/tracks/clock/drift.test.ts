import assert from 'node:assert/strict'
import test from 'node:test'
import { Track } from '../../../../src/tracks/track.ts'
import type { TrackFile } from '../../../../src/tracks/file-queue.ts'
import { audioSpecificConfig, parseAudioSpecificConfig } from '../../../../src/media/aac.ts'
import { FragmentBuffers } from '../../../../src/media/mp4-writer.ts'
import type { TrackSummary } from '../../../../src/media/track-summary.ts'

const beganMs = 1_767_225_600_000
const hourMs = 3_600_000
/** Timestamps and arrivals are whole milliseconds. */
const roundingMs = 1
/** A thread reads so often while there is only audio to wait for. */
const readEveryMs = 100

interface Source {
  sampleRate: number
  hours: number
  /** The source's clock against the room's: 200e-6 runs 200 ppm fast. */
  fast: number
  /** The longest a packet is late, evenly spread. */
  jitterMs: number
  /** Every so often, for so long, counted from its beginning. */
  mutes?: { everyMs: number, forMs: number }
  stalls?: { everyMs: number, forMs: number }
}

interface Outcome {
  summary: TrackSummary
  /** The largest distance of a frame in the file from the moment it was spoken, after the first minute. */
  worstMs: number
  spoken: number
}

/** Plays a source to a track in the room's time, and looks at where in the file each frame ends up. */
async function play ({ sampleRate, hours, fast, jitterMs, mutes, stalls }: Source): Promise<Outcome> {
  const config = parseAudioSpecificConfig(audioSpecificConfig(sampleRate, 1))
  const file: TrackFile = {
    append: async () => undefined,
    patch: async () => undefined,
    addGap: async () => undefined,
    addTrim: async () => undefined,
    finish: async () => undefined,
    close: async () => undefined
  }
  let startMs = 0
  const fail = (error: Error): never => { throw error }
  const track = new Track({
    fillGaps: true, buffers: new FragmentBuffers(), openFile: async (start) => { startMs = start.startMs; return file }, onFailure: fail
  })
  track.configure(config)
  const sourceFrameMs = config.frameSamples * 1000 / sampleRate
  const roomFrameMs = sourceFrameMs / (1 + fast)
  const frame = Buffer.alloc(8)
  const random = seeded(7)
  let spoken = 0
  let worstMs = 0
  let sentMs = 0
  let held: Array<{ spokenMs: number, timestampMs: number }> = []
  const read = (arrivalMs: number): void => {
    for (const { spokenMs, timestampMs } of held) {
      const endBeforeMs = track.endMs
      track.write(frame, 0, frame.length, timestampMs, Math.round(beganMs + arrivalMs))
      const endMs = track.endMs
      // It was written last, so it ends where the file does
      if (endMs !== endBeforeMs && startMs !== 0 && spokenMs > 60_000) worstMs = Math.max(worstMs, Math.abs(endMs - sourceFrameMs - beganMs - spokenMs))
    }
    held = []
  }
  let nextReadMs = readEveryMs
  for (let number = 0; number * roomFrameMs < hours * hourMs; number++) {
    const spokenMs = number * roomFrameMs
    if (mutes !== undefined && spokenMs % mutes.everyMs >= mutes.everyMs - mutes.forMs) continue
    // Packets of a connection do not overtake each other
    sentMs = Math.max(sentMs, spokenMs + random() * jitterMs)
    const stalledMs = stalls === undefined ? 0 : spokenMs % stalls.everyMs - (stalls.everyMs - stalls.forMs)
    if (stalledMs > 0 && stalls !== undefined) sentMs = Math.max(sentMs, spokenMs + stalls.forMs - stalledMs)
    while (nextReadMs < sentMs) {
      read(nextReadMs)
      nextReadMs += readEveryMs
    }
    held.push({ spokenMs, timestampMs: Math.floor(number * sourceFrameMs) >>> 0 })
    spoken++
    if (number % 800 === 0) await new Promise((resolve) => { setImmediate(resolve) })
  }
  read(nextReadMs)
  const [summary] = await track.close()
  assert.ok(summary)
  return { summary, worstMs, spoken }
}

function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const kinds: Record<string, Omit<Source, 'fast'>> = {
  'a day of talk': { sampleRate: 48_000, hours: 24, jitterMs: 30 },
  'a day with mutes of seven minutes and a network that stands for three seconds now and then': {
    sampleRate: 16_000, hours: 24, jitterMs: 100, mutes: { everyMs: 1_000_000, forMs: 400_000 }, stalls: { everyMs: 300_000, forMs: 3_000 }
  }
}

for (const [what, kind] of Object.entries(kinds)) {
  for (const [how, fast] of [['fast', 200e-6], ['slow', -200e-6]] as const) {
    test(`file time is room time to a frame through ${what}, of a clock 200 ppm ${how}, and what that took is listed`, async () => {
      const { summary, worstMs, spoken } = await play({ ...kind, fast })

      const frameMs = 1024_000 / kind.sampleRate
      const left = summary.trims.reduce((sum, { frames }) => sum + frames, 0)
      const filled = summary.gaps.reduce((sum, { startMs, endMs }) => sum + Math.round((endMs - startMs) / frameMs), 0)
      assert.ok(worstMs <= frameMs + roundingMs, `${worstMs} ms off`)
      assert.ok(Math.abs(summary.frames - (spoken - left + filled)) <= 2, 'the length of a long gap is told in milliseconds, not in frames')
      assert.deepEqual(new Set(summary.gaps.map(({ cause }) => cause)), new Set([...fast < 0 ? ['drift'] : [], ...kind.mutes === undefined ? [] : ['missing']]))
      assert.equal(summary.trims.length > 0, fast > 0)
    })
  }
}
