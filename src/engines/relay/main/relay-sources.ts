import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock } from '../../../core/clock.ts'
import { retry, type RetrySchedule } from '../../../core/retry.ts'
import type { Seal } from '../../../core/seal.ts'
import type { App } from '../../../state/apps.ts'
import type { Connection } from '../../../state/database.ts'
import { roomIdOf, type RecordingRow } from '../../../state/recordings.ts'
import { endTask, insertRelayTask, letSourceGo, setTaskId } from '../../../state/relay-tasks.ts'
import { insertSource, type SourceWithTask } from '../../../state/sources.ts'
import { outcomeOf } from '../../../trtc/cloud-api.ts'
import { robotId } from '../../../trtc/robot-id.ts'
import type { RelayStops } from './relay-stops.ts'
import type { RelayTasks } from './relay-tasks.ts'
import type { CallRank } from './waiting-calls.ts'

export interface RelaySourcesDeps {
  kysely: Connection
  relay: Pick<RelayTasks, 'start' | 'hostOf'>
  stops: Pick<RelayStops, 'wake'>
  seal: Seal
  /** The recording's, by which sources are dated. */
  clock: Clock
  /** The gateway's, by which relay tasks are. */
  gatewayClock: Clock
  log: Logger
  /** The app as it is now: its keys may have been changed since the recording began. */
  appOf: (sdkAppId: number) => Promise<App>
}

export interface SourceStart {
  sourceId: string
  /** The anchor whose audio it is. */
  userId: string
  /** Opens a stream key. @returns the URL to push to, and the port in it */
  expect: (key: string) => Promise<{ url: string, port: number }>
  /** Whose turn comes first, asked while the call waits for its turn. */
  rank: () => CallRank
  /** Gives the start up while it waits for its turn; a call that has begun is not ended by it. */
  giveUp: AbortSignal
}

/** Asking for a source came to nothing, or nobody knows what came of it. */
export class StartFailed extends Error {
  /** `refused`: TRTC took nothing; `unanswered`: TRTC may push all the same; `unasked`: the call was not made. */
  readonly outcome: 'refused' | 'unanswered' | 'unasked'

  constructor (outcome: StartFailed['outcome'], cause: unknown) {
    super(`the start of a source was ${outcome}`, { cause })
    this.outcome = outcome
  }
}

const keyBytes = 24
/** Until it is noted: a database that is away does not end a session. */
const noteSchedule: RetrySchedule = { attempts: Infinity, firstDelayMs: 500, maxDelayMs: 30_000 }

/**
 * The main thread's half of the relay engine: starts the sources of one recording and lets them go. Each is one anchor's audio, pushed to us by a
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

  /** Has an anchor's audio pushed to us. @throws StartFailed; what `expect` and the database throw, before TRTC was asked */
  async start ({ sourceId, userId, expect, rank, giveUp }: SourceStart): Promise<void> {
    const { id: recordingId, sdkAppId, generation, options } = this.#recording
    const { kysely, relay, stops, seal, clock, gatewayClock, log, appOf } = this.#deps
    const robot = robotId(sourceId)
    const app = await appOf(sdkAppId)
    const key = randomBytes(keyBytes).toString('base64url')
    const { url, port } = await expect(key)
    const sealedKey = seal.seal(key, keyContext(sourceId))
    // Noted before TRTC is asked: if we die in between, the next owner knows that a task may be running, and lets its push in.
    await kysely.transaction().execute(async (transaction) => {
      await insertSource(transaction, { id: sourceId, recordingId, engine: 'relay', userId, generation, createdMs: clock.now() })
      await insertRelayTask(transaction, { sourceId, sdkAppId, robotId: robot, host: relay.hostOf(app), sealedKey, port, createdMs: gatewayClock.now() })
    })
    const request = { roomId: roomIdOf(this.#recording), anchorUserId: userId, robotId: robot, url, maxSeconds: options.maxDurationSeconds }
    let isAsked = false as boolean
    try {
      const { taskId } = await relay.start(app, request, { recordingId, rank }, { signal: this.#signal, giveUp, onAsked: (asked) => { isAsked = asked } })
      log.info({ userId, taskId }, 'relay asked for')
      // Nobody else may ever tell it, and without it the task cannot be stopped.
      const noted = retry(() => setTaskId(kysely, sourceId, taskId), { schedule: noteSchedule, signal: this.#signal, retryable: () => true })
      if (await noted) stops.wake()
    } catch (error) {
      const outcome = isAsked ? outcomeOf(error) : giveUp.aborted || this.#signal.aborted ? 'unasked' : 'refused'
      if (outcome === 'unanswered') throw new StartFailed(outcome, error)
      const ended = outcome === 'unasked' ? outcome : 'refused'
      await endTask(kysely, sourceId, ended, gatewayClock.now())
      throw new StartFailed(ended, error)
    }
  }

  /** Lets a source go: nobody uses it any more, and its task is stopped sooner or later. */
  async letGo (sourceId: string): Promise<void> {
    const { kysely, stops, clock, gatewayClock } = this.#deps
    await letSourceGo(kysely, sourceId, { nowMs: clock.now(), taskNowMs: gatewayClock.now() })
    stops.wake()
  }

  /** The stream key by which a source pushes, of a row that has one. @throws RoomtapeError SEAL_BROKEN */
  keyOf ({ id, sealedKey }: Pick<SourceWithTask, 'id' | 'sealedKey'>): string | undefined {
    return sealedKey === null ? undefined : this.#deps.seal.open(sealedKey, keyContext(id))
  }
}

/** Seal context of a source's stream key. */
function keyContext (sourceId: string): string { return `source:${sourceId}` }
