import { setImmediate as turn } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Dispatcher } from 'undici'
import type { Clock } from '../core/clock.ts'
import type { Seal } from '../core/seal.ts'
import { Wakeup } from '../core/wakeup.ts'
import { changedAtOnce, claimDue, pullSomeForward, releaseClaims, settleSome, type ClaimedDelivery } from '../state/deliveries.ts'
import type { Connection } from '../state/database.ts'
import type { GaveUp } from '../state/endpoint-options.ts'
import { endpointsWithDue } from '../state/endpoints.ts'
import { attempt, type AttemptOutcome } from './attempt.ts'
import { requestOf } from './delivery-request.ts'
import { Lanes } from './lanes.ts'
import { noteOutcomes, type NoteOutcomesDeps } from './note-outcomes.ts'
import { isOverrun, type Attempted } from './outcome.ts'

export interface SenderDeps extends NoteOutcomesDeps {
  kysely: Connection
  seal: Seal
  /** A `guardedDispatcher`. */
  dispatcher: Dispatcher
  /** The wall clock, for signatures. */
  clock: Clock
  userAgent: string
  log: Logger
  /** This process. */
  processId: string
  /** Whether this process may send: it is the one that works on the database. */
  mayWork: () => boolean
  lanes?: Lanes
}

/** How long nobody else sends what is claimed: the longest attempt, and 15 s. */
const claimMs = 15_000 + 15_000
/** How many are claimed or noted at once: with the embedded database nobody else has a turn meanwhile. */
const atOnce = 50
/** How often it looks for what is due from elsewhere, or again. */
const lookEveryMs = 1_000
const pauseAfterErrorMs = 1_000

/**
 * Sends what waits in `deliveries`: claims what is due, tries it, notes what came of it. Rows are the truth: what a dead process has claimed
 * is due again when the claim lapses, or when the next process starts. One loop writes; attempts run beside it and hand it what they came to, so that
 * many are noted at once. A process that dies between the answer and the note sends again: receivers deduplicate by `webhook-id`.
 */
export class Sender {
  readonly #deps: SenderDeps
  readonly #lanes: Lanes
  readonly #bell = new Wakeup()
  readonly #stopping = new AbortController()
  readonly #attempts = new Set<Promise<void>>()
  readonly #outcomes: Attempted[] = []
  /** Hidden endpoints that were given up, and why: what waits for them becomes dead. A process that dies before gives them up again. */
  readonly #givenUp = new Map<string, GaveUp>()
  /** Endpoints that are back, with their tenants: what waits for them is to be pulled forward. */
  readonly #back = new Map<string, string>()
  #lookMs = -Infinity
  #loop = Promise.resolve()

  constructor (deps: SenderDeps) {
    this.#deps = deps
    this.#lanes = deps.lanes ?? new Lanes()
  }

  /** Sends again at once what another process was sending, and from now on whatever is due. */
  async start (): Promise<void> {
    await releaseClaims(this.#deps.kysely, this.#deps.processId, 'others')
    this.#loop = this.#run()
  }

  /** Something waits for these endpoints. */
  wake (endpoints: ReadonlyArray<{ id: string, tenantId: string }>): void {
    for (const { id, tenantId } of endpoints) this.#lanes.wake(id, tenantId, performance.now())
    this.#bell.wake()
  }

  /** A tenant says that an endpoint takes deliveries again. */
  isBack ({ id, tenantId }: { id: string, tenantId: string }): void {
    this.#back.set(id, tenantId)
    this.#lookMs = -Infinity
    this.#bell.wake()
  }

  /** Breaks off what is under way and claims nothing any more. */
  giveUp (): void { this.#stopping.abort() }

  /** Gives up, notes what is over, and lets the next process send the rest at once. */
  async close (): Promise<void> {
    this.giveUp()
    await this.#loop
    await Promise.all(this.#attempts)
    while (this.#outcomes.length > 0) await this.#note()
    await releaseClaims(this.#deps.kysely, this.#deps.processId, 'own')
  }

  async #run (): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      let sleepMs = Math.max(0, this.#lookMs + lookEveryMs - performance.now())
      try {
        await this.#note()
        if (this.#deps.mayWork()) {
          if (sleepMs === 0) {
            await this.#look()
            sleepMs = lookEveryMs
          }
          await this.#claim()
        } else sleepMs = pauseAfterErrorMs
      } catch (err) {
        this.#deps.log.warn({ err, outcomes: this.#outcomes.length }, 'callbacks are not sent at present')
        sleepMs = pauseAfterErrorMs
      }
      await this.#bell.next(sleepMs, { signal })
      // Whatever has been answered by now is noted together. The embedded database answers within the turn of the event loop in which it is asked:
      // without this each answer would be noted alone, before the next is read, and nobody else would have a turn until all are.
      await turn()
    }
  }

  /**
   * Finds what is due at endpoints of which nobody told us: again, by another process, or since a breaker may be probed. What is due at one that is
   * disabled or deleted is settled, some each time, so that much of it holds up nobody.
   */
  async #look (): Promise<void> {
    const nowMs = performance.now()
    for (const { id, tenantId, isShut, isDeleted } of await endpointsWithDue(this.#deps.kysely)) {
      if (isShut) await settleSome(this.#deps.kysely, id, isDeleted ? 'cancelled' : 'held')
      else this.#lanes.wake(id, tenantId, nowMs)
    }
    await this.#settleGivenUp()
    await this.#pullForward()
    this.#lanes.forget(nowMs)
    this.#lookMs = nowMs
  }

  async #settleGivenUp (): Promise<void> {
    for (const [id, reason] of this.#givenUp) {
      const count = await settleSome(this.#deps.kysely, id, 'dead', reason)
      if (count < changedAtOnce) this.#givenUp.delete(id)
      this.#deps.measures?.emit('dead', { reason, count })
    }
  }

  /** What waits for endpoints that are back is due now, some each time: they are paced by their bounds. */
  async #pullForward (): Promise<void> {
    for (const [id, tenantId] of this.#back) {
      if (await pullSomeForward(this.#deps.kysely, id) < changedAtOnce) this.#back.delete(id)
      this.#lanes.wake(id, tenantId, performance.now())
    }
  }

  async #claim (): Promise<void> {
    const { kysely, processId } = this.#deps
    const grants = this.#lanes.grant(atOnce)
    if (grants.length === 0) return
    let claimed: ClaimedDelivery[] = []
    try {
      claimed = await claimDue(kysely, grants, { processId, claimMs })
    } finally {
      const counts = Map.groupBy(claimed, ({ endpointId }) => endpointId)
      for (const grant of grants) {
        const unused = grant.count - (counts.get(grant.endpointId)?.length ?? 0)
        if (unused > 0) this.#lanes.returned({ ...grant, count: unused })
      }
    }
    // Others may send as well
    if (grants.reduce((sum, { count }) => sum + count, 0) === atOnce) this.#bell.wake()
    for (const delivery of claimed) {
      const trying = this.#try(delivery).finally(() => { this.#attempts.delete(trying) })
      this.#attempts.add(trying)
    }
  }

  async #try (delivery: ClaimedDelivery): Promise<void> {
    const { clock, log } = this.#deps
    const startedMs = clock.now()
    try {
      this.#over({ delivery, startedMs, outcome: await this.#send(delivery) })
    } catch (err) {
      if (this.#stopping.signal.aborted) return
      log.error({ err, deliveryId: delivery.id }, 'callback could not be sent')
      this.#over({ delivery, startedMs, outcome: { outcome: 'retry', reason: 'failed', durationMs: 0 } })
    }
  }

  async #send (delivery: ClaimedDelivery): Promise<AttemptOutcome> {
    const { seal, dispatcher, clock, userAgent } = this.#deps
    return attempt(requestOf(delivery, seal, clock.now()), { dispatcher, signal: this.#stopping.signal, clock, userAgent })
  }

  #over (attempted: Attempted): void {
    this.#outcomes.push(attempted)
    this.#bell.wake()
  }

  /** Notes what came of attempts; what the database does not take stays for the next time. */
  async #note (): Promise<void> {
    const outcomes = this.#outcomes.slice(0, atOnce)
    if (outcomes.length === 0) return
    const { backIds, givenUp } = await noteOutcomes(outcomes, this.#deps)
    this.#outcomes.splice(0, outcomes.length)
    if (this.#outcomes.length > 0) this.#bell.wake()
    const nowMs = performance.now()
    for (const { delivery: { endpointId, tenantId }, outcome } of outcomes) {
      this.#lanes.done(endpointId, outcome.outcome === 'delivered' ? 'faster' : isOverrun(outcome) ? 'slowest' : 'same', nowMs)
      if (backIds.has(endpointId)) this.#back.set(endpointId, tenantId)
      if (outcome.outcome === 'delivered') this.#givenUp.delete(endpointId)
    }
    for (const [id, reason] of givenUp) this.#givenUp.set(id, reason)
    if (givenUp.size > 0) await this.#settleGivenUp()
    if (backIds.size > 0) await this.#pullForward()
  }
}
