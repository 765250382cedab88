import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AudioSink } from '../../../src/media/audio-sink.ts'
import { EarlierFiles } from '../../../src/tracks/earlier-files.ts'
import type { TrackReport } from '../../../src/tracks/messages.ts'
import { TrackRegistry } from '../../../src/tracks/registry.ts'
import { FragmentBuffers } from '../../../src/media/mp4-writer.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { SpoolDirectory } from '../../../src/spool/directory.ts'
import { salvage } from '../../../src/spool/salvage.ts'
import { createSpoolFile } from '../../../src/spool/writer.ts'

const clip = loadClip('low')
const frameMs = 1024 / 48
const beganMs = 1_767_225_600_000

test('a disk that stands still is told of before anything is lost, other tracks go on, and what was lost is a gap of the file', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tracks-'))
  t.after(() => { rmSync(directory, { recursive: true }) })
  const spool = new SpoolDirectory(directory)
  const disk = Promise.withResolvers<undefined>()
  const sinks = new Map<string, AudioSink>()
  const under = { way: 0 }
  const told: { report: TrackReport, lostMs: number }[] = []
  const tracks: TrackRegistry = new TrackRegistry({
    ingest: { expect: (key, sink) => { sinks.set(key, sink) }, forget: () => undefined },
    earlierFiles: new EarlierFiles(spool),
    buffers: new FragmentBuffers(),
    openFile: async ({ recordingId, trackId, userId, fillGaps }, start) => {
      under.way++
      const file = await createSpoolFile(spool, { recordingId, trackId, userId, fillGaps, ...start })
      under.way--
      const append = file.append.bind(file)
      file.append = async (bytes) => {
        if (trackId === 'trk_stuck') await disk.promise
        under.way++
        await append(bytes)
        under.way--
      }
      return file
    },
    report: (report) => { told.push({ report, lostMs: tracks.figures(nowMs).lostMs }) },
    onSegment: () => undefined,
    monotonicMs: () => nowMs
  })
  let nowMs = beganMs
  for (const trackId of ['trk_stuck', 'trk_other']) {
    await tracks.open({ recordingId: 'rec_1', trackId, userId: 'anna', fillGaps: true, clockOffsetMs: 0 })
    tracks.expect(trackId, { sourceId: 'src_1', key: trackId })
    sinks.get(trackId)?.configure(clip.config)
  }
  let sent = 0
  const talk = async (seconds: number): Promise<void> => {
    for (const end = sent + Math.round(seconds * 1000 / frameMs); sent < end; sent++) {
      nowMs = Math.round(beganMs + sent * frameMs)
      const frame = clip.frames[sent % clip.frames.length]!
      for (const sink of sinks.values()) sink.write(frame, 0, frame.length, Math.round(sent * frameMs), nowMs)
      if (sent % 12 === 0) {
        tracks.tick(nowMs)
        do await new Promise(setImmediate)
        while (under.way > 0) // a disk is as fast as this clock
      }
    }
  }

  await talk(180)
  const stuck = tracks.figures(nowMs)
  disk.resolve(undefined)
  while (tracks.figures(nowMs).fragmentsWaiting > 1) await new Promise(setImmediate)
  await talk(2)
  while (tracks.figures(nowMs).tracksBehind > 0) {
    tracks.tick(nowMs)
    await new Promise(setImmediate)
  }
  await tracks.finishAll()

  const ofDisk = told.filter(({ report: { type } }) => type !== 'firstAudio')
  assert.deepEqual(ofDisk.map(({ report: { type, trackId } }) => `${type} ${trackId}`), ['live trk_stuck', 'live trk_other', 'behind trk_stuck', 'caughtUp trk_stuck'])
  assert.deepEqual(told.filter((each) => !ofDisk.includes(each)).map(({ report: { trackId } }) => trackId), ['trk_other', 'trk_stuck'], 'each once it is on the disk')
  const [behind, caughtUp] = ofDisk.slice(2)
  assert.equal(behind?.lostMs, 0, 'nothing was lost by then')
  assert.ok(behind.report.type === 'behind' && behind.report.atMs - beganMs < 6_000, 'a few seconds after it stood still')
  assert.equal(stuck.tracksBehind, 1)
  assert.ok(stuck.fragmentsWaiting <= 100, `${stuck.fragmentsWaiting} wait in memory`)
  assert.ok(stuck.lostMs > 60_000)
  const summaries = await Promise.all(['trk_stuck', 'trk_other'].map((trackId) => salvage(spool, { recordingId: 'rec_1', trackId, fileNumber: 1 })))
  const [ofStuck, ofOther] = summaries
  assert.deepEqual([ofOther?.gaps, ofOther?.frames], [[], sent])
  assert.deepEqual(ofStuck?.gaps.map(({ cause }) => cause), ['overload'])
  assert.ok(caughtUp?.report.type === 'caughtUp' && Math.abs(caughtUp.report.lostMs - ofStuck.gapMs) <= 3 * frameMs)
  assert.ok(Math.abs(ofStuck.endMs - beganMs - sent * frameMs) <= frameMs)
})

test('finishing what is finished, or is being finished, waits for it and is no fault; a thread that ends takes nothing more', async () => {
  const disk = Promise.withResolvers<undefined>()
  let finished = 0
  const sinks = new Map<string, AudioSink>()
  const tracks = new TrackRegistry({
    ingest: { expect: (key, sink) => { sinks.set(key, sink) }, forget: () => undefined },
    earlierFiles: { nextNumber: async () => 1, endMs: async () => -Infinity, salvage: async () => 0 },
    buffers: new FragmentBuffers(),
    openFile: async () => ({
      append: async () => undefined,
      patch: async () => undefined,
      addGap: async () => undefined,
      addTrim: async () => undefined,
      close: async () => undefined,
      finish: async () => {
        await disk.promise
        finished++
      }
    }),
    report: () => undefined,
    onSegment: () => undefined,
    monotonicMs: () => beganMs
  })
  const spec = { recordingId: 'rec_1', trackId: 'trk_1', userId: 'anna', fillGaps: true, clockOffsetMs: 0 }
  await tracks.open(spec)
  tracks.expect('trk_1', { sourceId: 'src_1', key: 'key' })
  const sink = sinks.get('key')!
  sink.configure(clip.config)
  for (const [number, frame] of clip.frames.slice(0, 50).entries()) {
    const atMs = Math.round(number * frameMs)
    sink.write(frame, 0, frame.length, atMs, beganMs + atMs)
  }

  const all = tracks.finishAll()
  let answered = false
  const one = tracks.finish('trk_1').then(() => { answered = true })
  await new Promise(setImmediate)
  assert.equal(answered, false)
  disk.resolve(undefined)
  await Promise.all([all, one, tracks.finishAll()])
  await tracks.finish('trk_1')
  assert.equal(finished, 1)
  await assert.rejects(tracks.open({ ...spec, trackId: 'trk_2' }), { error: 'UNAVAILABLE' })
  assert.throws(() => { tracks.expect('trk_1', { sourceId: 'src_2', key: 'other' }) }, { error: 'UNAVAILABLE' })
})

test('what follows a source that was let go is another one\'s, whether or not its connection was there to be ended; keys that brought no audio change nothing', async () => {
  const gaps: string[] = []
  const keys = new Map<string, { sink: AudioSink, connected: boolean }>()
  let nowMs = beganMs
  const tracks = new TrackRegistry({
    ingest: {
      expect: (key, sink) => { keys.set(key, { sink, connected: false }) },
      forget: (key) => {
        const open = keys.get(key)
        keys.delete(key)
        if (open?.connected === true) open.sink.end('stopped')
      }
    },
    earlierFiles: { nextNumber: async () => 1, endMs: async () => -Infinity, salvage: async () => 0 },
    buffers: new FragmentBuffers(),
    openFile: async () => ({
      append: async () => undefined,
      patch: async () => undefined,
      addGap: async ({ cause }) => { gaps.push(cause) },
      addTrim: async () => undefined,
      close: async () => undefined,
      finish: async () => undefined
    }),
    report: () => undefined,
    onSegment: () => undefined,
    monotonicMs: () => nowMs
  })
  await tracks.open({ recordingId: 'rec_1', trackId: 'trk_1', userId: 'anna', fillGaps: true, clockOffsetMs: 0 })
  const expect = (source: string): void => { tracks.expect('trk_1', { sourceId: source, key: source }) }
  const leave = (source: string): void => {
    const open = keys.get(source)!
    open.connected = false
    open.sink.end('disconnected')
  }
  const talk = (source: string, afterMs: number): void => {
    const open = keys.get(source)!
    nowMs += afterMs
    if (!open.connected) open.sink.configure(clip.config)
    open.connected = true
    for (const frame of clip.frames.slice(0, 50)) {
      open.sink.write(frame, 0, frame.length, Math.round(nowMs - beganMs), Math.round(nowMs))
      nowMs += frameMs
    }
  }

  expect('a')
  talk('a', 0)
  leave('a')
  talk('a', 1_000)
  leave('a')
  tracks.release('trk_1', 'a')
  expect('b')
  talk('b', 1_000)
  expect('c')
  expect('d')
  keys.get('d')!.sink.configure({ ...clip.config, channels: 2, config: Buffer.of(0x11, 0x90) })
  keys.get('d')!.sink.end('disconnected')
  tracks.release('trk_1', 'd')
  talk('b', 1_000) // goes on as if nothing had been
  talk('c', 1_000)
  const { lastFrameMs } = await tracks.finish('trk_1')

  assert.deepEqual(gaps, ['reconnected', 'disconnected', 'missing', 'disconnected'])
  assert.equal(lastFrameMs, Math.round(nowMs - frameMs))
  assert.deepEqual([...keys], [])
})

test('a track that broke and whose earlier files cannot be counted either is told of once, and one that is finished before is not told of', async () => {
  const told: string[] = []
  const counting: Array<PromiseWithResolvers<number>> = []
  const tracks = new TrackRegistry({
    ingest: { expect: () => undefined, forget: () => undefined },
    earlierFiles: {
      nextNumber: async () => 2,
      endMs: async () => -Infinity,
      salvage: async () => { counting.push(Promise.withResolvers<number>()); return counting.at(-1)!.promise }
    },
    buffers: new FragmentBuffers(),
    openFile: async () => { throw new Error('no disk') },
    report: ({ type, trackId }) => { told.push(`${type} ${trackId}`) },
    onSegment: () => undefined,
    monotonicMs: () => beganMs
  })
  const spec = { recordingId: 'rec_1', userId: 'anna', fillGaps: true, clockOffsetMs: 0, resumes: true }
  for (const trackId of ['trk_1', 'trk_2']) assert.equal(await tracks.open({ ...spec, trackId }), 2)

  assert.deepEqual(await tracks.finish('trk_2'), { lastFrameMs: null })
  for (const { reject } of counting) reject(new Error('the disk is gone'))
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  await tracks.open({ ...spec, trackId: 'trk_1' })

  assert.deepEqual(told, ['broken trk_1'])
})
