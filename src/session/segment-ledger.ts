import { setTimeout as sleep } from 'node:timers/promises'
import { segmentUploaded } from '../callback/events/segment-uploaded.ts'
import type { Callback, Outbox } from '../callback/outbox.ts'
import type { SegmentSpec } from '../tracks/messages.ts'
import type { CapturePool } from '../tracks/pool.ts'
import type { UploadedSegment } from '../stores/uploaded.ts'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { Logger } from 'pino'
import type { Connection } from '../state/database.ts'
import { outputOf } from '../state/recording-options.ts'
import { heldRecording, type RecordingRow } from '../state/recordings.ts'
import { insertSegment, notedSeqs } from '../state/segments.ts'
import type { Held, TrackRow } from '../state/tracks.ts'
import { segmentKeyFolder } from '../upload/object-key.ts'
import { placeOf } from './recording-place.ts'

export interface SegmentLedgerDeps {
  kysely: Connection
  outbox: Pick<Outbox, 'transaction'>
  pool: Pick<CapturePool, 'uploadSegments'>
  /** The wall clock, by which events are dated. */
  wall: Clock
  log: Logger
}

export interface SegmentLedgerOptions {
  recording: RecordingRow
  target: StoreTarget
  /** Who is told of each segment beside the tenant's endpoints; undefined: nobody is. */
  callback: Callback | undefined
  /** Folder of the spool, if it is not the one this gateway records into. */
  spoolDir?: string | undefined
  /** Asks whether we may note, for as long as the transaction lasts; by the generation of the recording unless given. */
  held?: (db: Connection) => Held
}

interface Told { track: TrackRow, segment: UploadedSegment }

/** How many segments wait while the database is away; those beyond are found missing when their track is uploaded. */
const maxWaiting = 2_000
const maxPerTransaction = 50
const firstRetryMs = 500
const maxRetryMs = 15_000

/** Notes the segments of one recording and tells of each, once: row and event are one transaction (outbox), and the row is written once. */
export class SegmentLedger {
  readonly #options: SegmentLedgerOptions
  readonly #deps: SegmentLedgerDeps
  readonly #signal: AbortSignal
  readonly #waiting: Told[] = []
  #noting: Promise<void> | undefined
  /** By track: the newest `uploadNext` of it, which comes after those before. */
  readonly #uploading = new Map<string, Promise<boolean>>()

  constructor (options: SegmentLedgerOptions, deps: SegmentLedgerDeps, { signal }: { signal: AbortSignal }) {
    this.#options = options
    this.#deps = deps
    this.#signal = signal
  }

  /** How a track is cut; undefined when nobody asked for segments. */
  spec (track: TrackRow): SegmentSpec | undefined {
    const { recording, target } = this.#options
    const { format, segmentSeconds } = outputOf(recording.options)
    if (segmentSeconds === 0) return undefined
    const keyFolder = segmentKeyFolder({ ...placeOf(recording, target), userId: track.userId, number: track.number })
    return { seconds: segmentSeconds, epochMs: recording.createdMs, format, target, keyFolder }
  }

  /** A thread has uploaded one: it is noted as soon as the database takes it. */
  uploaded (track: TrackRow, segment: UploadedSegment): void {
    if (this.#waiting.length >= maxWaiting) return
    this.#waiting.push({ track, segment })
    this.#noting ??= this.#noteAll().finally(() => { this.#noting = undefined })
  }

  /** Resolves when all that threads have told of is noted, or the process is going. */
  async settled (): Promise<void> {
    await this.#noting
  }

  /**
   * Uploads and notes what is left of a track that nobody writes any more, some at a time. Safe to repeat, also at once: a track that goes on
   * after a restart and soon ends is looked at from two sides, and none shall put what the other has.
   * @param beforeFile of a track that is written again: only what is in files with a lower number
   * @returns whether there may be more
   * @throws what `CapturePool.uploadSegments` throws, and the database
   */
  async uploadNext (track: TrackRow, beforeFile?: number): Promise<boolean> {
    const before = this.#uploading.get(track.id)?.catch(() => undefined) // whoever began it hears of it
    const own = Promise.resolve(before).then(() => this.#uploadNext(track, beforeFile))
    this.#uploading.set(track.id, own)
    try {
      return await own
    } finally {
      if (this.#uploading.get(track.id) === own) this.#uploading.delete(track.id)
    }
  }

  get #where (): { spoolDir?: string } {
    const { spoolDir } = this.#options
    return spoolDir === undefined ? {} : { spoolDir }
  }

  async #uploadNext (track: TrackRow, beforeFile: number | undefined): Promise<boolean> {
    const spec = this.spec(track)
    if (spec === undefined) return false
    const { kysely, pool } = this.#deps
    const { target, format, keyFolder } = spec
    const noted = await notedSeqs(kysely, track.id)
    const files = { ...beforeFile !== undefined && { beforeFile }, ...this.#where }
    const uploaded = await pool.uploadSegments({ recordingId: track.recordingId, trackId: track.id, target, format, keyFolder, noted, ...files })
    if (uploaded.length === 0) return false
    if (!await this.#note(uploaded.map((segment) => ({ track, segment })))) {
      throw new RoomtapeError('UNAVAILABLE', `recording ${track.recordingId} has another owner by now`)
    }
    return true
  }

  async #noteAll (): Promise<void> {
    let failures = 0
    while (this.#waiting.length > 0 && !this.#signal.aborted) {
      const batch = this.#waiting.slice(0, maxPerTransaction)
      try {
        // Another owner finds them in what it has of the track.
        if (!await this.#note(batch)) this.#waiting.length = 0
        this.#waiting.splice(0, batch.length)
        failures = 0
      } catch (err) {
        const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** failures++)
        this.#deps.log.warn({ err, waiting: this.#waiting.length, delayMs }, 'segments not noted yet')
        await sleep(delayMs, undefined, { signal: this.#signal }).catch(() => undefined) // aborted: the loop looks for itself
      }
    }
  }

  /** @returns false when somebody else owns the recording by now */
  async #note (told: readonly Told[]): Promise<boolean> {
    const { recording, target, callback, held = (db: Connection) => heldRecording(db, recording) } = this.#options
    const { outbox, wall } = this.#deps
    const bucket = target.kind === 'cos' ? target.bucket : ''
    return outbox.transaction(async (transaction, tell) => {
      if (await held(transaction).executeTakeFirst() === undefined) return false
      for (const { track, segment: { fileNumber, ...uploaded } } of told) {
        const segment = { trackId: track.id, part: fileNumber, ...uploaded }
        if (!await insertSegment(transaction, segment)) continue
        const event = segmentUploaded({ recording, track, segment, bucket }, wall.now())
        tell({ tenantId: recording.tenantId, event, callback })
      }
      return true
    })
  }
}
