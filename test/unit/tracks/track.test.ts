import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { Track } from '../../../src/tracks/track.ts'
import type { TrackFilesOptions } from '../../../src/tracks/track-files.ts'
import type { TrackFile } from '../../../src/tracks/file-queue.ts'
import type { RoomtapeError } from '../../../src/core/errors.ts'
import { audioSpecificConfig, parseAudioSpecificConfig } from '../../../src/media/aac.ts'
import { FragmentBuffers } from '../../../src/media/mp4-writer.ts'
import { loadClip, secondOfTone } from '../../../src/sandbox/audio/clips.ts'
import { SpoolDirectory } from '../../../src/spool/directory.ts'
import { salvage } from '../../../src/spool/salvage.ts'
import { createSpoolFile } from '../../../src/spool/writer.ts'
import { listen, peakBetween, tonesHeard, type Heard } from '../../helpers/listen.ts'

const clip = loadClip('low')
const frameMs = 1024 / 48
const beganMs = 1_767_225_600_000

interface Recorded {
  track: Track
  spool: SpoolDirectory
  failures: RoomtapeError[]
  hear: (fileNumber?: number) => Promise<Heard>
}

function recording (t: TestContext, options: Partial<TrackFilesOptions> = {}, wrap = (file: TrackFile): TrackFile => file): Recorded {
  const directory = mkdtempSync(join(tmpdir(), 'track-'))
  t.after(() => { rmSync(directory, { recursive: true }) })
  const spool = new SpoolDirectory(directory)
  const fillGaps = options.fillGaps ?? true
  const failures: RoomtapeError[] = []
  const track = new Track({
    fillGaps,
    openFile: async (start) => wrap(await createSpoolFile(spool, { recordingId: 'rec_1', trackId: 'trk_1', userId: 'anchor', fillGaps, ...start })),
    buffers: new FragmentBuffers(),
    onFailure: (error) => failures.push(error),
    ...options
  })
  const hear = async (fileNumber = 1): Promise<Heard> => listen(await readFile(spool.path({ recordingId: 'rec_1', trackId: 'trk_1', fileNumber })))
  return { track, spool, failures, hear }
}

/** Plays frames of the clip as a source would: in real time, media clock and arrival as told. */
function play (track: Track, frames: { from?: number, count: number, timestampMs?: number, arrivalMs?: number }): void {
  const { from = 0, count, timestampMs = 0, arrivalMs = beganMs } = frames
  for (let i = 0; i < count; i++) {
    const frame = clip.frames[(from + i) % clip.frames.length]!
    const packet = Buffer.concat([Buffer.of(0xaf, 1), frame]) // a frame lies somewhere in the engine's buffer
    track.write(packet, 2, packet.length, Math.round(timestampMs + i * frameMs) >>> 0, Math.round(arrivalMs + i * frameMs))
    packet.fill(0) // which belongs to the engine again
  }
}

const seconds = (heard: Heard): number[] => tonesHeard(heard).map((burst) => secondOfTone.ofLength(burst.lengthMs))

test('eight seconds of speech become a file of eight seconds that says so', async (t) => {
  const { track, hear, failures } = recording(t)

  track.configure(clip.config)
  play(track, { count: 375 })
  const summaries = await track.close()

  assert.deepEqual(summaries, [{
    fileNumber: 1,
    startMs: beganMs,
    endMs: beganMs + 8000,
    durationMs: 8000,
    gapMs: 0,
    gaps: [],
    trims: [],
    frames: 375,
    sampleRate: 48_000,
    channels: 1,
    partial: false,
    resumed: false
  }])
  assert.deepEqual(seconds(await hear()), [0, 1, 2, 3, 4, 5, 6, 7])
  assert.deepEqual(failures, [])
})

test('a track that nobody spoke on leaves no file', async (t) => {
  const { track, spool } = recording(t)

  track.configure(clip.config)
  track.end('disconnected')

  assert.deepEqual(await track.close(), [])
  assert.deepEqual(await spool.recordings(), [])
})

test('a mute is filled with silence, so that what is said after it lies at its own time', async (t) => {
  const { track, hear } = recording(t)
  const mutedMs = 3500

  track.configure(clip.config)
  play(track, { count: 94 }) // seconds 0 and 1
  play(track, { count: 281, from: 94, timestampMs: 94 * frameMs + mutedMs, arrivalMs: beganMs + 94 * frameMs + mutedMs })
  const [summary] = await track.close()

  const heard = await hear()
  const [gap] = summary!.gaps
  assert.equal(summary!.gaps.length, 1)
  assert.equal(gap?.cause, 'missing')
  assert.ok(Math.abs(gap.startMs - beganMs - 94 * frameMs) <= 1 && Math.abs(gap.endMs - gap.startMs - mutedMs) <= 1)
  assert.equal(summary!.gapMs, gap.endMs - gap.startMs)
  assert.ok(Math.abs(summary!.durationMs - 8000 - mutedMs) <= frameMs)
  assert.ok(Math.abs(heard.pcm.length / 48 - summary!.durationMs) <= 1)
  const third = tonesHeard(heard).find((burst) => secondOfTone.ofLength(burst.lengthMs) === 3)
  assert.ok(Math.abs(third!.startMs - 3000 - mutedMs) <= frameMs, `second 3 is heard at ${third!.startMs}`)
  assert.ok(peakBetween(heard, 94 * frameMs + 50, 94 * frameMs + mutedMs - 50) < 0.001)
})

test('without filling, a gap is cut out and still listed, and the end is the room\'s', async (t) => {
  const { track, hear } = recording(t, { fillGaps: false })

  track.configure(clip.config)
  play(track, { count: 100 })
  track.end('disconnected')
  play(track, { count: 275, from: 100, timestampMs: 0, arrivalMs: beganMs + 20_000 })
  const [summary] = await track.close()

  assert.deepEqual(summary!.gaps.map(({ cause, atFrame, endMs }) => ({ cause, atFrame, endMs })), [{ cause: 'reconnected', atFrame: 100, endMs: beganMs + 20_000 }])
  assert.equal(summary!.durationMs, 8000)
  assert.ok(Math.abs(summary!.endMs - beganMs - 20_000 - 275 * frameMs) <= 1)
  assert.deepEqual(seconds(await hear()), [0, 1, 2, 3, 4, 5, 6, 7])
})

test('a pause is a hole of that cause, whatever the source does in it, and what follows lies at its own time', async (t) => {
  const { track, hear } = recording(t)
  const pausedAt = 94
  const resumedAt = 225

  track.configure(clip.config)
  play(track, { count: pausedAt }) // seconds 0 and 1
  track.pause(true)
  play(track, { count: 100, from: pausedAt, timestampMs: pausedAt * frameMs, arrivalMs: beganMs + pausedAt * frameMs })
  track.end('disconnected')
  play(track, { count: 31, from: 194, arrivalMs: beganMs + 194 * frameMs })
  track.pause(false)
  play(track, { count: 150, from: resumedAt, timestampMs: 31 * frameMs, arrivalMs: beganMs + resumedAt * frameMs })
  const [summary] = await track.close()

  const [gap, ...more] = summary!.gaps
  assert.deepEqual([gap?.cause, more], ['paused', []])
  assert.ok(Math.abs(gap!.startMs - beganMs - pausedAt * frameMs) <= frameMs && Math.abs(gap!.endMs - beganMs - resumedAt * frameMs) <= frameMs)
  const heard = tonesHeard(await hear())
  assert.deepEqual(heard.map((burst) => Math.round(burst.startMs / 1000)), [0, 1, 5, 6, 7])
  assert.ok(heard.every((burst) => Math.abs(burst.startMs - Math.round(burst.startMs / 1000) * 1000) <= frameMs))
})

test('a track that is paused before its first frame begins when it goes on', async (t) => {
  const { track, spool } = recording(t)

  track.pause(true)
  track.configure(clip.config)
  play(track, { count: 100 })
  assert.deepEqual(await spool.recordings(), [])
  track.pause(false)
  play(track, { count: 275, from: 100, timestampMs: 100 * frameMs, arrivalMs: beganMs + 100 * frameMs })
  const [summary] = await track.close()

  assert.deepEqual([summary?.frames, summary?.gaps], [275, []])
  assert.ok(Math.abs(summary!.startMs - beganMs - 100 * frameMs) <= 1)
})

test('a stall followed by a burst is no gap', async (t) => {
  const { track, hear } = recording(t)

  track.configure(clip.config)
  play(track, { count: 100 })
  for (let i = 100; i < 375; i++) {
    const frame = clip.frames[i]!
    track.write(frame, 0, frame.length, Math.round(i * frameMs), Math.round(beganMs + Math.max(i * frameMs, 7000)))
  }
  const [summary] = await track.close()

  assert.deepEqual(summary!.gaps, [])
  assert.deepEqual(seconds(await hear()), [0, 1, 2, 3, 4, 5, 6, 7])
})

test('an absence of ten hours is filled without halting the thread', async (t) => {
  const { track, spool } = recording(t)
  const absentMs = 10 * 3_600_000

  track.configure(clip.config)
  play(track, { count: 94 })
  track.end('disconnected')
  const before = performance.now()
  play(track, { count: 94, from: 94, timestampMs: 5, arrivalMs: beganMs + absentMs })
  const heldMs = performance.now() - before
  const [summary] = await track.close()

  assert.ok(heldMs < 50, `the engine was held for ${heldMs} ms`)
  assert.ok(Math.abs(summary!.endMs - beganMs - absentMs - 94 * frameMs) <= frameMs)
  // Nothing is silent at the end: the last frame is one of ours
  const bytes = await readFile(spool.path({ recordingId: 'rec_1', trackId: 'trk_1', fileNumber: 1 }))
  assert.ok(bytes.subarray(-clip.frames[187]!.length).equals(clip.frames[187]!))
})

test('another encoding in mid-stream begins another file where the first one ends', async (t) => {
  const { track, spool } = recording(t)
  const stereo = parseAudioSpecificConfig(audioSpecificConfig(44_100, 2))

  track.configure(clip.config)
  play(track, { count: 94 })
  track.configure({ ...clip.config, config: clip.config.config.slice() }) // the same again is no change
  play(track, { count: 94, from: 94, timestampMs: 94 * frameMs, arrivalMs: beganMs + 94 * frameMs })
  track.configure(stereo)
  track.write(Buffer.of(1, 2, 3), 0, 3, Math.round(188 * frameMs), Math.round(beganMs + 188 * frameMs))
  const summaries = await track.close()

  assert.deepEqual(summaries.map(({ fileNumber, frames, sampleRate, channels }) => ({ fileNumber, frames, sampleRate, channels })), [
    { fileNumber: 1, frames: 188, sampleRate: 48_000, channels: 1 },
    { fileNumber: 2, frames: 1, sampleRate: 44_100, channels: 2 }
  ])
  assert.ok(Math.abs(summaries[1]!.startMs - summaries[0]!.endMs) <= 1)
  assert.deepEqual(await spool.list('rec_1'), [1, 2].map((fileNumber) => ({ recordingId: 'rec_1', trackId: 'trk_1', fileNumber })))
})

test('what cannot be a frame is left out and the rest is recorded', async (t) => {
  const { track } = recording(t)

  track.write(Buffer.of(1), 0, 1, 0, beganMs) // before anybody said how to decode it
  track.configure(clip.config)
  play(track, { count: 10 })
  track.write(Buffer.of(1), 1, 1, 220, beganMs + 220)
  track.write(Buffer.alloc(10_000), 0, 10_000, 220, beganMs + 220)
  play(track, { count: 10, from: 10, timestampMs: 10 * frameMs, arrivalMs: beganMs + 10 * frameMs })
  const [summary] = await track.close()

  assert.deepEqual([summary!.frames, summary!.gaps, summary!.startMs], [20, [], beganMs])
})

test('a clock that stands still, creeps or leaps costs a second of audio at most', async (t) => {
  for (const timestampOf of [() => 7, (i: number) => i, (i: number) => (i * 1_000_000_007) >>> 0]) {
    const { track } = recording(t)
    track.configure(clip.config)
    for (let i = 0; i < 375; i++) {
      const frame = clip.frames[i]!
      track.write(frame, 0, frame.length, timestampOf(i), Math.round(beganMs + i * frameMs))
    }
    const [summary] = await track.close()

    // A clock that is too slow is believed for its first second
    assert.ok(summary!.frames >= 375 - 50, `${summary!.frames} frames`)
    assert.ok(Math.abs(summary!.endMs - beganMs - 8000) <= 1100, `ends after ${summary!.endMs - beganMs} ms`)
  }
})

test('the frames of a source that stalls are on the disk 0.8 s later', async (t) => {
  const appended = Promise.withResolvers<number>()
  const seen: number[] = []
  const { track } = recording(t, {}, (file) => watched(file, (bytes) => { if (seen.push(bytes.length) === 2) appended.resolve(bytes.length) }))

  track.configure(clip.config)
  play(track, { count: 5 })
  track.tick(beganMs + 750) // too early
  play(track, { count: 1, from: 5, timestampMs: 5 * frameMs, arrivalMs: beganMs + 5 * frameMs })
  track.tick(beganMs + 800)

  assert.equal(await appended.promise, 92 + 6 * 4 + 8 + clip.frames.slice(0, 6).reduce((sum, frame) => sum + frame.length, 0))
  assert.equal((await track.close())[0]?.frames, 6)
})

function watched (file: TrackFile, onAppend: (bytes: Uint8Array) => void): TrackFile {
  return {
    append: async (bytes) => {
      await file.append(bytes)
      onAppend(bytes)
    },
    patch: (offset, bytes) => file.patch(offset, bytes),
    addGap: (gap) => file.addGap(gap),
    addTrim: (trim) => file.addTrim(trim),
    finish: (summary) => file.finish(summary),
    close: () => file.close()
  }
}

test('a disk that fails is told of once, and what it had is salvaged', async (t) => {
  let appends = 0
  const { track, spool, failures } = recording(t, {}, (file) => ({
    ...watched(file, () => undefined),
    append: async (bytes) => {
      if (++appends < 5) return file.append(bytes)
      await file.append(bytes.subarray(0, 1000)) // full in the middle of a fragment
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    }
  }))

  track.configure(clip.config)
  play(track, { count: 375 })
  const closed = await track.close()
  const salvaged = await salvage(spool, { recordingId: 'rec_1', trackId: 'trk_1', fileNumber: 1 })

  assert.deepEqual(closed, [])
  assert.equal(failures.length, 1)
  assert.equal(failures[0]!.error, 'SPOOL_FAILED')
  assert.match(failures[0]!.message, /no space left/)
  assert.equal(appends, 5)
  assert.deepEqual([salvaged?.partial, salvaged?.frames, salvaged?.startMs], [true, 3 * 37, beganMs])
})

test('tracks whose disk failed give their memory back', async (t) => {
  const buffers = new FragmentBuffers()
  for (let i = 0; i < 200; i++) {
    const { track } = recording(t, { buffers, openFile: async () => { throw new Error('EIO: i/o error, open') } })
    track.configure(clip.config)
    play(track, { count: 1200 })
    await track.close()
  }

  assert.equal(buffers.crowded, false)
})

test('a spool that cannot begin a file is told of once, and the engine is never thrown at', async (t) => {
  const { track, failures } = recording(t, { openFile: async () => { throw new Error('EMFILE: too many open files') } })

  track.configure(clip.config)
  play(track, { count: 375 })
  const closed = await track.close()
  play(track, { count: 10 })

  assert.deepEqual(closed, [])
  assert.deepEqual(failures.map((error) => error.error), ['SPOOL_FAILED'])
})

test('a disk that stands still costs audio, not memory, and what was lost is a gap', async (t) => {
  const stuck = Promise.withResolvers<undefined>()
  const caughtUp = Promise.withResolvers<undefined>()
  let written = 0
  const { track, failures } = recording(t, {}, (file) => {
    // 96 pieces may wait, the header among them
    const seen = watched(file, () => { if (++written === 96) caughtUp.resolve(undefined) })
    return {
      ...seen,
      append: async (bytes) => {
        await stuck.promise
        await seen.append(bytes)
      }
    }
  })

  track.configure(clip.config)
  play(track, { count: 200 * 47 })
  stuck.resolve(undefined)
  await caughtUp.promise
  play(track, { count: 47, timestampMs: 200 * 47 * frameMs, arrivalMs: beganMs + 200 * 47 * frameMs })
  const [summary] = await track.close()

  assert.ok(Math.abs(track.lostMs - summary!.gapMs) <= 2 * frameMs, `${track.lostMs} ms are said to be lost, ${summary!.gapMs} are missing`)
  assert.deepEqual(failures, [])
  assert.deepEqual(summary!.gaps.map((gap) => gap.cause), ['overload'])
  assert.ok(Math.abs(summary!.endMs - beganMs - 201 * 47 * frameMs) <= frameMs)
  assert.ok(summary!.gapMs > 120_000)
})

test('a source that changes its encoding with every frame begins a handful of files, and one now and then', async (t) => {
  const { track } = recording(t)
  const stereo = { ...clip.config, config: audioSpecificConfig(48_000, 2), channels: 2 }

  for (let i = 0; i < 1000; i++) {
    track.configure(i % 2 === 0 ? clip.config : stereo)
    play(track, { count: 30, timestampMs: i * 30 * frameMs, arrivalMs: beganMs + i * 30 * frameMs })
  }
  const files = await track.close()

  const seconds = 30 * frameMs
  assert.ok(files.length >= seconds / 10 && files.length <= 8 + seconds / 10 + 1, `${files.length} files in ${seconds} s`)
})
