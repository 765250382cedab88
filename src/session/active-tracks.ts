import { setTimeout as sleep } from 'node:timers/promises'
import type { TrackReport } from '../tracks/messages.ts'
import type { CapturePool } from '../tracks/pool.ts'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { insertTrack, type TrackRow } from '../state/tracks.ts'
import { labelOf } from '../rooms/audience.ts'
import { backOffMs } from '../core/back-off.ts'
import type { Actual } from './plan.ts'
import type { SegmentLedger } from './segment-ledger.ts'
import { RelaySources, type RelaySourcesDeps } from '../engines/relay/main/relay-sources.ts'
import { actualOf, begun, inherited, isOpen, isPaused, next, sourceOf, type Refusal, type TrackEvent, type TrackState } from './track-state.ts'
import type { Spools } from './spools.ts'
import { isOwn, uploadTrack, type UploadTrackDeps } from './upload-track.ts'
import { tellable } from './trouble.ts'
import type { StoreTarget } from '../core/store-target.ts'

export interface ActiveTracksDeps extends RelaySourcesDeps, UploadTrackDeps {
  pool: Pick<CapturePool, 'open' | 'pause' | 'expect' | 'release' | 'finish' | 'upload' | 'discard'>
  spools: Pick<Spools, 'id' | 'onFirstAudio' | 'onLost'>
}

export interface ActiveTracksOptions {
  recording: RecordingRow
  target: StoreTarget
  segments: SegmentLedger
  /** Something changed: plan again. */
  wake: () => void
  /** The first audio of a connection arrived. */
  onLive: (atMs: number) => void
}

interface Track {
  readonly trackId: string
  readonly userId: string
  /** As stored; undefined until audio is asked for. */
  row: TrackRow | undefined
  state: TrackState
}

/** How long a track lasts before it owes nothing to the one that broke before it. */
const forgetBreakageMs = 300_000
/** How long after TRTC was asked to stop a speaker's audio may still be on its way; then the key is dead, whatever TRTC says. */
const underWayMs = 2_000

/**
 * What this process does about the tracks of one recording: the effects of their state machine (`track-state.ts`). Every action returns at once;
 * `actual()` tells what came of it. An action or a report that a track's state refuses changes nothing.
 */
export class ActiveTracks {
  readonly #options: ActiveTracksOptions
  readonly #deps: ActiveTracksDeps
  readonly #signal: AbortSignal
  readonly #sources: RelaySources
  readonly #tracks = new Map<string, Track>()
  readonly #stopping = new Map<string, Promise<void>>()
  /** By user: how often in a row a track of theirs broke, and when last. */
  readonly #breakages = new Map<string, { count: number, lastMs: number }>()
  readonly #running = new Set<Promise<void>>()
  /** What is in the way of getting audio, or of uploading it, '' for nothing; the recording's `Message`. */
  trouble = ''

  constructor (options: ActiveTracksOptions, deps: ActiveTracksDeps, { signal }: { signal: AbortSignal }) {
    this.#options = options
    this.#deps = deps
    this.#signal = signal
    this.#sources = new RelaySources(options.recording, deps, { signal })
  }

  actual (): Actual[] {
    const wallMs = this.#deps.clock.now() - performance.now()
    return [...this.#tracks.values()].flatMap(({ trackId, userId, state }) => state.kind === 'gone' ? [] : [{ trackId, userId, ...actualOf(state, wallMs) }])
  }

  /** Begins a track; its audio is asked for by the next plan, or later when the ones before broke: a full disk is not tried all the time. */
  record (userId: string): void {
    const { count, lastMs } = this.#breakages.get(userId) ?? { count: 0, lastMs: 0 }
    const retryAtMs = count < 2 ? 0 : lastMs + backOffMs(count - 2)
    this.#add({ trackId: newId('trk'), userId, row: undefined, state: begun({ retryAtMs, nowMs: performance.now() }) })
    this.#options.wake()
  }

  connect (trackId: string): void {
    const track = this.#tracks.get(trackId)
    const sourceId = newId('src')
    if (track === undefined || this.#step(track, { type: 'asked', sourceId, nowMs: performance.now() }) !== undefined) return
    this.#run(async () => {
      try {
        await this.#start(track, sourceId)
      } catch (error) {
        await this.#onStartFailed(track, sourceId, error)
      }
    })
  }

  /** A track that cannot be paused is broken: the one after it begins paused. */
  pause (trackId: string, paused: boolean): void {
    const track = this.#tracks.get(trackId)
    if (track === undefined || this.#step(track, { type: 'toPause', isPaused: paused }) !== undefined) return
    this.#deps.log.info({ trackId, userId: track.userId, paused }, 'track paused or resumed')
    if (isOpen(track.state)) this.#run(async () => { await this.#tellPaused(track, paused) })
  }

  /** @param over the source has ended by itself: the next one waits a while */
  disconnect (trackId: string, { over }: { over: boolean }): void {
    const track = this.#tracks.get(trackId)
    const sourceId = track && sourceOf(track.state)
    const nowMs = performance.now()
    if (track === undefined || sourceId === undefined || this.#step(track, { type: over ? 'over' : 'toStop', nowMs }) !== undefined) return
    if (over) {
      const error = new RoomtapeError('TRTC_UNAVAILABLE', `the relay of '${track.userId}' ended or brought no audio`)
      this.#onBackOff(track, error, nowMs, 'source is over')
    }
    this.#run(() => this.#stop(track, sourceId))
  }

  /** @param row of the track as stored; undefined when it has none yet */
  close (trackId: string, row: TrackRow | undefined): void {
    const track = this.#tracks.get(trackId) ?? (row && this.#add({ trackId, userId: row.userId, row, state: inherited() }))
    if (track === undefined || this.#step(track, { type: 'toClose' }) !== undefined) return
    track.row ??= row
    this.#run(() => this.#upload(track))
  }

  /** Stops a source that no track has. */
  abandon (sourceId: string): void {
    if (!this.#stopping.has(sourceId)) this.#run(() => this.#stopSource(sourceId))
  }

  /** Lets go: resolves when nothing runs any more and nothing is written. What was heard is in the spool for the next owner. */
  async leave (): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    await Promise.all([...this.#tracks.values()].filter(({ state }) => isOpen(state)).map(({ trackId }) => this.#deps.pool.finish(trackId)))
  }

  async #start (track: Track, sourceId: string): Promise<void> {
    const { id: recordingId, generation, options: { policies } } = this.#options.recording
    const { kysely, pool, clock, spools } = this.#deps
    const { userId, trackId } = track
    const label = labelOf(policies, userId)
    track.row ??= await insertTrack(kysely, { id: trackId, recordingId, userId, generation, label, createdMs: clock.now(), spoolId: spools.id })
    if (!isOpen(track.state) && !await this.#open(track, track.row)) return
    await this.#sources.start({ sourceId, userId, expect: async (key) => (await pool.expect(trackId, { sourceId, key })).url })
    const refusal = this.#step(track, { type: 'answered', sourceId, nowMs: performance.now() })
    if (refusal !== 'otherSource' && refusal !== 'gone') this.trouble = ''
  }

  /** Has a thread write the track. @returns false when the track has ended meanwhile */
  async #open (track: Track, row: TrackRow): Promise<boolean> {
    const { trackId, userId } = track
    const { recording: { id: recordingId, options: { fillGaps } }, segments: ledger } = this.#options
    const paused = isPaused(track.state)
    const segments = ledger.spec(row)
    await this.#deps.pool.open({ recordingId, trackId, userId, fillGaps, paused, ...segments && { segments } }, (report) => { this.#onReport(track, report) })
    if (this.#step(track, { type: 'opened' }) !== undefined) {
      await this.#deps.pool.finish(trackId)
      return false
    }
    return isPaused(track.state) === paused || this.#tellPaused(track, !paused)
  }

  async #onStartFailed (track: Track, sourceId: string, error: unknown): Promise<void> {
    if (this.#signal.aborted) return
    const nowMs = performance.now()
    const refusal = this.#step(track, { type: 'startRefused', sourceId, nowMs })
    if (refusal === 'otherSource' || refusal === 'gone') return // given up in the meantime
    if (refusal === 'pushed') {
      this.#deps.log.warn({ err: error, trackId: track.trackId }, 'audio comes, though the answer to asking for it did not')
      return
    }
    this.#onBackOff(track, error, nowMs, 'audio could not be asked for')
    if (refusal === undefined) await this.#stop(track, sourceId)
  }

  /** @returns false when the track has ended */
  async #tellPaused (track: Track, paused: boolean): Promise<boolean> {
    try {
      await this.#deps.pool.pause(track.trackId, paused)
      return true
    } catch (error) {
      this.#breakUp(track, { name: error instanceof RoomtapeError ? error.error : 'INTERNAL', message: messageOf(error) })
      return false
    }
  }

  async #stop (track: Track, sourceId: string): Promise<void> {
    try {
      const stopped = this.#stopSource(sourceId)
      this.#run(() => stopped)
      await Promise.race([stopped, sleep(underWayMs, undefined, { signal: this.#signal })])
    } finally {
      // A source that could not be stopped, or noted as stopped, is one that nobody uses: the next plan sees to it.
      if (isOpen(track.state)) await this.#deps.pool.release(track.trackId).catch(this.#logged('key not released'))
      this.#step(track, { type: 'stopped', sourceId, nowMs: performance.now() })
      this.#options.wake()
    }
  }

  /** Has TRTC stop, one call at a time for each source. */
  #stopSource (id: string): Promise<void> {
    const stopping = this.#stopping.get(id) ?? this.#sources.stop(id).finally(() => { this.#stopping.delete(id) })
    this.#stopping.set(id, stopping)
    return stopping
  }

  async #upload (track: Track): Promise<void> {
    const { recording, target, segments } = this.#options
    const { trackId, row, state } = track
    try {
      if (isOpen(state)) {
        await this.#deps.pool.finish(trackId)
        this.#step(track, { type: 'finished' })
      }
      if (row !== undefined) {
        const ownFailures = 'ownFailures' in state ? state.ownFailures : 0
        const { files } = await uploadTrack({ recording, row, target, segments, ownFailures }, this.#deps, { signal: this.#signal })
        if (files.length > 0) this.trouble = '' // a track without a file proves nothing: its audio may never have come
      }
      this.#step(track, { type: 'uploaded' })
    } catch (error) {
      if (this.#signal.aborted) return
      const nowMs = performance.now()
      this.#step(track, { type: 'uploadFailed', isOwn: isOwn(error), nowMs })
      this.#onBackOff(track, error, nowMs, 'file not stored yet')
    }
  }

  #onReport (track: Track, report: TrackReport): void {
    const nowMs = performance.now()
    switch (report.type) {
      case 'live':
        if (this.#step(track, { type: 'live', nowMs }) === undefined) this.#options.onLive(report.atMs)
        break
      case 'lost':
        this.#step(track, { type: 'lost', nowMs })
        break
      case 'unusable':
      case 'quiet':
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
        this.#breakUp(track, report.error)
        break
      default: report satisfies never
    }
    this.#options.wake()
  }

  #breakUp (track: Track, { name, message }: { name: string, message: string }): void {
    const { trackId, userId } = track
    const sourceId = sourceOf(track.state)
    if (this.#step(track, { type: 'broken' }) !== undefined) return
    const { count, lastMs } = this.#breakages.get(userId) ?? { count: 0, lastMs: 0 }
    const nowMs = performance.now()
    this.#breakages.set(userId, { count: nowMs - lastMs > forgetBreakageMs ? 1 : count + 1, lastMs: nowMs })
    this.#deps.log.error({ trackId, code: name, reason: message }, 'track broken, going on in another')
    this.#run(async () => {
      if (sourceId !== undefined) await this.#stop(track, sourceId).catch(this.#logged('source not stopped yet'))
      await this.#upload(track)
    })
  }

  #onBackOff ({ trackId, userId, state }: Track, error: unknown, nowMs: number, message: string): void {
    const delayMs = 'retryAtMs' in state ? Math.round(state.retryAtMs - nowMs) : undefined
    this.trouble = tellable(error)
    this.#deps.log.warn({ err: error, trackId, userId, delayMs }, message)
  }

  #add (track: Track): Track {
    this.#tracks.set(track.trackId, track)
    return track
  }

  /** Takes the track on to its next state. @returns why nothing happens; undefined when something did */
  #step (track: Track, event: TrackEvent): Refusal | undefined {
    const after = next(track.state, event)
    if ('refused' in after) return after.refused
    track.state = after
    if (after.kind === 'gone') this.#tracks.delete(track.trackId)
    return undefined
  }

  /** Owns what an action started, until it is done: then the plan is made again. */
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
