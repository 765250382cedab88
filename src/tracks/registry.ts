import { messageOf, RoomtapeError } from '../core/errors.ts'
import type { AudioSink } from '../media/audio-sink.ts'
import type { FragmentBuffers } from '../media/mp4-writer.ts'
import type { Segment } from '../media/segments.ts'
import { Backlog } from './backlog.ts'
import type { EarlierFiles } from './earlier-files.ts'
import type { TrackFile } from './file-queue.ts'
import { HeldSegments } from './held-segments.ts'
import type { SegmentSpec, TrackReport, TrackSpec } from './messages.ts'
import { QuietWatch } from './quiet-watch.ts'
import { SourceSink } from './source-sink.ts'
import { Track } from './track.ts'
import type { FileStart } from './track-files.ts'

export interface TrackRegistryOptions {
  /** The ingest that feeds tracks by key. */
  ingest: { expect (key: string, sink: AudioSink): void, forget (key: string): void }
  buffers: FragmentBuffers
  openFile: (spec: TrackSpec, start: FileStart) => Promise<TrackFile>
  earlierFiles: Pick<EarlierFiles, 'nextNumber' | 'endMs' | 'salvage'>
  report: (report: TrackReport) => void
  /** A segment of a track that is to be cut is on the disk. */
  onSegment: (track: CutTrack, segment: Segment) => void
  /** The clock of arrivals: CLOCK_MONOTONIC in whole milliseconds. */
  monotonicMs: () => number
}

/** A track that is cut while it is written. */
interface CutTrack extends TrackSpec { segments: SegmentSpec }

interface Source { key: string, sink: SourceSink }

interface Entry {
  track: Track
  /** By id: the sources that may feed it. */
  sources: Map<string, Source>
  /** The one that last brought a frame, though it may be let go since. */
  chosen: SourceSink | undefined
  quiet: QuietWatch
  backlog: Backlog
  /** What has to be added to a time of the clock of arrivals for one of the recording's. */
  clockOffsetMs: number
  /** By the clock of arrivals. */
  openedMs: number
  isBroken: boolean
  /** Ends what is done for it beside its audio. */
  over: AbortController
}

interface Finished { lastFrameMs: number | null }

/** How long after it was opened a track whose audio has not come counts as load to come. After that its speaker is silent. */
const dueForMs = 15_000

/** The tracks that one thread writes. */
export class TrackRegistry {
  readonly #options: TrackRegistryOptions
  readonly #entries = new Map<string, Entry>()
  /** Tracks that are being finished. */
  readonly #finishing = new Map<string, Promise<Finished>>()
  readonly #awaitingQuiet = new Set<string>()
  #isOver = false
  /** Audio lost by tracks that are finished. */
  #lostMs = 0

  constructor (options: TrackRegistryOptions) {
    this.#options = options
  }

  /** Begins a track, or goes on with it. @returns the number of the file that its next frame begins @throws RoomtapeError SPOOL_FAILED */
  async open (spec: TrackSpec): Promise<number> {
    this.#refuseWhenOver()
    if (spec.resumes !== true) {
      this.#add(spec)
      return 1
    }
    const { earlierFiles, onSegment } = this.#options
    await this.finish(spec.trackId) // which broke in this thread, if it is here
    const resumesAt = await earlierFiles.nextNumber(spec)
    const clockOffsetMs = await this.#offsetOf(spec, resumesAt)
    this.#refuseWhenOver()
    const { segments } = spec
    const held = segments && new HeldSegments((segment) => { onSegment({ ...spec, segments }, segment) })
    const entry = this.#add({ ...spec, clockOffsetMs }, { resumesAt, held })
    earlierFiles.salvage(spec, resumesAt, { isCut: held !== undefined, signal: entry.over.signal })
      .then((before) => { if (!entry.over.signal.aborted) held?.goOnFrom(before) }, (error: unknown) => this.#break(spec.trackId, entry, error))
    return resumesAt
  }

  /** The recording's clock, or, if another one before it told more than it does by now, one that goes on from there. */
  async #offsetOf (spec: TrackSpec, resumesAt: number): Promise<number> {
    const { clockOffsetMs, hasNewClock = false } = spec
    if (!hasNewClock) return clockOffsetMs
    const { earlierFiles, monotonicMs } = this.#options
    return Math.max(clockOffsetMs, await earlierFiles.endMs(spec, resumesAt) - monotonicMs())
  }

  /** Lets one more source feed the track, until another brings a frame first. A source has one key. */
  expect (trackId: string, { sourceId, key }: { sourceId: string, key: string }): void {
    this.#refuseWhenOver()
    const entry = this.#entry(trackId)
    this.release(trackId, sourceId)
    const { ingest, report, monotonicMs } = this.#options
    const { track, clockOffsetMs } = entry
    const onFirstFrame = (): void => { this.#choose(entry, sourceId, sink) }
    const sink = new SourceSink({ trackId, sourceId, track, clockOffsetMs, report, onFirstFrame, monotonicMs })
    ingest.expect(key, sink)
    entry.sources.set(sourceId, { key, sink })
  }

  /** Ends the key of a source, or those of all. A finished track has none. */
  release (trackId: string, sourceId?: string): void {
    const entry = this.#entries.get(trackId)
    if (entry === undefined) return
    for (const id of sourceId === undefined ? [...entry.sources.keys()] : [sourceId]) this.#forget(entry, id)
  }

  /** Has it told, once, that no frame of the track has come for a while; or takes that back. */
  awaitQuiet (trackId: string, on: boolean): void {
    const entry = this.#entries.get(trackId)
    if (entry === undefined) return
    entry.quiet.stop()
    this.#awaitingQuiet.delete(trackId)
    if (!on) return
    entry.quiet.start()
    this.#awaitingQuiet.add(trackId)
  }

  /** Whether it is waited for that a track falls quiet. */
  get awaitsQuiet (): boolean { return this.#awaitingQuiet.size > 0 }

  /** Leaves out what arrives, or keeps it again. A finished track has nothing to pause. */
  pause (trackId: string, paused: boolean): void {
    this.#entries.get(trackId)?.track.pause(paused)
  }

  /** Resolves when the track is in the spool. One that is finished already, by `finishAll` for one, is as good. */
  async finish (trackId: string): Promise<Finished> {
    const entry = this.#entries.get(trackId)
    if (entry !== undefined) {
      this.release(trackId)
      this.awaitQuiet(trackId, false)
      this.#entries.delete(trackId)
      entry.over.abort(new RoomtapeError('UNAVAILABLE', 'the track is over'))
      this.#lostMs += entry.track.lostMs
      this.#finishing.set(trackId, this.#close(trackId, entry))
    }
    return await this.#finishing.get(trackId) ?? { lastFrameMs: null }
  }

  /** Finishes every track, and takes no more. */
  async finishAll (): Promise<void> {
    this.#isOver = true
    await Promise.allSettled([...this.#entries.keys(), ...this.#finishing.keys()].map((trackId) => this.finish(trackId)))
  }

  /** To be called several times a second. @param monotonicMs by the clock of arrivals */
  tick (monotonicMs: number): void {
    for (const [trackId, { track, backlog, clockOffsetMs }] of this.#entries) {
      const nowMs = monotonicMs + clockOffsetMs
      track.tick(nowMs)
      const { lostMs } = track
      const change = backlog.look(nowMs, track)
      if (change === 'behind') this.#options.report({ type: change, trackId, atMs: nowMs })
      else if (change === 'caughtUp') this.#options.report({ type: change, trackId, atMs: nowMs, lostMs })
    }
  }

  /** Figures over all tracks. `due` counts those whose audio was asked for and has not come yet. @param monotonicMs by the clock of arrivals */
  figures (monotonicMs: number): { tracks: number, due: number, fragmentsWaiting: number, tracksBehind: number, lostMs: number } {
    let [due, fragmentsWaiting, tracksBehind, lostMs] = [0, 0, 0, this.#lostMs]
    for (const { track, chosen, backlog, openedMs } of this.#entries.values()) {
      if (chosen === undefined && monotonicMs - openedMs < dueForMs) due++
      if (backlog.behind) tracksBehind++
      fragmentsWaiting += track.waiting
      lostMs += track.lostMs
    }
    return { tracks: this.#entries.size, due, fragmentsWaiting, tracksBehind, lostMs }
  }

  #add (spec: TrackSpec, { resumesAt, held }: { resumesAt?: number, held?: HeldSegments | undefined } = {}): Entry {
    const { openFile, buffers, report, onSegment, monotonicMs } = this.#options
    const { trackId, fillGaps, segments, clockOffsetMs, paused = false } = spec
    const track = new Track({
      fillGaps,
      buffers,
      resumesAt,
      openFile: (start) => openFile(spec, start),
      segments: segments && {
        grid: segments,
        onSegment: (segment) => {
          if (held === undefined) onSegment({ ...spec, segments }, segment)
          else held.add(segment)
        }
      },
      onFirstAudio: (startMs) => { report({ type: 'firstAudio', trackId, startMs }) },
      onFailure: (error) => { this.#reportBroken(trackId, entry, error) }
    })
    track.pause(paused)
    const quiet = new QuietWatch({
      lastFrameMs: () => entry.chosen?.lastFrameMs ?? null,
      now: () => monotonicMs() + clockOffsetMs,
      onQuiet: (atMs, lastFrameMs) => {
        this.#awaitingQuiet.delete(trackId)
        report({ type: 'quiet', trackId, atMs, lastFrameMs })
      }
    })
    const entry: Entry = {
      track,
      sources: new Map(),
      chosen: undefined,
      quiet,
      backlog: new Backlog(),
      clockOffsetMs,
      openedMs: monotonicMs(),
      isBroken: false,
      over: new AbortController()
    }
    this.#entries.set(trackId, entry)
    return entry
  }

  /** A source has brought audio on a new connection: it is the track's, and the keys of all others are dead. */
  #choose (entry: Entry, sourceId: string, sink: SourceSink): void {
    entry.chosen = sink
    for (const other of [...entry.sources.keys()]) if (other !== sourceId) this.#forget(entry, other)
  }

  #forget (entry: Entry, sourceId: string): void {
    const source = entry.sources.get(sourceId)
    if (source === undefined) return
    entry.sources.delete(sourceId)
    this.#options.ingest.forget(source.key)
    source.sink.release()
  }

  /** The track's earlier files are lost from sight: it ends here, in good order. */
  async #break (trackId: string, entry: Entry, error: unknown): Promise<void> {
    if (this.#entries.get(trackId) !== entry) return
    await entry.track.close()
    if (this.#entries.get(trackId) !== entry) return // finished meanwhile: whoever uploads it finds the same
    this.#reportBroken(trackId, entry, error instanceof RoomtapeError ? error : new RoomtapeError('SPOOL_FAILED', messageOf(error)))
  }

  #reportBroken (trackId: string, entry: Entry, { error: name, message }: RoomtapeError): void {
    if (entry.isBroken) return
    entry.isBroken = true
    this.#options.report({ type: 'broken', trackId, error: { name, message } })
  }

  /** What is finished as the thread ends is remembered until it has. */
  async #close (trackId: string, { track }: Entry): Promise<Finished> {
    try {
      await track.close()
      return { lastFrameMs: track.lastFrameMs }
    } finally {
      if (!this.#isOver) this.#finishing.delete(trackId)
    }
  }

  #refuseWhenOver (): void {
    if (this.#isOver) throw new RoomtapeError('UNAVAILABLE', 'the gateway is stopping')
  }

  #entry (trackId: string): Entry {
    const entry = this.#entries.get(trackId)
    if (entry === undefined) throw new RoomtapeError('INTERNAL', `this thread has no track ${trackId}`)
    return entry
  }
}
