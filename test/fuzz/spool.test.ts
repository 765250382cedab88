import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { Track } from '../../src/tracks/track.ts'
import { fragmentLayout } from '../../src/media/fragment-layout.ts'
import { FragmentBuffers, mehdDurationFromEnd } from '../../src/media/mp4-writer.ts'
import type { TrackSummary } from '../../src/media/track-summary.ts'
import { loadClip } from '../../src/sandbox/audio/clips.ts'
import { SpoolDirectory } from '../../src/spool/directory.ts'
import { salvage } from '../../src/spool/salvage.ts'
import { createSpoolFile } from '../../src/spool/writer.ts'
import { runs } from '../helpers/fuzz.ts'
import { listen } from '../helpers/listen.ts'

const directory = mkdtempSync(join(tmpdir(), 'spool-'))
const spool = new SpoolDirectory(directory)
const key = { recordingId: 'rec_1', trackId: 'trk_1', fileNumber: 1 }
const audioPath = spool.path(key)
const journalPath = audioPath.replace('.m4a', '.ndjson')
const startMs = 1_767_225_600_000
const lastWrittenMs = startMs + 3_600_000

let audio: Buffer
let journal: Buffer
let summary: TrackSummary
/** Where the header and each fragment end, and how many frames the file has up to there. */
let ends: { bytes: number, frames: number }[]

/** What was listened to already, by its frames: the bytes are compared each time. */
const heard = new Set<number>()

/** A finished file as a track writes it: four seconds of tone with a second in the middle that nobody sent, and a short hole before its end. */
before(async () => {
  const { config, frames } = loadClip('middle')
  const fail = (error: Error): void => { throw error }
  const track = new Track({
    fillGaps: true, buffers: new FragmentBuffers(), onFailure: fail, openFile: (start) => createSpoolFile(spool, { ...key, ...start, userId: 'anchor', fillGaps: true })
  })
  track.configure(config)
  for (const [index, frame] of frames.slice(0, 188).entries()) {
    const atMs = Math.round(index * 1024 / 48) + (index > 90 ? 1_000 : 0) + (index > 170 ? 300 : 0)
    track.write(frame, 0, frame.length, atMs, startMs + atMs)
  }
  summary = (await track.close())[0]!
  audio = readFileSync(audioPath)
  journal = readFileSync(journalPath)
  ends = endsIn(audio)
  assert.deepEqual([summary.gaps.length, ends.at(-1)], [2, { bytes: audio.length, frames: summary.frames }])
})

after(() => { rmSync(directory, { recursive: true }) })

function endsIn (file: Buffer): { bytes: number, frames: number }[] {
  const boxEnd = (at: number): number => at + file.readUInt32BE(at)
  const found = [{ bytes: boxEnd(boxEnd(0)), frames: 0 }]
  for (let { bytes, frames } = found[0]!; bytes < file.length;) {
    frames += file.readUInt32BE(bytes + fragmentLayout.frameCount)
    bytes = boxEnd(boxEnd(bytes))
    found.push({ bytes, frames })
  }
  return found
}

/** Any byte, the first and last few, and those around the end of a fragment or line more often than chance has it. */
const cutOf = (edges: () => number[], length: () => number): fc.Arbitrary<number> =>
  fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }).map((share) => Math.round(share * length())),
    fc.tuple(fc.nat(1000), fc.integer({ min: -2, max: 2 })).map(([which, off]) => {
      const edge = edges()[which % edges().length] ?? 0
      return Math.max(0, Math.min(length(), edge + off))
    }))
const audioCut = cutOf(() => [0, ...ends.map(({ bytes }) => bytes)], () => audio.length)
const journalCut = cutOf(() => [...journal.entries()].flatMap(([at, byte]) => byte === 0x0a ? [at] : []), () => journal.length)

/** Without a limit of time: what is under way when it ends would go on with the files beside the next. */
function untimed (numRuns: number) {
  const { interruptAfterTimeLimit: _, ...rest } = runs(numRuns)
  return rest
}

/** Salvages what is left of the files, and holds it against what was whole. */
async function salvageOf (audioBytes: number, journalBytes: number): Promise<void> {
  writeFileSync(audioPath, audio.subarray(0, audioBytes))
  writeFileSync(journalPath, journal.subarray(0, journalBytes))
  utimesSync(audioPath, lastWrittenMs / 1000, lastWrittenMs / 1000)
  const whole = ends.findLast(({ bytes }) => bytes <= audioBytes)
  const lines = journal.toString('utf8').trimEnd().split('\n').map((line, index, all) =>
    ({ line, whole: all.slice(0, index + 1).join('\n').length <= journalBytes }))

  const [salvaged, twin] = await Promise.all([salvage(spool, key), salvage(spool, key)])

  assert.deepEqual(twin, salvaged, 'two at a time')
  assert.deepEqual(await salvage(spool, key), salvaged, 'and once more')
  const left = readFileSync(audioPath)
  if (audioBytes === audio.length && lines.at(-1)?.whole === true) {
    assert.deepEqual(salvaged, summary)
    assert.deepEqual(left, audio)
    return
  }
  if (whole === undefined || whole.frames === 0) {
    assert.equal(salvaged, undefined)
    assert.equal(left.length, audioBytes, 'what cannot be used is left for somebody to look at')
    return
  }
  const durationMs = Math.round(whole.frames * 1024 / 48)
  const known = summary.gaps.filter(({ atFrame }, index) => lines[index + 1]?.whole === true && atFrame < whole.frames)
  assert.deepEqual([salvaged?.frames, salvaged?.durationMs, salvaged?.partial], [whole.frames, durationMs, true])
  assert.equal(salvaged?.startMs, lines[0]?.whole === true ? summary.startMs : Math.round(lastWrittenMs - whole.frames * 1024 / 48))
  assert.deepEqual(salvaged.gaps.map(({ atFrame }) => atFrame), known.map(({ atFrame }) => atFrame))
  const header = ends[0]!.bytes
  assert.deepEqual(withoutDuration(left, header), withoutDuration(audio.subarray(0, whole.bytes), header))
  if (heard.has(whole.frames)) return
  const { pcm, durationSeconds } = await listen(left)
  assert.equal(pcm.length, whole.frames * 1024)
  assert.ok(Math.abs(durationSeconds * 1000 - durationMs) <= 1, `the container says ${durationSeconds} s`)
  heard.add(whole.frames)
}

function withoutDuration (file: Buffer, header: number): Buffer {
  return Buffer.from(file).fill(0, header - mehdDurationFromEnd, header - mehdDurationFromEnd + 8)
}

test('audio cut at any byte is kept up to its last whole fragment and plays', async () => {
  await fc.assert(fc.asyncProperty(audioCut, (bytes) => salvageOf(bytes, journal.length)), untimed(40))
})

test('a journal cut at any byte costs no audio', async () => {
  await fc.assert(fc.asyncProperty(journalCut, (bytes) => salvageOf(audio.length, bytes)), untimed(20))
})

test('audio and journal cut anywhere keep what was whole in both', async () => {
  await fc.assert(fc.asyncProperty(audioCut, journalCut, salvageOf), untimed(40))
})

test('any bytes in the place of a journal are survived', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
    writeFileSync(audioPath, audio)
    writeFileSync(journalPath, bytes)

    const salvaged = await salvage(spool, key)

    assert.deepEqual([salvaged?.frames, salvaged?.partial], [summary.frames, true])
  }), untimed(20))
})
