import timers from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Clock } from '../../../core/clock.ts'
import type { App } from '../../../state/apps.ts'
import type { Connection } from '../../../state/database.ts'
import { delayStop, dueStops, endTask, expireStops, nextStopMs, type DueStop } from '../../../state/relay-tasks.ts'
import type { RelayTasks } from './relay-tasks.ts'

export interface RelayStopsDeps {
  kysely: Connection
  relay: Pick<RelayTasks, 'stop'>
  /** The gateway's, by which relay tasks are dated. */
  clock: Clock
  log: Logger
  appOf: (sdkAppId: number) => Promise<App>
  /** Resolves after so many milliseconds of the clock; rejects when aborted. */
  sleep?: (ms: number, options: { signal: AbortSignal }) => Promise<void>
}

const firstRetryMs = 1_000
const maxRetryMs = 600_000
/** How many Stops are under way at a time: each may hang for ten seconds, and TRTC takes 20 a second of an account. */
const atOnce = 400
/** How often it looks while calls are under way, whose rows are still due; whichever ends first rings. */
const lookEveryMs = 1_000
/** How long it waits for more to become due: rooms end together, and one look finds all. */
const gatherMs = 100
/** The longest it looks for nothing. What is asked for here rings at once. */
const longestSleepMs = 30_000

/**
 * Stops the relay tasks that have to end, of all recordings, those that are long over too: a row says what is due, until TRTC has confirmed it, says
 * that there is no such task or that it has ended, or its TaskId is too old. A Stop outlives its session, its recording and a restart.
 */
export class RelayStops {
  readonly #deps: RelayStopsDeps
  readonly #sleep: NonNullable<RelayStopsDeps['sleep']>
  readonly #stopping = new AbortController()
  readonly #underWay = new Map<string, Promise<void>>()
  #bell = Promise.withResolvers<undefined>()
  #loop = Promise.resolve()

  constructor (deps: RelayStopsDeps) {
    this.#deps = deps
    this.#sleep = deps.sleep ?? ((ms, options) => timers.setTimeout(ms, undefined, options))
  }

  start (): void {
    this.#loop = this.#run()
  }

  /** A task may have to be stopped: look now. */
  wake (): void {
    this.#bell.resolve(undefined)
  }

  /** Resolves when no call runs any more. What is due is stored. */
  async close (): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await Promise.all(this.#underWay.values())
  }

  async #run (): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#bell = Promise.withResolvers()
      let sleepMs = firstRetryMs
      try {
        const nextMs = await this.#stopDue()
        sleepMs = Math.min(longestSleepMs, Math.max(0, nextMs - clock.now()))
      } catch (err) {
        log.warn({ err }, 'stops of relay tasks not looked for')
      }
      const waiting = new AbortController()
      const wait = this.#sleep(sleepMs, { signal: AbortSignal.any([signal, waiting.signal]) }).catch(() => undefined) // aborted: the loop looks for itself
      await Promise.race([this.#bell.promise, wait])
      waiting.abort()
      await timers.setTimeout(gatherMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** @returns when the next one is due */
  async #stopDue (): Promise<number> {
    const { kysely, clock, log } = this.#deps
    const nowMs = clock.now()
    for (const task of await expireStops(kysely, nowMs)) log.error(task, 'a relay task was never stopped, and its TaskId is too old by now')
    const free = atOnce - this.#underWay.size
    // Those under way are due as well, and the first among them.
    const before = new Set(this.#underWay.keys())
    const due = free <= 0 ? [] : await dueStops(kysely, nowMs, free + before.size)
    const apps = new Map<number, Promise<App>>()
    for (const stop of due) {
      const { sourceId, sdkAppId } = stop
      // One that has ended meanwhile may have been read as it was before.
      if (before.has(sourceId) || this.#underWay.has(sourceId)) continue
      const app = apps.get(sdkAppId) ?? this.#deps.appOf(sdkAppId)
      apps.set(sdkAppId, app)
      this.#underWay.set(sourceId, this.#stop(stop, app).finally(() => { this.#underWay.delete(sourceId) }))
    }
    return this.#underWay.size > 0 ? nowMs + lookEveryMs : await nextStopMs(kysely) ?? Infinity
  }

  async #stop ({ sourceId, sdkAppId, taskId, host, recordingId, isDismissed, stopFailures }: DueStop, app: Promise<App>): Promise<void> {
    const { kysely, relay, clock, log } = this.#deps
    const { signal } = this.#stopping
    try {
      const turn = { recordingId: recordingId ?? sourceId, rank: () => isDismissed ? 'dismissedStop' as const : 'stop' as const }
      const outcome = await relay.stop(await app, { taskId, host }, turn, { signal })
      await endTask(kysely, sourceId, outcome, clock.now())
    } catch (err) {
      if (signal.aborted) return
      const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(stopFailures, 20))
      log.warn({ err, sdkAppId, taskId, delayMs }, 'relay task not stopped yet')
      await delayStop(kysely, sourceId, clock.now() + delayMs).catch(async (failure: unknown) => {
        log.warn({ err: failure, taskId }, 'stop not put off')
        // Its row is due still: until a while has passed it counts as under way.
        await this.#sleep(longestSleepMs, { signal }).catch(() => undefined)
      })
    } finally {
      this.wake()
    }
  }
}
