import { RoomtapeError } from '../core/errors.ts'
import type { FragmentBuffers } from '../media/mp4-writer.ts'
import { Backlog } from './backlog.ts'
import type { AudioSink, SourceEnd } from '../media/audio-sink.ts'
import type { Segment } from '../media/segments.ts'
import type { SegmentSpec, TrackReport, TrackSpec } from './messages.ts'
import { Track } from './track.ts'
import type { TrackFile } from './file-queue.ts'
import type { AudioConfig } from '../media/audio-config.ts'

export interface TrackRegistryOptions {
  /** The ingest that feeds tracks by key. */
  ingest: { expect (key: string, sink: AudioSink): void, forget (key: string): void }
  buffers: FragmentBuffers
  openFile: (spec: TrackSpec, start: { fileNumber: number, startMs: number }) => Promise<TrackFile>
  report: (report: TrackReport) => void
  /** A segment of a track that is to be cut is on the disk. */
  onSegment: (track: CutTrack, segment: Segment) => void
  /** Unix milliseconds, the clock of arrivals. */
  now: () => number
}

/** A track that is cut while it is written. */
interface CutTrack extends TrackSpec { segments: SegmentSpec }

interface Entry { track: Track, sink: ReportingSink, backlog: Backlog, key: string | undefined, openedMs: number }

/** How long after it was opened a track whose audio has not come counts as load to come. After that its speaker is silent. */
const dueForMs = 15_000

/** The tracks that one thread writes. */
export class TrackRegistry {
  readonly #options: TrackRegistryOptions
  readonly #entries = new Map<string, Entry>()
  /** Tracks that are being finished. */
  readonly #finishing = new Map<string, Promise<unknown>>()
  #isOver = false
  /** Audio lost by tracks that are finished. */
  #lostMs = 0

  constructor (options: TrackRegistryOptions) {
    this.#options = options
  }

  open (spec: TrackSpec): void {
    this.#refuseWhenOver()
    const { openFile, buffers, report, onSegment, now } = this.#options
    const { trackId, fillGaps, segments, paused = false } = spec
    const track = new Track({
      fillGaps,
      buffers,
      openFile: (start) => openFile(spec, start),
      segments: segments && { grid: segments, onSegment: (segment) => { onSegment({ ...spec, segments }, segment) } },
      onFirstAudio: (startMs) => { report({ type: 'firstAudio', trackId, startMs }) },
      onFailure: (error) => { report({ type: 'broken', trackId, error: { name: error.error, message: error.message } }) }
    })
    track.pause(paused)
    this.#entries.set(trackId, { track, sink: new ReportingSink(trackId, track, this.#options), backlog: new Backlog(), key: undefined, openedMs: now() })
  }

  expect (trackId: string, key: string): void {
    this.#refuseWhenOver()
    const entry = this.#entry(trackId)
    this.#forget(entry)
    entry.track.end('stopped')
    entry.key = key
    this.#options.ingest.expect(key, entry.sink)
  }

  /** Ends the track's key. A finished track has none. */
  release (trackId: string): void {
    const entry = this.#entries.get(trackId)
    if (entry !== undefined) this.#forget(entry)
  }

  /** Leaves out what arrives, or keeps it again. A finished track has nothing to pause. */
  pause (trackId: string, paused: boolean): void {
    this.#entries.get(trackId)?.track.pause(paused)
  }

  /** Resolves when the track is in the spool. One that is finished already, by `finishAll` for one, is as good. */
  async finish (trackId: string): Promise<void> {
    const entry = this.#entries.get(trackId)
    if (entry !== undefined) {
      this.#forget(entry)
      this.#entries.delete(trackId)
      this.#lostMs += entry.track.lostMs
      this.#finishing.set(trackId, entry.track.close().finally(() => { this.#finishing.delete(trackId) }))
    }
    await this.#finishing.get(trackId)
  }

  /** Finishes every track, and takes no more. */
  async finishAll (): Promise<void> {
    this.#isOver = true
    await Promise.allSettled([...this.#entries.keys(), ...this.#finishing.keys()].map((trackId) => this.finish(trackId)))
  }

  /** To be called several times a second. @param nowMs Unix milliseconds */
  tick (nowMs: number): void {
    for (const [trackId, { track, backlog }] of this.#entries) {
      track.tick(nowMs)
      const { lostMs } = track
      const change = backlog.look(nowMs, track)
      if (change === 'behind') this.#options.report({ type: change, trackId, atMs: nowMs })
      else if (change === 'caughtUp') this.#options.report({ type: change, trackId, atMs: nowMs, lostMs })
    }
  }

  /** Figures over all tracks. `due` counts those whose audio was asked for and has not come yet. @param nowMs Unix milliseconds */
  figures (nowMs: number): { tracks: number, due: number, fragmentsWaiting: number, tracksBehind: number, lostMs: number } {
    let [due, fragmentsWaiting, tracksBehind, lostMs] = [0, 0, 0, this.#lostMs]
    for (const { track, sink, backlog, openedMs } of this.#entries.values()) {
      if (!sink.wasLive && nowMs - openedMs < dueForMs) due++
      if (backlog.behind) tracksBehind++
      fragmentsWaiting += track.waiting
      lostMs += track.lostMs
    }
    return { tracks: this.#entries.size, due, fragmentsWaiting, tracksBehind, lostMs }
  }

  #forget (entry: Entry): void {
    if (entry.key !== undefined) this.#options.ingest.forget(entry.key)
    entry.key = undefined
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

/** Passes a source's audio on to its track and tells when it begins and ends. */
class ReportingSink implements AudioSink {
  readonly #trackId: string
  readonly #track: Track
  readonly #report: (report: TrackReport) => void
  readonly #now: () => number
  #live = false
  #wasLive = false

  constructor (trackId: string, track: Track, { report, now }: Pick<TrackRegistryOptions, 'report' | 'now'>) {
    this.#now = now
    this.#trackId = trackId
    this.#track = track
    this.#report = report
  }

  /** Whether audio has ever come. */
  get wasLive (): boolean { return this.#wasLive }

  configure (config: AudioConfig): void {
    this.#track.configure(config)
  }

  write (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    if (!this.#live) {
      this.#live = true
      this.#wasLive = true
      this.#report({ type: 'live', trackId: this.#trackId, atMs: arrivalMs })
    }
    this.#track.write(bytes, start, end, timestampMs, arrivalMs)
  }

  end (reason: SourceEnd): void {
    this.#track.end(reason)
    // A newer connection of the same source goes on at once.
    if (!this.#live || reason === 'replaced') return
    this.#live = false
    this.#report({ type: 'lost', trackId: this.#trackId, atMs: this.#now() })
  }
}
