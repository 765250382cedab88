import { setTimeout as sleep } from 'node:timers/promises'
import type { TrackReport } from '../tracks/messages.ts'
import type { CapturePool } from '../tracks/pool.ts'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { insertTrack, type TrackRow } from '../state/tracks.ts'
import { labelOf } from '../rooms/audience.ts'
import { backOffMs } from '../core/back-off.ts'
import { isPushed, type Actual, type ActualSource } from './plan.ts'
import type { SegmentLedger } from './segment-ledger.ts'
import type { Spools } from './spools.ts'
import { RelaySources, type RelaySourcesDeps } from '../engines/relay/main/relay-sources.ts'
import { isOwn, uploadTrack, type UploadTrackDeps } from './upload-track.ts'
import { tellable } from './trouble.ts'
import type { StoreTarget } from '../core/store-target.ts'

export interface CapturesDeps extends RelaySourcesDeps, UploadTrackDeps {
  pool: Pick<CapturePool, 'open' | 'pause' | 'expect' | 'release' | 'finish' | 'upload' | 'discard'>
  spools: Pick<Spools, 'id' | 'onFirstAudio'>
}

export interface CapturesOptions {
  recording: RecordingRow
  target: StoreTarget
  segments: SegmentLedger
  /** Something changed: plan again. */
  wake: () => void
  /** The first audio of a connection arrived. */
  onLive: (atMs: number) => void
}

interface Track {
  trackId: string
  userId: string
  phase: Actual['phase']
  source: { id: string | undefined, state: ActualSource['state'] }
  paused: boolean
  /** When the source's state began, by `performance.now()`, as all durations here: the wall clock may be set at any time. */
  sinceMs: number
  retryAtMs: number
  row: TrackRow | undefined
  /** Whether a thread writes it. */
  open: boolean
  /** Tries in a row that came to nothing, and those of them that were our own fault. */
  failures: number
  ownFailures: number
}

/** How long a track lasts before it owes nothing to the one that broke before it. */
const forgetBreakageMs = 300_000
/** How long after TRTC was asked to stop a speaker's audio may still be on its way; then the key is dead, whatever TRTC says. */
const underWayMs = 2_000

/** What this process does about the tracks of one recording. Every action returns at once; `actual()` tells what came of it. */
export class Captures {
  readonly #options: CapturesOptions
  readonly #deps: CapturesDeps
  readonly #signal: AbortSignal
  readonly #sources: RelaySources
  readonly #tracks = new Map<string, Track>()
  readonly #stopping = new Map<string, Promise<void>>()
  /** By user: how often in a row a track of theirs broke, and when last. */
  readonly #breakages = new Map<string, { count: number, lastMs: number }>()
  readonly #running = new Set<Promise<void>>()
  /** What is in the way of getting audio, or of uploading it, '' for nothing; the recording's `Message`. */
  trouble = ''

  constructor (options: CapturesOptions, deps: CapturesDeps, { signal }: { signal: AbortSignal }) {
    this.#options = options
    this.#deps = deps
    this.#signal = signal
    this.#sources = new RelaySources(options.recording, deps, { signal })
  }

  actual (): Actual[] {
    const wallMs = this.#deps.clock.now() - performance.now()
    return Array.from(this.#tracks.values(), ({ trackId, userId, phase, source, paused, sinceMs, retryAtMs }) =>
      ({ trackId, userId, phase, source: { ...source, sinceMs: wallMs + sinceMs }, paused, retryAtMs: wallMs + retryAtMs }))
  }

  /** Begins a track; its audio is asked for by the next plan, or later when the ones before broke: a full disk is not tried all the time. */
  record (userId: string): void {
    const { count, lastMs } = this.#breakages.get(userId) ?? { count: 0, lastMs: 0 }
    const retryAtMs = count < 2 ? 0 : lastMs + backOffMs(count - 2)
    this.#add({ trackId: newId('trk'), userId, phase: 'recording', retryAtMs, row: undefined })
    this.#options.wake()
  }

  connect (trackId: string): void {
    const track = this.#tracks.get(trackId)
    if (track?.phase !== 'recording' || track.source.state !== 'none') return
    const sourceId = newId('src')
    this.#setSource(track, 'starting', sourceId)
    this.#run(async () => {
      try {
        await this.#start(track, sourceId)
      } catch (err) {
        if (track.source.id !== sourceId) return // given up in the meantime
        if (isPushed(track)) this.#deps.log.warn({ err, trackId }, 'audio comes, though the answer to asking for it did not')
        else await this.#backOff(track, err, 'audio could not be asked for')
      }
    })
  }

  /** A track that cannot be paused is broken: the one after it begins paused. */
  pause (trackId: string, paused: boolean): void {
    const track = this.#tracks.get(trackId)
    if (track?.phase !== 'recording') return
    track.paused = paused
    this.#deps.log.info({ trackId, userId: track.userId, paused }, 'track paused or resumed')
    if (track.open) this.#run(async () => { await this.#tellPaused(track) })
  }

  /** @param over the source has ended by itself: the next one waits a while */
  disconnect (trackId: string, { over }: { over: boolean }): void {
    const track = this.#tracks.get(trackId)
    if (track === undefined || !isPushed(track)) return
    this.#setSource(track, 'stopping')
    this.#run(async () => {
      if (over) await this.#backOff(track, new RoomtapeError('TRTC_UNAVAILABLE', `the relay of '${track.userId}' ended or brought no audio`), 'source is over')
      else await this.#stop(track)
    })
  }

  /** @param row of the track as stored; undefined when it has none yet */
  close (trackId: string, row: TrackRow | undefined): void {
    const known = this.#tracks.get(trackId)
    if (known?.phase === 'closing') return
    const stored = known?.row ?? row
    if (stored === undefined) {
      this.#drop(trackId)
      return
    }
    const track = known ?? this.#add({ trackId, userId: stored.userId, phase: 'closing', retryAtMs: 0, row: stored })
    if (track.phase === 'recording') track.failures = 0
    track.phase = 'closing'
    this.#run(() => this.#upload(track, stored))
  }

  abandon (sourceId: string): void {
    if (!this.#stopping.has(sourceId)) this.#run(() => this.#stopSource(sourceId))
  }

  /** Lets go: resolves when nothing runs any more and nothing is written. What was heard is in the spool for the next owner. */
  async leave (): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    await Promise.all([...this.#tracks.values()].filter(({ open }) => open).map(({ trackId }) => this.#deps.pool.finish(trackId)))
  }

  async #start (track: Track, sourceId: string): Promise<void> {
    const { id: recordingId, generation, options: { policies, fillGaps } } = this.#options.recording
    const { kysely, pool, clock, spools } = this.#deps
    const { userId, trackId } = track
    const label = labelOf(policies, userId)
    track.row ??= await insertTrack(kysely, { id: trackId, recordingId, userId, generation, label, createdMs: clock.now(), spoolId: spools.id })
    if (!track.open) {
      const { paused } = track
      const segments = this.#options.segments.spec(track.row)
      await pool.open({ recordingId, trackId, userId, fillGaps, paused, ...segments && { segments } }, (report) => { this.#onReport(track, report) })
      track.open = true
      if (track.paused !== paused && !await this.#tellPaused(track)) return
    }
    await this.#sources.start({ sourceId, userId, expect: (key) => pool.expect(trackId, key) })
    if (track.source.id !== sourceId) return
    this.trouble = ''
    // The push may have begun before the answer came.
    if (track.source.state === 'starting') this.#setSource(track, 'waiting')
  }

  /** @returns false when the track is none any more */
  async #tellPaused (track: Track): Promise<boolean> {
    try {
      await this.#deps.pool.pause(track.trackId, track.paused)
      return true
    } catch (error) {
      if (track.phase === 'recording') this.#breakUp(track, { name: error instanceof RoomtapeError ? error.error : 'INTERNAL', message: messageOf(error) })
      return false
    }
  }

  async #stop (track: Track): Promise<void> {
    const { id } = track.source
    try {
      if (id !== undefined) {
        const stopped = this.#stopSource(id)
        this.#run(() => stopped)
        await Promise.race([stopped, sleep(underWayMs, undefined, { signal: this.#signal })])
      }
    } finally {
      // A source that could not be stopped, or noted as stopped, is one that nobody uses: the next plan sees to it.
      if (track.open) await this.#deps.pool.release(track.trackId).catch(this.#logged('key not released'))
      this.#setSource(track, 'none')
    }
  }

  /** Has TRTC stop, one call at a time for each source. */
  #stopSource (id: string): Promise<void> {
    const stopping = this.#stopping.get(id) ?? this.#sources.stop(id).finally(() => { this.#stopping.delete(id) })
    this.#stopping.set(id, stopping)
    return stopping
  }

  async #upload (track: Track, row: TrackRow): Promise<void> {
    const { recording, target, segments } = this.#options
    try {
      if (track.open) await this.#deps.pool.finish(track.trackId)
      track.open = false
      const { files } = await uploadTrack({ recording, row, target, segments, ownFailures: track.ownFailures }, this.#deps, { signal: this.#signal })
      if (files.length > 0) this.trouble = '' // a track without a file proves nothing: its audio may never have come
      this.#drop(row.id)
    } catch (error) {
      track.phase = 'unstored'
      if (isOwn(error)) track.ownFailures++
      await this.#backOff(track, error, 'file not stored yet')
    }
  }

  #onReport (track: Track, report: TrackReport): void {
    const { source: { state } } = track
    switch (report.type) {
      case 'live':
        if (state === 'none' || state === 'stopping') break // it ended while the report was under way
        track.failures = 0
        this.#setSource(track, 'live')
        this.#options.onLive(report.atMs)
        break
      case 'lost':
        if (state === 'live') this.#setSource(track, 'lost')
        break
      case 'behind':
      case 'caughtUp':
        return // logged for all tracks of a thread together; what was lost is in the files' gaps
      case 'firstAudio':
        this.#deps.spools.onFirstAudio(track.trackId, report.startMs)
        return // changes nothing in the plan
      case 'segment':
        if (track.row !== undefined) this.#options.segments.uploaded(track.row, report.segment)
        return // changes nothing in the plan
      case 'unsent':
        this.#deps.log.warn({ trackId: track.trackId, reason: report.message }, 'segments wait for the store')
        return
      case 'broken':
        if (track.phase === 'recording') this.#breakUp(track, report.error)
        break
      default: report satisfies never
    }
    this.#options.wake()
  }

  #breakUp (track: Track, { name, message }: { name: string, message: string }): void {
    const { trackId, userId } = track
    const { count, lastMs } = this.#breakages.get(userId) ?? { count: 0, lastMs: 0 }
    const nowMs = performance.now()
    this.#breakages.set(userId, { count: nowMs - lastMs > forgetBreakageMs ? 1 : count + 1, lastMs: nowMs })
    this.#deps.log.error({ trackId, code: name, reason: message }, 'track broken, going on in another')
    track.phase = 'closing'
    track.failures = 0
    this.#run(async () => {
      await this.#stop(track).catch(this.#logged('source not stopped yet'))
      if (track.row === undefined) this.#drop(trackId)
      else await this.#upload(track, track.row)
    })
  }

  async #backOff (track: Track, error: unknown, message: string): Promise<void> {
    if (this.#signal.aborted) return
    const delayMs = backOffMs(track.failures++)
    track.retryAtMs = performance.now() + delayMs
    this.trouble = tellable(error)
    this.#deps.log.warn({ err: error, trackId: track.trackId, userId: track.userId, delayMs }, message)
    if (track.source.state !== 'none') await this.#stop(track)
  }

  #add (track: Pick<Track, 'trackId' | 'userId' | 'phase' | 'retryAtMs' | 'row'>): Track {
    const added: Track = { ...track, source: { id: undefined, state: 'none' }, paused: false, sinceMs: performance.now(), open: false, failures: 0, ownFailures: 0 }
    this.#tracks.set(track.trackId, added)
    return added
  }

  #drop (trackId: string): void {
    this.#tracks.delete(trackId)
    this.#options.wake()
  }

  #setSource (track: Track, state: ActualSource['state'], id = track.source.id): void {
    track.source = { id: state === 'none' ? undefined : id, state }
    track.sinceMs = performance.now()
    this.#options.wake()
  }

  /** Owns what an action started, until it is done. */
  #run (work: () => Promise<void>): void {
    const running = work().catch(this.#logged('action failed')).finally(() => {
      this.#running.delete(running)
      this.#options.wake()
    })
    this.#running.add(running)
  }

  #logged (message: string): (error: unknown) => void {
    return (err) => { if (!this.#signal.aborted) this.#deps.log.warn({ err }, message) }
  }
}
