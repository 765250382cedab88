import { RoomtapeError } from '../core/errors.ts'
import type { FragmentBuffers } from '../media/mp4-writer.ts'
import { Backlog } from './backlog.ts'
import type { AudioSink, SourceEnd } from '../media/audio-sink.ts'
import type { Segment } from '../media/segments.ts'
import type { TrackReport, TrackSpec } from './messages.ts'
import type { CutTrack } from '../upload/live-segments.ts'
import { Track } from './track.ts'
import type { PartFile } from './track-file-writer.ts'
import type { AudioConfig } from '../media/aac.ts'

export interface ThreadTracksOptions {
  /** The ingest that feeds tracks by key. */
  ingest: { expect (key: string, sink: AudioSink): void, forget (key: string): void }
  buffers: FragmentBuffers
  openPart: (spec: TrackSpec, start: { part: number, startMs: number }) => Promise<PartFile>
  report: (report: TrackReport) => void
  /** A segment of a track that is to be cut is on the disk. */
  onSegment: (track: CutTrack, segment: Segment) => void
  /** Unix milliseconds, the clock of arrivals. */
  now: () => number
}

interface Entry { track: Track, sink: ReportingSink, backlog: Backlog, key: string | undefined, openedMs: number }

/** A track whose audio has not come so long after it was opened counts for no load until it does: its speaker is silent. */
const dueForMs = 15_000

/** The tracks that one thread writes. */
export class ThreadTracks {
  readonly #options: ThreadTracksOptions
  readonly #entries = new Map<string, Entry>()
  /** Of tracks that are finished. */
  #lostMs = 0

  constructor (options: ThreadTracksOptions) {
    this.#options = options
  }

  open (spec: TrackSpec): void {
    const { openPart, buffers, report, onSegment, now } = this.#options
    const { trackId, fillGaps, segments, paused = false } = spec
    const track = new Track({
      fillGaps,
      buffers,
      openPart: (start) => openPart(spec, start),
      segments: segments && { grid: segments, onSegment: (segment) => { onSegment({ ...spec, segments }, segment) } },
      onFailure: (error) => { report({ type: 'broken', trackId, error: { name: error.error, message: error.message } }) }
    })
    track.pause(paused)
    this.#entries.set(trackId, { track, sink: new ReportingSink(trackId, track, this.#options), backlog: new Backlog(), key: undefined, openedMs: now() })
  }

  expect (trackId: string, key: string): void {
    const entry = this.#entry(trackId)
    this.#forget(entry)
    entry.track.end('stopped')
    entry.key = key
    this.#options.ingest.expect(key, entry.sink)
  }

  /** Of a track that is finished there is nothing to release. */
  release (trackId: string): void {
    const entry = this.#entries.get(trackId)
    if (entry !== undefined) this.#forget(entry)
  }

  /** Of a track that is finished there is nothing to pause. */
  pause (trackId: string, paused: boolean): void {
    this.#entries.get(trackId)?.track.pause(paused)
  }

  async finish (trackId: string): Promise<void> {
    const entry = this.#entry(trackId)
    this.#forget(entry)
    this.#entries.delete(trackId)
    this.#lostMs += entry.track.lostMs
    await entry.track.close()
  }

  async finishAll (): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((trackId) => this.finish(trackId)))
  }

  /** Several times a second. @param nowMs Unix milliseconds */
  tick (nowMs: number): void {
    for (const [trackId, { track, backlog }] of this.#entries) {
      track.tick(nowMs)
      const { lostMs } = track
      const change = backlog.look(nowMs, track)
      if (change === 'behind') this.#options.report({ type: change, trackId, atMs: nowMs })
      else if (change === 'caughtUp') this.#options.report({ type: change, trackId, atMs: nowMs, lostMs })
    }
  }

  /** How things stand with all of them. `due` are those whose audio was asked for and has not come yet. */
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

  constructor (trackId: string, track: Track, { report, now }: Pick<ThreadTracksOptions, 'report' | 'now'>) {
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
