import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { audioSpecificConfig, parseAudioSpecificConfig } from '../../src/media/aac.ts'
import type { AudioSink } from '../../src/media/audio-sink.ts'
import { FragmentBuffers } from '../../src/media/mp4-writer.ts'
import { framesOfRun } from '../../src/media/segment-file.ts'
import type { Segment } from '../../src/media/segments.ts'
import { SpoolDirectory } from '../../src/spool/directory.ts'
import { salvage, spooledSegments } from '../../src/spool/salvage.ts'
import { createSpoolFile, type SpoolWriter } from '../../src/spool/writer.ts'
import { EarlierFiles } from '../../src/tracks/earlier-files.ts'
import type { TrackReport, TrackSpec } from '../../src/tracks/messages.ts'
import { TrackRegistry } from '../../src/tracks/registry.ts'
import { runs } from '../helpers/fuzz.ts'

const beganMs = 1_767_225_600_000
const frameMs = 1024 / 48
const configs = [1, 2].map((channels) => parseAudioSpecificConfig(audioSpecificConfig(48_000, channels)))
const trackId = 'trk_1'
const spec: TrackSpec = {
  recordingId: 'rec_1',
  trackId,
  userId: 'anna',
  fillGaps: true,
  clockOffsetMs: 0,
  resumes: true,
  segments: { seconds: 2, epochMs: beganMs + 123, format: 'm4a', target: { kind: 'local', directory: '/nowhere', path: '' }, keyFolder: '' }
}

const which = fc.nat({ max: 2 })
const happenings = fc.array(fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expect' as const), source: which }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('talk' as const), source: which, frames: fc.integer({ min: 1, max: 300 }), asks: fc.boolean() }) },
  fc.record({ kind: fc.constant('connect' as const), source: which, encoding: fc.nat({ max: 1 }) }),
  fc.record({ kind: fc.constant('leave' as const), source: which }),
  fc.record({ kind: fc.constant('release' as const), source: fc.option(which, { nil: undefined }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), crash: fc.boolean(), torn: fc.nat({ max: 40 }) }) }
), { minLength: 1, maxLength: 30 })

/** One opening of the track after another, with sources that come and go, as the ingest has them. */
class Stage {
  readonly spool: SpoolDirectory
  readonly told: Segment[] = []
  /** By opening: the frames that were taken, by their numbers. */
  readonly taken: Array<{ numbers: number[], firstFile: number, finished: boolean }> = []
  /** By number of frame. */
  readonly channels: number[] = []
  readonly #keys = new Map<string, { sink: AudioSink, connected: boolean, fresh: boolean }>()
  readonly #encodings = [0, 0, 0]
  #tracks: TrackRegistry | undefined
  #writers: SpoolWriter[] = []
  #under = 0
  #nowMs = beganMs
  #tickedMs = beganMs
  #spoken = 0
  #live: { source: string, lastFrameMs: number } | undefined

  constructor (spool: SpoolDirectory) {
    this.spool = spool
  }

  async open (): Promise<void> {
    this.#writers = []
    this.#live = undefined
    const writers = this.#writers
    const tracks: TrackRegistry = new TrackRegistry({
      ingest: {
        expect: (key, sink) => { this.#keys.set(key, { sink, connected: false, fresh: true }) },
        forget: (key) => {
          const open = this.#keys.get(key)
          this.#keys.delete(key)
          if (open?.connected === true) open.sink.end('stopped')
        }
      },
      earlierFiles: new EarlierFiles(this.spool),
      buffers: new FragmentBuffers(),
      openFile: (track, start) => this.#disk(async () => {
        const file = await createSpoolFile(this.spool, { ...track, ...start })
        writers.push(file)
        const [append, addGap] = [file.append.bind(file), file.addGap.bind(file)]
        file.append = (bytes) => this.#disk(() => append(bytes))
        file.addGap = (gap) => this.#disk(() => addGap(gap))
        return file
      }),
      report: (report) => { if (this.#tracks === tracks) this.#onReport(report) },
      onSegment: (_, segment) => { if (this.#tracks === tracks) this.told.push(segment) },
      monotonicMs: () => this.#nowMs
    })
    this.#tracks = tracks
    this.taken.push({ numbers: [], firstFile: await tracks.open(spec), finished: false })
  }

  expect (source: number): void {
    this.#tracks?.expect(trackId, { sourceId: `src_${source}`, key: `key_${source}` })
  }

  release (source: number | undefined): void {
    this.#tracks?.release(trackId, source === undefined ? undefined : `src_${source}`)
    for (const key of this.#keys.keys()) assert.ok(source !== undefined && key !== `key_${source}`)
  }

  connect (source: number, encoding: number): void {
    const open = this.#keys.get(`key_${source}`)
    if (open === undefined) return
    if (open.connected) open.sink.end('replaced')
    if (this.#encodings[source] !== encoding) this.#nowMs += 10_000 // no source may change its encoding all the time
    this.#encodings[source] = encoding
    open.connected = open.fresh = true
    open.sink.configure(configs[encoding]!)
  }

  leave (source: number): void {
    const open = this.#keys.get(`key_${source}`)
    if (open?.connected !== true) return
    open.connected = false
    open.sink.end('disconnected')
  }

  async talk (source: number, frames: number, asks: boolean): Promise<void> {
    if (asks && !this.#keys.has(`key_${source}`)) this.expect(source)
    const open = this.#keys.get(`key_${source}`)
    if (open === undefined) return
    if (!open.connected) this.connect(source, this.#encodings[source]!)
    for (let sent = 0; sent < frames; sent++) {
      const frame = Buffer.alloc(5)
      frame.writeUInt32BE(this.#spoken, 1)
      this.channels.push(1 + this.#encodings[source]!)
      this.taken.at(-1)!.numbers.push(this.#spoken++)
      open.sink.write(frame, 0, frame.length, Math.round(this.#nowMs - beganMs), Math.round(this.#nowMs))
      assert.equal(this.#live?.source, `src_${source}`)
      this.#live = { source: `src_${source}`, lastFrameMs: Math.round(this.#nowMs) }
      if (open.fresh) assert.deepEqual([...this.#keys.keys()], [`key_${source}`], 'the keys of all others are dead')
      open.fresh = false
      await this.wait(frameMs)
    }
  }

  async wait (ms: number): Promise<void> {
    for (this.#nowMs += ms; this.#tickedMs < this.#nowMs; this.#tickedMs += 250) {
      this.#tracks?.tick(Math.round(this.#nowMs))
      await this.#idle()
    }
  }

  /** Ends the opening, in good order or not. @param torn bytes of a fragment that was being written */
  async end (crash: boolean, torn: number): Promise<void> {
    const opening = this.taken.at(-1)!
    if (crash) {
      await this.abandon()
      const last = this.#writers.at(-1)?.path
      if (last !== undefined && torn > 0) appendFileSync(last, Buffer.alloc(torn, 0xee))
    } else {
      const { lastFrameMs } = await this.#tracks!.finish(trackId)
      this.#tracks = undefined
      opening.finished = true
      assert.equal(lastFrameMs === null, opening.numbers.length === 0)
    }
    this.#keys.clear()
    await this.wait(100)
  }

  /** Lets everything fall, as a thread that dies does. */
  async abandon (): Promise<void> {
    await this.#idle()
    this.#tracks = undefined
    await Promise.all(this.#writers.map((file) => file.close().catch(() => undefined)))
  }

  async #disk<Result> (work: () => Promise<Result>): Promise<Result> {
    this.#under++
    try {
      return await work()
    } finally {
      this.#under--
    }
  }

  async #idle (): Promise<void> {
    do await new Promise(setImmediate)
    while (this.#under > 0)
  }

  #onReport (report: TrackReport): void {
    if (report.type === 'live') {
      assert.equal(this.#live, undefined, 'one source at a time')
      this.#live = { source: report.sourceId, lastFrameMs: report.atMs }
    } else if (report.type === 'lost') {
      assert.deepEqual({ source: report.sourceId, lastFrameMs: report.lastFrameMs }, this.#live)
      this.#live = undefined
    } else {
      assert.equal(report.type, 'firstAudio', JSON.stringify(report))
    }
  }
}

test('whatever sources come and go and however often a track is gone on with, its files, frames and segments are numbered on, and none is lost or doubled', async () => {
  await fc.assert(fc.asyncProperty(happenings, fc.boolean(), async (events, crashAtEnd) => {
    const directory = mkdtempSync(join(tmpdir(), 'tracks-'))
    const stage = new Stage(new SpoolDirectory(directory))
    try {
      await stage.open()
      for (const event of events) {
        switch (event.kind) {
          case 'expect': stage.expect(event.source); break
          case 'talk': await stage.talk(event.source, event.frames, event.asks); break
          case 'connect': stage.connect(event.source, event.encoding); break
          case 'leave': stage.leave(event.source); break
          case 'release': stage.release(event.source); break
          case 'wait': await stage.wait(event.ms); break
          case 'restart':
            await stage.end(event.crash, event.torn)
            await stage.open()
            break
          default: event satisfies never
        }
      }
      await stage.end(crashAtEnd, 7)
      await check(stage)
    } finally {
      await stage.abandon()
      rmSync(directory, { recursive: true })
    }
  }), {
    ...runs(100),
    // a source with another encoding comes, and waits, while one is heard
    examples: [[[
      { kind: 'talk', source: 0, frames: 60, asks: true }, { kind: 'expect', source: 1 }, { kind: 'connect', source: 1, encoding: 1 },
      { kind: 'talk', source: 0, frames: 60, asks: false }, { kind: 'talk', source: 1, frames: 60, asks: false }
    ], false]]
  })
})

async function check ({ spool, taken, told, channels }: Stage): Promise<void> {
  let seq = 0
  const segments: Segment[] = []
  const numbers: number[][] = taken.map(() => [])
  const files: number[] = []
  for (const key of await spool.list('rec_1')) {
    const summary = await salvage(spool, key)
    const opening = taken.findLastIndex(({ firstFile }) => firstFile <= key.fileNumber)
    if (summary === undefined) {
      assert.ok(opening === taken.length - 1 && taken[opening]?.finished === false, 'only the last crash leaves a file that was just begun')
      continue
    }
    files.push(key.fileNumber)
    assert.equal(summary.resumed, key.fileNumber === taken[opening]?.firstFile)
    segments.push(...await spooledSegments(spool, key, () => ++seq))
    const audio = readFileSync(spool.path(key))
    for (const frame of framesOfRun(audio.subarray(audio.indexOf('moof') - 4))) {
      if (frame.length !== 5) continue // silence
      const number = Buffer.from(frame).readUInt32BE(1)
      numbers[opening]!.push(number)
      assert.equal(summary.channels, channels[number])
    }
    if (taken[opening]!.finished) assert.equal(summary.partial, false)
  }

  assert.deepEqual(files, files.map((_, index) => index + 1))
  for (const [index, { numbers: all, finished }] of taken.entries()) {
    assert.deepEqual(numbers[index], all.slice(0, finished ? all.length : numbers[index]!.length))
    assert.ok(all.length - numbers[index].length <= 96, 'what was held or gathered, at most')
  }
  assert.deepEqual(told.map((segment) => segment.seq), [...new Set(told.map((segment) => segment.seq))])
  for (const segment of told) assert.deepEqual(segment, segments[segment.seq - 1])
  assert.ok(!existsSync('/nowhere'))
}
