import type { TrackReport } from '../capture/messages.ts'
import type { CapturePool } from '../capture/pool.ts'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { App } from '../state/app-store.ts'
import { roomIdOf, type RecordingRow } from '../state/recording-store.ts'
import type { SourceRow } from '../state/source-store.ts'
import { closeTrack, insertTrack, type FileRow, type TrackRow } from '../state/track-store.ts'
import { labelOf } from './audience.ts'
import { trackKeyStem } from './object-key.ts'
import { isPushed, type Actual, type ActualSource } from './plan.ts'
import { Sources, type SourcesDeps } from './sources.ts'

export interface CapturesDeps extends SourcesDeps {
  pool: Pick<CapturePool, 'open' | 'expect' | 'release' | 'finish' | 'store' | 'discard'>
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
const firstRetryMs = 1_000
const maxRetryMs = 60_000
/** A track that lasted longer than this owes nothing to the one that broke before it. */
const forgetBreakageMs = 300_000
/** So often storing may fail by our own fault before a file is left in the spool: some four minutes. */
const ownFailures = 8

/** What this process does about the tracks of one recording. Every action returns at once; `actual()` tells what came of it. */
export class Captures {
  readonly #options: CapturesOptions
  readonly #deps: CapturesDeps
  readonly #signal: AbortSignal
  readonly #sources: Sources
  readonly #tracks = new Map<string, Track>()
  readonly #abandoning = new Set<string>()
  /** How often in a row a user's track broke, and when last. */
  readonly #breakages = new Map<string, { count: number, lastMs: number }>()
  readonly #running = new Set<Promise<void>>()
  /** What is in the way of getting audio, or of storing it, '' for nothing; the recording's `Message`. */
  trouble = ''

  constructor (options: CapturesOptions, deps: CapturesDeps, { signal }: { signal: AbortSignal }) {
    this.#options = options
    this.#deps = deps
    this.#signal = signal
    this.#sources = new Sources(options, deps, { signal })
  }

  actual (): Actual[] { return [...this.#tracks.values()] }

  /** Begins a track; its audio is asked for by the next plan, or later when the ones before broke: a full disk is not tried all the time. */
  record (userId: string): void {
    const trackId = newId('trk')
    const { count, lastMs } = this.#breakages.get(userId) ?? { count: 0, lastMs: 0 }
    const retryAtMs = count < 2 ? 0 : lastMs + Math.min(maxRetryMs, firstRetryMs * 2 ** (count - 2))
    this.#tracks.set(trackId, { trackId, userId, phase: 'recording', source: noSource, retryAtMs, row: undefined, open: false, taskId: undefined, failures: 0 })
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
    if (track.phase === 'recording') track.failures = 0
    track.phase = 'closing'
    this.#tracks.set(trackId, track)
    this.#run(() => this.#store(track, stored))
  }

  abandon (source: SourceRow): void {
    if (this.#abandoning.has(source.id)) return
    this.#abandoning.add(source.id)
    this.#run(async () => {
      await this.#sources.stop(source.id, source.taskId ?? undefined)
      this.#abandoning.delete(source.id)
    })
  }

  /** Lets go: resolves when nothing runs any more and nothing is written. What was heard is in the spool for the next owner. */
  async leave (): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    await Promise.all([...this.#tracks.values()].filter(({ open }) => open).map(({ trackId }) => this.#deps.pool.finish(trackId)))
  }

  async #start (track: Track, sourceId: string): Promise<void> {
    const { recording } = this.#options
    const { kysely, pool, clock } = this.#deps
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
    track.taskId = await this.#sources.start({ sourceId, userId, expect: (key) => pool.expect(trackId, key) })
    track.failures = 0
    this.trouble = ''
    // The push may have begun before the answer came.
    if (track.source.state === 'starting') this.#setSource(track, 'waiting')
  }

  async #stop (track: Track): Promise<void> {
    try {
      if (track.source.id !== undefined) await this.#sources.stop(track.source.id, track.taskId)
      if (track.open) await this.#deps.pool.release(track.trackId)
    } finally {
      // What could not be stopped, or noted as stopped, is a source nobody uses: the next plan sees to it.
      track.taskId = undefined
      this.#setSource(track, 'none')
    }
  }

  async #store (track: Track, row: TrackRow): Promise<void> {
    const { kysely, pool, clock, log } = this.#deps
    const { id: recordingId } = this.#options.recording
    try {
      if (track.open) await pool.finish(track.trackId)
      track.open = false
      const { files, message } = await this.#upload(row, track.failures)
      await kysely.transaction().execute((transaction) => closeTrack(transaction, row.id, { files, message, nowMs: clock.now() }))
      for (const { key, bytes, durationMs, partial } of files) log.info({ trackId: row.id, userId: row.userId, key, bytes, durationMs, partial }, 'file stored')
      if (message === '') await pool.discard(recordingId, row.id).catch(this.#logged('local files not removed'))
      if (files.length > 0) this.trouble = '' // a track without a file proves nothing: its audio may never have come
      this.#drop(row.id)
    } catch (error) {
      track.phase = 'unstored'
      await this.#backOff(track, error, 'file not stored yet')
    }
  }

  /** @returns with a message, when what there is has to stay in the spool for good */
  async #upload (row: TrackRow, failures: number): Promise<{ files: FileRow[], message: string }> {
    const { recording, target } = this.#options
    const { id: recordingId, sdkAppId } = recording
    const { id: trackId, userId, number } = row
    const keyStem = trackKeyStem({ path: target.path, sdkAppId, roomId: roomIdOf(recording), recordingId, userId, number })
    try {
      const stored = await this.#deps.pool.store({ recordingId, trackId, target, keyStem })
      const files = stored.map(({ part, key, url, bytes, sha256, startMs, endMs, durationMs, gapMs, gaps, partial }) =>
        ({ trackId, part, key, url, bytes, sha256, startMs, endMs, durationMs, gapMs, gaps, partial }))
      return { files, message: '' }
    } catch (error) {
      if (!isFinal(error, failures)) throw error
      this.#deps.log.error({ err: error, trackId }, 'file not stored, it stays in the spool')
      return { files: [], message: messageOf(error) }
    }
  }

  #onReport (track: Track, report: TrackReport): void {
    const { source } = track
    switch (report.type) {
      case 'live':
        if (source.state === 'none' || source.state === 'stopping') break // it ended while the report was under way
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
        this.#noteBreakage(track.userId)
        track.phase = 'closing'
        track.failures = 0
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

  #noteBreakage (userId: string): void {
    const nowMs = this.#deps.clock.now()
    const { count, lastMs } = this.#breakages.get(userId) ?? { count: 0, lastMs: nowMs }
    this.#breakages.set(userId, { count: nowMs - lastMs > forgetBreakageMs ? 1 : count + 1, lastMs: nowMs })
  }

  async #backOff (track: Track, error: unknown, message: string): Promise<void> {
    const { clock, log } = this.#deps
    if (this.#signal.aborted) return
    const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** track.failures++)
    track.retryAtMs = clock.now() + delayMs
    this.trouble = messageOf(error)
    if (track.source.state !== 'none') await this.#stop(track)
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
