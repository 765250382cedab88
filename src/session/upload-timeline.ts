import type { Logger } from 'pino'
import type { CapturePool } from '../tracks/pool.ts'
import type { Clock } from '../core/clock.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { Connection } from '../state/database.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { backOffMs } from '../core/back-off.ts'
import { timelineKey } from '../upload/object-key.ts'
import { buildTimeline } from '../timeline/build.ts'
import { loadTimeline, type StoredTimeline } from '../timeline/load.ts'
import { placeOf } from './recording-place.ts'
import { isFinal, isOwn } from './upload-track.ts'
import { tellable } from './trouble.ts'

export interface TimelineUploadDeps {
  kysely: Connection
  pool: Pick<CapturePool, 'put'>
  /** How long after the end of a pause what arrives was said during it. */
  resumeHoldMs: number
  /** The recording's. */
  clock: Clock
  wall: Clock
  log: Logger
}

/** The timeline of an ended recording: what it was made of, and the URL of its file, '' when that can never be uploaded. */
export interface UploadedTimeline { evidence: StoredTimeline, url: string }

/** Uploads the timeline of an ended recording beside its files, again and again until the store has it. */
export class TimelineUpload {
  readonly #target: StoreTarget
  readonly #deps: TimelineUploadDeps
  readonly #signal: AbortSignal
  /** When the next try is due, by `performance.now()`. */
  #retryAtMs = 0
  #failures = 0
  #ownFailures = 0
  /** What is in the way, '' for nothing. */
  trouble = ''

  constructor (target: StoreTarget, deps: TimelineUploadDeps, { signal }: { signal: AbortSignal }) {
    this.#target = target
    this.#deps = deps
    this.#signal = signal
  }

  /** @returns undefined when it has to be tried again later, or a try is not due yet */
  async upload (recording: RecordingRow): Promise<UploadedTimeline | undefined> {
    if (performance.now() < this.#retryAtMs) return undefined
    const { kysely, log } = this.#deps
    const evidence = await loadTimeline(kysely, recording, this.#deps)
    try {
      return { evidence, url: await this.#put(recording, evidence) }
    } catch (err) {
      if (this.#signal.aborted) return undefined
      if (!isFinal(err, this.#ownFailures)) {
        this.#backOff(err)
        return undefined
      }
      log.error({ err }, 'timeline not stored')
      return { evidence, url: '' }
    }
  }

  async #put (recording: RecordingRow, evidence: StoredTimeline): Promise<string> {
    const { pool, clock, wall, log } = this.#deps
    const key = timelineKey(placeOf(recording, this.#target))
    const bytes = Buffer.from(JSON.stringify(buildTimeline(evidence, { nowMs: clock.now(), wallMs: wall.now() })))
    const { url } = await pool.put({ target: this.#target, key, bytes, contentType: 'application/json' })
    log.info({ key, bytes: bytes.length }, 'timeline stored')
    return url
  }

  #backOff (error: unknown): void {
    const delayMs = backOffMs(this.#failures++)
    if (isOwn(error)) this.#ownFailures++
    this.#retryAtMs = performance.now() + delayMs
    this.trouble = tellable(error)
    this.#deps.log.warn({ err: error, delayMs }, 'timeline not stored yet')
  }
}
