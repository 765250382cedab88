import type { Logger } from 'pino'
import type { CapturePool } from '../tracks/pool.ts'
import type { Clock } from '../core/clock.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { Connection } from '../state/database.ts'
import { changeRecording, type RecordingRow } from '../state/recordings.ts'
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
  clock: Clock
  log: Logger
}

interface TimelineUploadOptions {
  target: StoreTarget
  /** An upload ended, well or not: plan again. */
  wake: () => void
}

/** How long what a timeline was made of is taken for all that is known. */
const freshMs = 10_000

/** Uploads the timeline of an ended recording beside its files, and notes where it is. */
export class TimelineUpload {
  readonly #options: TimelineUploadOptions
  readonly #deps: TimelineUploadDeps
  readonly #signal: AbortSignal
  #running: Promise<void> | undefined
  /** When the next upload is due, by `performance.now()`. */
  #retryAtMs = 0
  /** Whether it is noted. The plan may have been made of a row of before. */
  #isNoted = false
  #failures = 0
  #ownFailures = 0
  /** What the timeline was made of, and when it was loaded, by `performance.now()`. */
  #madeOf: { evidence: StoredTimeline, atMs: number } | undefined
  /** What is in the way, '' for nothing. */
  trouble = ''

  constructor (options: TimelineUploadOptions, deps: TimelineUploadDeps, { signal }: { signal: AbortSignal }) {
    this.#options = options
    this.#deps = deps
    this.#signal = signal
  }

  /** Returns at once. One try at a time, and none before it is due. */
  upload (recording: RecordingRow): void {
    if (this.#isNoted || this.#running !== undefined || performance.now() < this.#retryAtMs) return
    this.#running = this.#upload(recording).catch((error: unknown) => { this.#backOff(error) }).finally(() => {
      this.#running = undefined
      this.#options.wake()
    })
  }

  /** What the timeline was made of, unless it took so long to store that more may be known by now. */
  get evidence (): StoredTimeline | undefined {
    return this.#madeOf !== undefined && performance.now() - this.#madeOf.atMs < freshMs ? this.#madeOf.evidence : undefined
  }

  /** Resolves when nothing runs any more. */
  async leave (): Promise<void> {
    await this.#running
  }

  /** A timeline that can never be uploaded is noted as '': the recording is complete without. */
  async #upload (recording: RecordingRow): Promise<void> {
    const { kysely, log } = this.#deps
    let timelineFile = ''
    try {
      timelineFile = await this.#put(recording)
    } catch (err) {
      if (this.#signal.aborted || !isFinal(err, this.#ownFailures)) throw err
      log.error({ err }, 'timeline not stored')
    }
    await changeRecording(kysely, recording.id, recording.generation, { timelineFile })
    this.#isNoted = true
    this.trouble = ''
  }

  async #put (recording: RecordingRow): Promise<string> {
    const { kysely, pool, clock, log } = this.#deps
    const { target } = this.#options
    const key = timelineKey(placeOf(recording, target))
    const evidence = await loadTimeline(kysely, recording, this.#deps)
    this.#madeOf = { evidence, atMs: performance.now() }
    const bytes = Buffer.from(JSON.stringify(buildTimeline(evidence, clock.now())))
    const { url } = await pool.put({ target, key, bytes, contentType: 'application/json' })
    log.info({ key, bytes: bytes.length }, 'timeline stored')
    return url
  }

  #backOff (error: unknown): void {
    if (this.#signal.aborted) return
    const delayMs = backOffMs(this.#failures++)
    if (isOwn(error)) this.#ownFailures++
    this.#retryAtMs = performance.now() + delayMs
    this.trouble = tellable(error)
    this.#deps.log.warn({ err: error, delayMs }, 'timeline not stored yet')
  }
}
