import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { RelayTasks } from './relay-tasks.ts'
import type { CallRank, Turn } from './waiting-calls.ts'
import type { Clock } from '../../../core/clock.ts'
import { RoomtapeError } from '../../../core/errors.ts'
import { retry } from '../../../core/retry.ts'
import type { App } from '../../../state/apps.ts'
import type { Connection } from '../../../state/database.ts'
import { roomIdOf, type RecordingRow } from '../../../state/recordings.ts'
import { findRelayTask, insertRelayTask, markTaskStopped, setTaskId, type RelayTaskRow } from '../../../state/relay-tasks.ts'
import { insertSource, markSourceStopped } from '../../../state/sources.ts'
import { robotId } from '../../../trtc/robot-id.ts'

export interface RelaySourcesDeps {
  kysely: Connection
  relay: RelayTasks
  clock: Clock
  log: Logger
  /** The app as it is now: its keys may have been changed since the recording began. */
  appOf: (sdkAppId: number) => Promise<App>
}

export interface SourceStart {
  sourceId: string
  /** The anchor whose audio it is. */
  userId: string
  /** Opens a stream key. @returns the URL to push to */
  expect: (key: string) => Promise<string>
}

const keyBytes = 24
/** For stopping a task. One that nobody stops finds its stream key closed and gives up by itself. */
const stopSchedule = { attempts: 4, firstDelayMs: 500, maxDelayMs: 4_000 }

/**
 * The main thread's half of the relay engine: starts and stops the sources of one recording. Each is one anchor's audio, pushed to us by a
 * robot of its own on a stream key of its own, and has a row, so that whoever owns the recording next knows of it.
 */
export class RelaySources {
  readonly #recording: RecordingRow
  readonly #deps: RelaySourcesDeps
  readonly #signal: AbortSignal

  constructor (recording: RecordingRow, deps: RelaySourcesDeps, { signal }: { signal: AbortSignal }) {
    this.#recording = recording
    this.#deps = deps
    this.#signal = signal
  }

  /** Has an anchor's audio pushed to us. @throws RoomtapeError TRTC_REFUSED, TRTC_UNAVAILABLE, WORKER_CRASHED */
  async start ({ sourceId, userId, expect }: SourceStart): Promise<void> {
    const { id: recordingId, sdkAppId, generation, options } = this.#recording
    const { kysely, relay, clock, log, appOf } = this.#deps
    const robot = robotId(sourceId)
    const app = await appOf(sdkAppId)
    const createdMs = clock.now()
    // Noted before TRTC is asked: if we die in between, the next owner knows that a task may be running.
    await kysely.transaction().execute(async (transaction) => {
      await insertSource(transaction, { id: sourceId, recordingId, engine: 'relay', userId, generation, createdMs })
      await insertRelayTask(transaction, { sourceId, sdkAppId, robotId: robot, host: relay.hostOf(app), createdMs })
    })
    const url = await expect(randomBytes(keyBytes).toString('base64url'))
    const request = { roomId: roomIdOf(this.#recording), anchorUserId: userId, robotId: robot, url, maxSeconds: options.maxDurationSeconds }
    const { taskId } = await relay.start(app, request, this.#turn('speaker'), { signal: this.#signal })
    log.info({ userId, taskId }, 'relay asked for')
    // Given up while the answer was under way: nobody knew what to stop until now.
    if (!await setTaskId(kysely, sourceId, taskId)) await this.stop(sourceId)
  }

  /** Stops the task, if there is one, and notes that the source is stopped. */
  async stop (sourceId: string): Promise<void> {
    const { kysely, clock } = this.#deps
    const task = await findRelayTask(kysely, sourceId)
    if (task !== undefined) {
      const isStopped = task.taskId === null || await this.#stopTask(task.taskId, task)
      // A node that is going leaves it to the next owner.
      if (!isStopped && this.#signal.aborted) return
      // Its TaskId has become known in the meantime.
      if (isStopped && !await markTaskStopped(kysely, task, clock.now())) return this.stop(sourceId)
    }
    await markSourceStopped(kysely, sourceId, clock.now())
  }

  /** @returns false when TRTC would not hear of it */
  async #stopTask (taskId: string, { sdkAppId, host }: RelayTaskRow): Promise<boolean> {
    const { relay, log, appOf } = this.#deps
    const signal = this.#signal
    try {
      const app = await appOf(sdkAppId)
      await retry(() => relay.stop(app, { taskId, host }, this.#turn('stop'), { signal }), { schedule: stopSchedule, signal, retryable: isPassing })
      return true
    } catch (err) {
      if (!signal.aborted) log.warn({ err, taskId }, 'relay not stopped')
      return false
    }
  }

  #turn (rank: CallRank): Turn {
    return { recordingId: this.#recording.id, rank: () => rank }
  }
}

function isPassing (error: unknown): boolean {
  return error instanceof RoomtapeError && error.fault !== 'caller'
}
