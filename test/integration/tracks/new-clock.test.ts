import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AudioSink } from '../../../src/media/audio-sink.ts'
import { FragmentBuffers } from '../../../src/media/mp4-writer.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { SpoolDirectory } from '../../../src/spool/directory.ts'
import { salvage } from '../../../src/spool/salvage.ts'
import { createSpoolFile } from '../../../src/spool/writer.ts'
import { EarlierFiles } from '../../../src/tracks/earlier-files.ts'
import type { TrackSpec } from '../../../src/tracks/messages.ts'
import { TrackRegistry } from '../../../src/tracks/registry.ts'
import { temporaryFolder } from '../../helpers/world.ts'

const clip = loadClip('low')
const frameMs = 1024 * 1000 / clip.config.sampleRate
const beganMs = 1_767_225_600_000
const spec: TrackSpec = { recordingId: 'rec_1', trackId: 'trk_1', userId: 'anna', fillGaps: true, clockOffsetMs: beganMs }
/** How long somebody talks each time, milliseconds. */
const talkMs = 2_000

/** Has a thread's registry write talk that arrives from that moment of CLOCK_MONOTONIC on. @returns the file that it began */
async function write (spool: SpoolDirectory, track: TrackSpec, fromMs: number, fileNumber: number) {
  const sinks: AudioSink[] = []
  const tracks = new TrackRegistry({
    ingest: { expect: (_, sink) => { sinks.push(sink) }, forget: () => undefined },
    earlierFiles: new EarlierFiles(spool),
    buffers: new FragmentBuffers(),
    openFile: ({ recordingId, trackId, userId, fillGaps }, start) => createSpoolFile(spool, { recordingId, trackId, userId, fillGaps, ...start }),
    report: () => undefined,
    onSegment: () => undefined,
    monotonicMs: () => fromMs
  })
  await tracks.open(track)
  tracks.expect(track.trackId, { sourceId: `src_${fileNumber}`, key: 'key' })
  const [sink = assert.fail()] = sinks
  sink.configure(clip.config)
  for (const [index, frame] of clip.frames.slice(0, Math.ceil(talkMs / frameMs)).entries()) {
    sink.write(frame, 0, frame.length, Math.round(index * frameMs), Math.round(fromMs + index * frameMs))
  }
  await tracks.finish(track.trackId)
  const summary = await salvage(spool, { recordingId: 'rec_1', trackId: 'trk_1', fileNumber })
  return summary ?? assert.fail(`there is no file ${fileNumber}`)
}

test('a recording\'s clock is what CLOCK_MONOTONIC is to a thread, and its offset', async (t) => {
  const { startMs, endMs } = await write(new SpoolDirectory(await temporaryFolder(t)), spec, 5_000, 1)
  assert.equal(startMs, beganMs + 5_000)
  assert.ok(Math.abs(endMs - startMs - talkMs) < 2 * frameMs)
})

test('a track that goes on with another clock, which is behind, is not placed before the end of what it has', async (t) => {
  const spool = new SpoolDirectory(await temporaryFolder(t))
  const first = await write(spool, spec, 5_000, 1)
  const behind: TrackSpec = { ...spec, clockOffsetMs: beganMs - 3_600_000, resumes: true, hasNewClock: true }
  const second = await write(spool, behind, 1_000, 2)
  assert.ok(second.startMs >= first.endMs - frameMs && second.startMs - first.endMs < 2 * frameMs, `${second.startMs - first.endMs} ms`)
  assert.ok(Math.abs(second.frames - first.frames) <= 1 && second.gaps.length === 0)

  const right = await write(spool, { ...behind, clockOffsetMs: beganMs }, 60_000, 3)
  assert.equal(right.startMs, beganMs + 60_000)
})
