import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { SourceEnd } from '../../src/media/audio-sink.ts'
import { Track } from '../../src/tracks/track.ts'
import { audioSpecificConfig, maxAacFrameBytes, parseAudioSpecificConfig } from '../../src/media/aac.ts'
import { FragmentBuffers } from '../../src/media/mp4-writer.ts'
import { summarize, type Gap, type TrackSummary, type Trim } from '../../src/media/track-summary.ts'
import { runs } from '../helpers/fuzz.ts'

const beganMs = 1_767_225_600_000
/** Audio without holes may lie so far in the future, and the frame that reaches it a frame further. */
const mostAheadMs = 10_000 + 200
const configs = [[48_000, 1], [44_100, 2], [16_000, 1], [8000, 1]].map(([rate, channels]) => parseAudioSpecificConfig(audioSpecificConfig(rate!, channels!)))

/** A clock at its worst: any timestamps, near ones more often, at any times that do not go back. */
const happenings = fc.array(fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('frames' as const),
      count: fc.integer({ min: 1, max: 60 }),
      timestampMs: fc.oneof(fc.nat({ max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 24 - 100, 2 ** 31 - 1, 2 ** 32 - 1), fc.nat({ max: 30_000 })),
      stepMs: fc.oneof(fc.constantFrom(0, 21, 23, 64, 999, -21), fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), fc.integer({ min: -2000, max: 2000 })),
      waitMs: fc.oneof(fc.constantFrom(0, 0, 100), fc.nat({ max: 100_000 })),
      arrivalStepMs: fc.oneof(fc.constantFrom(0, 21, 64), fc.nat({ max: 3000 })),
      bytes: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.constantFrom(1, maxAacFrameBytes, maxAacFrameBytes + 1))
    })
  },
  fc.record({ kind: fc.constant('end' as const), reason: fc.constantFrom<SourceEnd>('disconnected', 'replaced', 'stopped', 'refused') }),
  fc.record({ kind: fc.constant('configure' as const), config: fc.constantFrom(...configs) }),
  fc.record({ kind: fc.constant('pause' as const), paused: fc.boolean() }),
  fc.record({ kind: fc.constant('tick' as const), waitMs: fc.nat({ max: 5000 }) })
), { maxLength: 40 })

interface Written { bytes: number, gaps: Gap[], trims: Trim[], summary: TrackSummary | undefined }

function checkGaps ({ startMs, endMs, gaps, frames, gapMs }: TrackSummary): void {
  let [lastMs, lastFrame, sumMs] = [startMs, 0, 0]
  for (const gap of gaps) {
    assert.ok(gap.startMs >= lastMs && gap.endMs > gap.startMs && gap.endMs <= endMs + 1, JSON.stringify(gap))
    assert.ok(gap.atFrame >= lastFrame && gap.atFrame < frames)
    sumMs += gap.endMs - gap.startMs
    lastMs = gap.endMs
    lastFrame = gap.atFrame
  }
  assert.equal(gapMs, sumMs)
}

for (const fillGaps of [true, false]) {
  test(`no clock, however hostile, makes a track throw, lie about its file or run ahead of the room, gaps ${fillGaps ? 'filled' : 'cut out'}`, async () => {
    await fc.assert(fc.asyncProperty(happenings, async (events) => {
      const files: Written[] = []
      const buffers = new FragmentBuffers()
      const track = new Track({
        fillGaps,
        buffers,
        onFailure: (error) => { throw error },
        openFile: async () => {
          const written: Written = { bytes: 0, gaps: [], trims: [], summary: undefined }
          files.push(written)
          return {
            append: async (bytes) => { written.bytes += bytes.length },
            addGap: async (gap) => { written.gaps.push(gap) },
            addTrim: async (trim) => { written.trims.push(trim) },
            patch: async () => undefined,
            finish: async (summary) => { written.summary = summary },
            close: async () => undefined
          }
        }
      })
      let [config, nowMs, usable] = [configs[0]!, beganMs, 0]
      track.configure(config)
      for (const event of events) {
        switch (event.kind) {
          case 'frames':
            nowMs += event.waitMs
            for (let i = 0; i < event.count; i++) {
              track.write(new Uint8Array(event.bytes), 0, event.bytes, (event.timestampMs + i * event.stepMs) >>> 0, nowMs)
              if (event.bytes > 0 && event.bytes <= maxAacFrameBytes) usable++
              nowMs += event.arrivalStepMs
            }
            break
          case 'end': track.end(event.reason); break
          case 'configure':
            config = event.config
            track.configure(config)
            break
          case 'pause': track.pause(event.paused); break
          case 'tick':
            nowMs += event.waitMs
            track.tick(nowMs)
            break
          default: event satisfies never
        }
        await new Promise((resolve) => { setImmediate(resolve) }) // the disk gets its turn
      }
      const summaries = await track.close()

      assert.equal(summaries.length, files.length)
      let lastEndMs = -Infinity
      for (const [index, summary] of summaries.entries()) {
        const { fileNumber, startMs, frames, sampleRate, channels, partial, resumed } = summary
        const written = files[index]!
        assert.deepEqual(written.summary, summary)
        checkGaps(summary)
        // What a salvage would say of it is the same
        const { gaps, trims } = written
        const config = { sampleRate, channels, frameSamples: 1024 }
        assert.deepEqual(summarize({ fileNumber, startMs, fillGaps, gaps, trims, frames, partial, resumed, config }), summary)
        assert.ok(startMs >= lastEndMs - 1 && summary.endMs <= nowMs + mostAheadMs, `the file ends ${summary.endMs - nowMs} ms ahead`)
        lastEndMs = summary.endMs
      }
      const cutOut = summaries.reduce((sum, { frames }) => sum + frames, 0)
      if (!fillGaps) assert.ok(cutOut <= usable, `${cutOut} frames of ${usable}`)
      assert.equal(track.waiting, 0)
      assert.equal(buffers.crowded, false)
    }), runs(150))
  })
}
