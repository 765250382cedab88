import type { TrackReport } from '../tracks/messages.ts'
import type { TrackEnd } from '../callback/events/track-changed.ts'
import type { CapturePool } from '../tracks/pool.ts'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { RecordingRow } from '../state/recordings.ts'
import type { SourceWithTask } from '../state/sources.ts'
import { insertTrack, type TrackRow } from '../state/tracks.ts'
import { labelOf } from '../rooms/audience.ts'
import { Breakages } from './breakages.ts'
import type { Actual } from './plan.ts'
import type { PortPushes } from './port-pushes.ts'
import type { SegmentLedger } from './segment-ledger.ts'
import { RelaySources, StartFailed, type RelaySourcesDeps } from '../engines/relay/main/relay-sources.ts'
import { actualOf, begun, inherited, isOpen, isPaused, next, resumed, sourcesOf, type Refusal, type TrackEvent, type TrackState } from './track-state.ts'
import { SourceKeys } from './source-keys.ts'
import type { Spools } from './spools.ts'
import type { TrackNotes } from './track-notes.ts'
import { isOwn, uploadTrack, type UploadTrackDeps } from './upload-track.ts'
import { tellable } from './trouble.ts'
import type { StoreTarget } from '../core/store-target.ts'

export interface ActiveTracksDeps extends RelaySourcesDeps, UploadTrackDeps {
  pool: Pick<CapturePool, 'open' | 'pause' | 'expect' | 'release' | 'awaitQuiet' | 'finish' | 'upload' | 'discard' | 'portState'>
  spools: Pick<Spools, 'id' | 'onFirstAudio' | 'onLost'>
  pushes: PortPushes
}

export interface ActiveTracksOptions {
  recording: RecordingRow
  /** The recording's clock is CLOCK_MONOTONIC plus this. */
  clockOffsetMs: number
  /** Tracks of former owners were written by another. */
  hasNewClock: boolean
  target: StoreTarget
  segments: SegmentLedger
  notes: TrackNotes
  /** Something changed: plan again. */
  wake: () => void
  /** The first audio of a user's connection arrived. */
  onLive: (userId: string, atMs: number) => void
}

interface Track {
  readonly trackId: string
  readonly userId: string
  /** As stored; undefined until audio is asked for. */
  row: TrackRow | undefined
  state: TrackState
  /** Whether a thread has had it, of this process or of one before: there may be files in the spool. */
  hasFiles: boolean
  isReopening: boolean
  /** Why it is over; undefined while it is not. */
  reason?: TrackEnd
}

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
  readonly #keys: SourceKeys
  /** By source that is being started: gives up the wait for its turn. */
  readonly #starting = new Map<string, AbortController>()
  /** Sources that are being let go. */
  readonly #lettingGo = new Set<string>()
  readonly #breakages = new Breakages()
  readonly #running = new Set<Promise<void>>()
  /** Who speaks, by the room's events: their audio is asked for before that of silent ones. */
  speakers: ReadonlySet<string> = new Set()

  constructor (options: ActiveTracksOptions, deps: ActiveTracksDeps, { signal }: { signal: AbortSignal }) {
    this.#options = options
    this.#deps = deps
    this.#signal = signal
    this.#sources = new RelaySources(options.recording, deps, { signal })
    this.#keys = new SourceKeys(this.#sources, deps.log)
  }

  actual (): Actual[] {
    const wallMs = this.#deps.clock.now() - performance.now()
    return [...this.#tracks.values()].flatMap((track) => {
      const { trackId, userId, state } = track
      return state.kind === 'gone' ? [] : [{ trackId, userId, reach: this.#reachOf(state), ...actualOf(state, wallMs) }]
    })
  }

  /** Begins a track; its audio is asked for by the next plan, or later when the ones before broke: a full disk is not tried all the time. */
  record (userId: string): void {
    const retryAtMs = this.#breakages.retryAtMs(userId)
    this.#add({ trackId: newId('trk'), userId, row: undefined, state: begun({ retryAtMs, nowMs: performance.now() }), hasFiles: false, isReopening: false })
    this.#options.wake()
  }

  /** Goes on with a track of a former owner. @param sources that may come back to it, the newest first @param awaySinceMs by the recording's clock */
  resume (row: TrackRow, sources: readonly SourceWithTask[], awaySinceMs: number): void {
    const nowMs = performance.now()
    const state = resumed(this.#keys.adopt(sources), { awaySinceMs: nowMs - (this.#deps.clock.now() - awaySinceMs), nowMs })
    this.#add({ trackId: row.id, userId: row.userId, row, state, hasFiles: true, isReopening: false })
    this.#options.wake()
  }

  /** Has the thread that its sources push to write a track again. When that fails others are asked for. */
  reopen (trackId: string): void {
    const track = this.#tracks.get(trackId)
    const { row, state } = track ?? {}
    if (track === undefined || row === undefined || state === undefined || isOpen(state) || track.isReopening) return
    track.isReopening = true
    this.#run(() => this.#reopen(track, row).catch((err: unknown) => {
      this.#deps.log.warn({ err, trackId }, 'sources could not be let in again')
      this.#letGoAfter(track, { type: 'over', isFailure: true, nowMs: performance.now() })
    }).finally(() => { track.isReopening = false }))
  }

  connect (trackId: string): void {
    const track = this.#tracks.get(trackId)
    const sourceId = newId('src')
    if (track === undefined || !this.#letGoAfter(track, { type: 'asked', sourceId, nowMs: performance.now() })) return
    const giveUp = new AbortController()
    this.#starting.set(sourceId, giveUp)
    this.#run(() => this.#start(track, sourceId, giveUp.signal)
      .catch((error: unknown) => { this.#onStartFailed(track, sourceId, error) })
      .finally(() => { this.#starting.delete(sourceId) }))
  }

  /** A track that cannot be paused is broken: the one after it begins paused. */
  pause (trackId: string, paused: boolean): void {
    const track = this.#tracks.get(trackId)
    if (track === undefined || this.#step(track, { type: 'toPause', isPaused: paused }) !== undefined) return
    this.#deps.log.info({ trackId, userId: track.userId, paused }, 'track paused or resumed')
    if (isOpen(track.state)) this.#run(async () => { await this.#tellPaused(track, paused) })
  }

  /** Waits for what is under way, or no longer: then the user is wanted again. */
  drain (trackId: string, on: boolean): void {
    const track = this.#tracks.get(trackId)
    if (track === undefined || this.#step(track, on ? { type: 'toEnd', nowMs: performance.now() } : { type: 'toStay' }) !== undefined) return
    if (isOpen(track.state)) this.#run(() => this.#deps.pool.awaitQuiet(trackId, on), { wakes: false })
    else if (on) this.#step(track, { type: 'quiet' })
  }

  /** @param over the source has ended by itself: after a failure the next one waits a while */
  disconnect (trackId: string, over?: 'ended' | 'failed'): void {
    const track = this.#tracks.get(trackId)
    if (track === undefined) return
    if (over !== undefined) this.#deps.log.warn({ trackId, userId: track.userId, over }, 'source is over')
    const nowMs = performance.now()
    this.#letGoAfter(track, over === undefined ? { type: 'toStop', nowMs } : { type: 'over', isFailure: over === 'failed', nowMs })
  }

  /** @param row of the track as stored; undefined when it has none yet @param reason why it is over */
  close (trackId: string, row: TrackRow | undefined, reason: TrackEnd): void {
    const track = this.#tracks.get(trackId) ?? (row && this.#add({ trackId, userId: row.userId, row, state: inherited(), hasFiles: true, isReopening: false }))
    if (track === undefined || !this.#letGoAfter(track, { type: 'toClose' })) return
    track.row ??= row
    track.reason ??= reason
    this.#run(() => this.#upload(track))
  }

  /** Lets a source go that no track has. */
  abandon (sourceId: string): void {
    if (this.#lettingGo.has(sourceId)) return
    this.#lettingGo.add(sourceId)
    // The end of an upload wakes in any case.
    const wakes = [...this.#tracks.values()].every(({ state }) => state.kind !== 'closing')
    this.#run(() => this.#sources.letGo(sourceId).finally(() => { this.#lettingGo.delete(sourceId) }), { wakes })
  }

  /** Lets go: resolves when nothing runs any more and nothing is written. What was heard is in the spool for the next owner. */
  async leave (): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    await Promise.all([...this.#tracks.values()].filter(({ state }) => isOpen(state)).map(({ trackId }) => this.#deps.pool.finish(trackId)))
  }

  #reachOf (state: TrackState): Actual['reach'] {
    if (isOpen(state)) return 'open'
    const port = this.#keys.portOf(sourcesOf(state))
    // One that is only being opened will be.
    return port === undefined ? 'open' : this.#deps.pool.portState(port)
  }

  async #start (track: Track, sourceId: string, giveUp: AbortSignal): Promise<void> {
    const { id: recordingId, generation, options: { policies } } = this.#options.recording
    const { kysely, pool, clock, spools } = this.#deps
    const { userId, trackId } = track
    const label = labelOf(policies, userId)
    track.row ??= await insertTrack(kysely, { id: trackId, recordingId, userId, generation, label, createdMs: clock.now(), spoolId: spools.id })
    giveUp.throwIfAborted()
    if (!isOpen(track.state) && !await this.#open(track, track.row)) return
    const expect = async (key: string): Promise<{ url: string, port: number }> => {
      const expected = await pool.expect(trackId, { sourceId, key })
      this.#keys.set(sourceId, { key, port: expected.port })
      return expected
    }
    await this.#sources.start({ sourceId, userId, expect, rank: () => this.speakers.has(userId) ? 'speaker' : 'silent', giveUp })
    this.#options.notes.trackTrouble(trackId, undefined)
    this.#step(track, { type: 'answered', sourceId, nowMs: performance.now() })
  }

  async #reopen (track: Track, row: TrackRow): Promise<void> {
    const ids = sourcesOf(track.state)
    const port = this.#keys.portOf(ids)
    if (!await this.#open(track, row, port)) return
    for (const sourceId of ids) {
      const known = this.#keys.get(sourceId)
      if (known === undefined || known.port !== port || !sourcesOf(track.state).includes(sourceId)) continue
      await this.#deps.pool.expect(track.trackId, { sourceId, key: known.key })
    }
    this.#deps.log.info({ trackId: track.trackId, userId: track.userId, sources: ids.length }, 'track goes on, its sources may come back')
  }

  /** Has a thread write the track. @param port where its sources push already @returns false when the track has ended meanwhile */
  async #open (track: Track, row: TrackRow, port?: number): Promise<boolean> {
    const { trackId, userId, hasFiles } = track
    const { recording: { id: recordingId, options: { fillGaps } }, clockOffsetMs, hasNewClock, segments: ledger } = this.#options
    const paused = isPaused(track.state)
    const segments = ledger.spec(row)
    const spec = { recordingId, trackId, userId, fillGaps, clockOffsetMs, paused, resumes: hasFiles, hasNewClock, ...segments && { segments } }
    const { firstFileNumber } = await this.#deps.pool.open(spec, (report) => { this.#onReport(track, report) }, port === undefined ? {} : { port })
    track.hasFiles = true
    if (this.#step(track, { type: 'opened', nowMs: performance.now() }) !== undefined) {
      await this.#deps.pool.finish(trackId)
      return false
    }
    // Segments of before that nobody has uploaded yet; what fails now is found when the track is over.
    if (hasFiles && segments !== undefined) this.#run(async () => { while (await ledger.uploadNext(row, firstFileNumber)) this.#signal.throwIfAborted() })
    return isPaused(track.state) === paused || this.#tellPaused(track, !paused)
  }

  #onStartFailed (track: Track, sourceId: string, error: unknown): void {
    if (this.#signal.aborted) return
    const { notes, wake } = this.#options
    const cause = error instanceof StartFailed ? error.cause : error
    const outcome = error instanceof StartFailed ? error.outcome : 'unasked'
    const type = outcome === 'unanswered' ? 'unanswered' : 'startRefused'
    const refusal = this.#step(track, { type, sourceId, nowMs: performance.now() })
    if (refusal === 'pushed') {
      this.#deps.log.warn({ err: cause, trackId: track.trackId }, 'audio comes, though the answer to asking for it did not')
      return
    }
    if (outcome === 'refused') notes.sourceTrouble(sourceId, 'StartRefused', tellable(cause))
    else if (outcome === 'unanswered') notes.sourceTrouble(sourceId, 'StartUnanswered', tellable(cause))
    else if (refusal === undefined) {
      notes.trackTrouble(track.trackId, cause instanceof RoomtapeError && cause.error === 'CAPTURE_FULL' ? 'CaptureFull' : 'ThreadFailed', tellable(cause))
    }
    if (refusal !== undefined) return // given up in the meantime
    this.#deps.log.warn({ err: cause, trackId: track.trackId, userId: track.userId, outcome }, 'audio could not be asked for')
    if (type === 'startRefused') this.#letGo(track, [sourceId])
    wake()
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

  /** Takes a step and lets those sources go that the track has no more by it. @returns false when the step was refused */
  #letGoAfter (track: Track, event: TrackEvent): boolean {
    const before = sourcesOf(track.state)
    if (this.#step(track, event) !== undefined) return false
    const after = sourcesOf(track.state)
    this.#letGo(track, before.filter((id) => !after.includes(id)))
    return true
  }

  /** Closes the keys of sources at once, and has TRTC stop when it can. One whose end could not be noted is one that nobody uses: the next plan sees to it. */
  #letGo (track: Track, sourceIds: readonly string[]): void {
    for (const sourceId of sourceIds) {
      this.#starting.get(sourceId)?.abort()
      this.#keys.delete(sourceId)
      if (isOpen(track.state)) this.#run(() => this.#deps.pool.release(track.trackId, sourceId), { wakes: false })
      this.abandon(sourceId)
    }
  }

  async #upload (track: Track): Promise<void> {
    const { recording, target, segments, notes } = this.#options
    const { trackId, userId, row, state, reason = 'RecordingEnded' } = track
    try {
      if (isOpen(state)) {
        await this.#deps.pool.finish(trackId)
        this.#step(track, { type: 'finished' })
      }
      if (row !== undefined) {
        const ownFailures = 'ownFailures' in state ? state.ownFailures : 0
        await uploadTrack({ recording, row, reason, target, segments, ownFailures }, this.#deps, { signal: this.#signal })
        notes.trackTrouble(trackId, undefined)
      }
      this.#step(track, { type: 'uploaded' })
    } catch (error) {
      if (this.#signal.aborted) return
      const nowMs = performance.now()
      this.#step(track, { type: 'uploadFailed', isOwn: isOwn(error), nowMs })
      notes.trackTrouble(trackId, 'UploadDelayed', tellable(error))
      const delayMs = 'retryAtMs' in track.state ? Math.round(track.state.retryAtMs - nowMs) : undefined
      this.#deps.log.warn({ err: error, trackId, userId, delayMs }, 'file not stored yet')
    }
  }

  #onReport (track: Track, report: TrackReport): void {
    const { notes, onLive, segments, wake } = this.#options
    const nowMs = performance.now()
    switch (report.type) {
      case 'pushed': {
        const { sourceId, atMs } = report
        const port = this.#keys.get(sourceId)?.port
        if (port !== undefined) this.#deps.pushes.note(port, atMs - this.#options.recording.clockAheadMs)
        notes.push(sourceId, atMs)
        return // changes nothing in the plan
      }
      case 'live': {
        const { sourceId, atMs } = report
        if (!this.#letGoAfter(track, { type: 'live', sourceId, nowMs })) break
        notes.audio(sourceId, atMs)
        notes.heard(track.userId, atMs)
        onLive(track.userId, atMs)
        break
      }
      case 'lost':
        notes.pushEnded(report.sourceId, report)
        this.#step(track, { type: 'lost', sourceId: report.sourceId, nowMs })
        break
      case 'quiet':
        this.#step(track, { type: 'quiet' })
        break
      case 'unusable':
        notes.sourceTrouble(report.sourceId, report.cause === 'codec' ? 'CodecRefused' : 'ConfigurationMissing', report.message)
        break
      case 'behind':
      case 'caughtUp':
        return // logged for all tracks of a thread together; what was lost is in the files' gaps
      case 'firstAudio':
        this.#deps.spools.onFirstAudio(track.trackId, report.startMs)
        return // changes nothing in the plan
      case 'segment':
        if (track.row !== undefined) segments.uploaded(track.row, report.segment)
        notes.trackTrouble(track.trackId, undefined)
        return // changes nothing in the plan
      case 'unsent':
        this.#deps.log.warn({ trackId: track.trackId, reason: report.message }, 'segments wait for the store')
        notes.trackTrouble(track.trackId, 'UploadDelayed', report.message)
        return
      case 'broken':
        this.#breakUp(track, report.error)
        break
      default: report satisfies never
    }
    wake()
  }

  #breakUp (track: Track, { name, message }: { name: string, message: string }): void {
    const { trackId, userId } = track
    const { notes, wake } = this.#options
    const nowMs = performance.now()
    const wasAsked = sourcesOf(track.state).length > 0
    const isThread = name === 'WORKER_CRASHED'
    if (!this.#letGoAfter(track, isThread ? { type: 'threadDied', nowMs } : { type: 'diskFailed' })) return
    if (wasAsked) notes.away(userId, isThread ? 'away' : 'disk', this.#deps.clock.now())
    this.#deps.log.error({ trackId, code: name, reason: message }, isThread ? 'the thread of a track is gone, another goes on with it' : 'track broken, going on in another')
    if (isThread) {
      wake()
      return
    }
    notes.trackTrouble(trackId, 'DiskFailed', 'the spool could not be written; audio is missing until another track began')
    this.#breakages.note(userId, nowMs)
    track.reason = 'Replaced'
    this.#run(() => this.#upload(track))
  }

  #add (track: Track): Track {
    this.#tracks.set(track.trackId, track)
    if (track.row !== undefined && track.row.trouble !== null) this.#options.notes.known(track.trackId, track.row.trouble)
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

  /** Owns what an action started, until it is done: then the plan is made again, unless nothing can follow from it. */
  #run (work: () => Promise<void>, { wakes = true } = {}): void {
    const running = work().catch((err: unknown) => { if (!this.#signal.aborted) this.#deps.log.warn({ err }, 'action failed') }).finally(() => {
      this.#running.delete(running)
      if (wakes) this.#options.wake()
    })
    this.#running.add(running)
  }
}
