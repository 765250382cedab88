import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { RelayTasks } from '../capture/engines/relay/relay-tasks.ts'
import type { TrackReport } from '../capture/messages.ts'
import type { CapturePool } from '../capture/pool.ts'
import type { Clock } from '../core/clock.ts'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { retry } from '../core/retry.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { App } from '../state/app-store.ts'
import type { Connection } from '../state/database.ts'
import type { RecordingRow } from '../state/recording-store.ts'
import { insertSource, markSourceStopped, setSourceTask, type SourceRow } from '../state/source-store.ts'
import { closeTrack, insertTrack, type TrackRow } from '../state/track-store.ts'
import { labelOf } from './audience.ts'
import { trackKeyStem } from './object-key.ts'
import { isPushed, type Actual, type ActualSource } from './plan.ts'
import { robotId } from './robot.ts'

export interface CapturesDeps {
  kysely: Connection
  pool: Pick<CapturePool, 'open' | 'expect' | 'release' | 'finish' | 'store' | 'discard'>
  relay: RelayTasks
  clock: Clock
  log: Logger
}

export interface CapturesOptions {
  recording: RecordingRow
  app: App
  target: StoreTarget
  /** Something changed: plan again. */
  wake: () => void
  /** The first audio of a connection arrived. */
  onLive: (atMs: number) => void
}

interface Track extends Actual {
  row: TrackRow | undefined
  /** Whether a thread writes it. */
  open: boolean
  taskId: string | undefined
  failures: number
}

const noSource = { id: undefined, state: 'none', sinceMs: 0 } as const
const keyBytes = 24
const firstRetryMs = 1_000
const maxRetryMs = 60_000
/** So often storing may fail by our own fault before a file is left in the spool: some four minutes. */
const ownFailures = 8
/** Stopping is a courtesy: a task nobody stops finds its key dead and gives up by itself. */
const stopSchedule = { attempts: 4, firstDelayMs: 500, maxDelayMs: 4_000 }

/** What this process does about the tracks of one recording. Every action returns at once; `actual()` tells what came of it. */
export class Captures {
  readonly #options: CapturesOptions
  readonly #deps: CapturesDeps
  readonly #signal: AbortSignal
  readonly #tracks = new Map<string, Track>()
  readonly #abandoning = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  /** What is in the way of getting audio, '' for nothing; the recording's `Message`. */
  trouble = ''

  constructor (options: CapturesOptions, deps: CapturesDeps, { signal }: { signal: AbortSignal }) {
    this.#options = options
    this.#deps = deps
    this.#signal = signal
  }

  actual (): Actual[] { return [...this.#tracks.values()] }

  /** Begins a track; its audio is asked for by the next plan. */
  record (userId: string): void {
    const trackId = newId('trk')
    this.#tracks.set(trackId, { trackId, userId, phase: 'recording', source: noSource, retryAtMs: 0, row: undefined, open: false, taskId: undefined, failures: 0 })
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
      } catch (error) {
        await this.#backOff(track, error, 'audio could not be asked for')
      }
    })
  }

  disconnect (trackId: string): void {
    const track = this.#tracks.get(trackId)
    if (track === undefined || !isPushed(track)) return
    this.#setSource(track, 'stopping')
    this.#run(() => this.#stop(track))
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
    const track = known ?? { trackId, userId: stored.userId, phase: 'closing', source: noSource, retryAtMs: 0, row: stored, open: false, taskId: undefined, failures: 0 }
    track.phase = 'closing'
    this.#tracks.set(trackId, track)
    this.#run(() => this.#store(track, stored))
  }

  abandon (source: SourceRow): void {
    if (this.#abandoning.has(source.id)) return
    this.#abandoning.add(source.id)
    this.#run(async () => {
      await this.#stopTask(source.id, source.taskId ?? undefined)
      this.#abandoning.delete(source.id)
    })
  }

  /** Lets go: resolves when nothing runs any more and nothing is written. What was heard is in the spool for the next owner. */
  async leave (): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    await Promise.all([...this.#tracks.values()].filter(({ open }) => open).map(({ trackId }) => this.#deps.pool.finish(trackId)))
  }

  async #start (track: Track, sourceId: string): Promise<void> {
    const { recording, app } = this.#options
    const { kysely, pool, relay, clock } = this.#deps
    const { userId, trackId } = track
    track.row ??= await insertTrack(kysely, {
      id: trackId,
      recordingId: recording.id,
      userId,
      generation: recording.generation,
      label: labelOf(recording.options.policies, userId),
      createdMs: clock.now()
    })
    if (!track.open) {
      await pool.open({ recordingId: recording.id, trackId, userId, fillGaps: recording.options.fillGaps }, (report) => { this.#onReport(track, report) })
      track.open = true
    }
    const robot = robotId(sourceId)
    // Noted before TRTC is asked: if we die in between, the next owner knows that a task may be running.
    await insertSource(kysely, { id: sourceId, recordingId: recording.id, userId, generation: recording.generation, robotId: robot, createdMs: clock.now() })
    const url = await pool.expect(trackId, randomBytes(keyBytes).toString('base64url'))
    const { taskId } = await relay.start(app, {
      roomId: roomIdOf(recording),
      anchorUserId: userId,
      robotId: robot,
      url,
      maxSeconds: recording.options.maxDurationSeconds
    }, { signal: this.#signal })
    track.taskId = taskId
    await setSourceTask(kysely, sourceId, taskId)
    track.failures = 0
    this.trouble = ''
    // The push may have begun before the answer came.
    if (track.source.state === 'starting') this.#setSource(track, 'waiting')
    this.#deps.log.info({ trackId, userId, taskId }, 'relay asked for')
  }

  async #stop (track: Track): Promise<void> {
    if (track.source.id !== undefined) await this.#stopTask(track.source.id, track.taskId)
    if (track.open) await this.#deps.pool.release(track.trackId).catch(this.#logged('key not released'))
    track.taskId = undefined
    this.#setSource(track, 'none')
  }

  async #stopTask (sourceId: string, taskId: string | undefined): Promise<void> {
    const { relay, kysely, clock } = this.#deps
    if (taskId !== undefined) {
      await retry(() => relay.stop(this.#options.app, taskId, { signal: this.#signal }), { schedule: stopSchedule, signal: this.#signal, retryable: isPassing })
        .catch(this.#logged('relay not stopped'))
    }
    // A node that is going leaves it to the next owner.
    if (!this.#signal.aborted) await markSourceStopped(kysely, sourceId, clock.now())
  }

  async #store (track: Track, row: TrackRow): Promise<void> {
    const { kysely, pool, clock, log } = this.#deps
    const { recording, target } = this.#options
    try {
      if (track.open) await pool.finish(track.trackId)
      track.open = false
      const { id: recordingId, sdkAppId } = recording
      const keyStem = trackKeyStem({ path: target.path, sdkAppId, roomId: roomIdOf(recording), recordingId, userId: row.userId, number: row.number })
      const stored = await pool.store({ recordingId, trackId: row.id, target, keyStem })
      const files = stored.map(({ part, key, url, bytes, sha256, startMs, endMs, durationMs, gapMs, gaps, partial }) =>
        ({ trackId: row.id, part, key, url, bytes, sha256, startMs, endMs, durationMs, gapMs, gaps, partial }))
      await kysely.transaction().execute((transaction) => closeTrack(transaction, row.id, { files, message: '', nowMs: clock.now() }))
      for (const { key, bytes, durationMs, partial } of stored) log.info({ trackId: row.id, userId: row.userId, key, bytes, durationMs, partial }, 'file stored')
      await pool.discard(recordingId, row.id)
      this.#drop(row.id)
    } catch (error) {
      if (isFinal(error, track.failures)) {
        log.error({ err: error, trackId: row.id }, 'file not stored, it stays in the spool')
        await closeTrack(kysely, row.id, { files: [], message: messageOf(error), nowMs: clock.now() })
        this.#drop(row.id)
        return
      }
      track.open = false
      track.phase = 'unstored'
      await this.#backOff(track, error, 'file not stored yet')
    }
  }

  #onReport (track: Track, report: TrackReport): void {
    const { source } = track
    switch (report.type) {
      case 'live':
        if (source.state === 'stopping') break
        this.#setSource(track, 'live')
        this.#options.onLive(report.atMs)
        break
      case 'lost':
        if (source.state === 'live') this.#setSource(track, 'lost')
        break
      case 'overloaded':
        this.#deps.log.warn({ trackId: track.trackId, reason: report.message }, 'the disk is behind')
        break
      case 'broken':
        this.#deps.log.error({ trackId: track.trackId, code: report.error.name, reason: report.error.message }, 'track broken, going on in another')
        track.phase = 'closing'
        this.#run(async () => {
          await this.#stop(track)
          if (track.row === undefined) this.#drop(track.trackId)
          else await this.#store(track, track.row)
        })
        break
      default: report satisfies never
    }
    this.#options.wake()
  }

  async #backOff (track: Track, error: unknown, message: string): Promise<void> {
    const { clock, log } = this.#deps
    if (this.#signal.aborted) return
    const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** track.failures++)
    track.retryAtMs = clock.now() + delayMs
    if (track.source.state !== 'none') {
      this.trouble = messageOf(error)
      await this.#stop(track)
    }
    log.warn({ err: error, trackId: track.trackId, userId: track.userId, delayMs }, message)
  }

  #drop (trackId: string): void {
    this.#tracks.delete(trackId)
    this.#options.wake()
  }

  #setSource (track: Track, state: ActualSource['state'], id = track.source.id): void {
    track.source = { id: state === 'none' ? undefined : id, state, sinceMs: this.#deps.clock.now() }
    this.#options.wake()
  }

  /** Owns what an action started, until it is done. */
  #run (work: () => Promise<void>): void {
    const running = work().catch((error: unknown) => {
      if (!this.#signal.aborted) this.#deps.log.error({ err: error }, 'action failed')
    }).finally(() => {
      this.#running.delete(running)
      this.#options.wake()
    })
    this.#running.add(running)
  }

  #logged (message: string): (error: unknown) => void {
    return (error) => { if (!this.#signal.aborted) this.#deps.log.warn({ err: error }, message) }
  }
}

/** The bucket's no is final for this recording, and so is a file that cannot be read; a bucket that is away is waited for. */
function isFinal (error: unknown, failures: number): boolean {
  if (!(error instanceof RoomtapeError) || error.fault === 'self') return failures >= ownFailures
  return error.fault === 'caller'
}

function isPassing (error: unknown): boolean {
  return error instanceof RoomtapeError && error.fault !== 'caller'
}

function roomIdOf ({ options }: RecordingRow): number | string {
  return options.roomId ?? options.strRoomId ?? ''
}
