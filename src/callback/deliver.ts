import type { PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { Dispatcher } from 'undici'
import type { Clock } from '../core/clock.ts'
import type { Seal } from '../core/seal.ts'
import { inTransaction, type Connection } from '../state/database.ts'
import { findWaitingDelivery, noteAttempt, type Delivery } from '../state/events.ts'
import { queues, type CallbackJob } from '../state/queues.ts'
import { attempt, type AttemptOutcome } from './attempt.ts'
import { urlContext } from './publish.ts'
import { nextDelayMs, scheduleOf, type Retry } from './schedule.ts'

export interface DeliverDeps {
  kysely: Connection
  boss: PgBoss
  seal: Seal
  dispatcher: Dispatcher
  clock: Clock
  log: Logger
  userAgent: string
  random?: () => number
  /** Wait before the next attempt; `nextDelayMs` by default. */
  delayMs?: (retry: Retry, random: () => number) => number | undefined
}

/** Seal context of a tenant's callback secret. */
export function secretContext (tenantId: string): string { return `tenant:${tenantId}:callback` }

/**
 * Sends the outbox's callbacks until `signal` ends it. Every attempt is a job; a retry is the next job, queued in the transaction that notes
 * this attempt. A process that dies between the answer and the note sends again: receivers deduplicate by `webhook-id`.
 */
export async function deliverCallbacks (deps: DeliverDeps, { signal }: { signal: AbortSignal }): Promise<void> {
  await deps.boss.work<CallbackJob>(queues.callback, { localConcurrency: 8, pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 2 }, async (jobs) => {
    for (const { data: { deliveryId } } of jobs) {
      const delivery = await findWaitingDelivery(deps.kysely, deliveryId)
      if (delivery !== undefined) await deliver(delivery, deps, signal)
    }
  })
}

async function deliver (delivery: Delivery, deps: DeliverDeps, signal: AbortSignal): Promise<void> {
  const { seal, dispatcher, clock, userAgent } = deps
  const attempts = delivery.attempts + 1
  const outcome = await attempt({
    url: seal.open(delivery.sealedUrl, urlContext(delivery.id)),
    id: delivery.eventId,
    body: Buffer.from(delivery.body),
    secrets: [seal.open(delivery.sealedCallbackSecret, secretContext(delivery.tenantId))],
    attempt: attempts
  }, { dispatcher, signal, clock, userAgent })
  await note(delivery, attempts, outcome, deps)
}

async function note (delivery: Delivery, attempts: number, outcome: AttemptOutcome, deps: DeliverDeps): Promise<void> {
  const { kysely, boss, clock, log, random = Math.random, delayMs: delayOf = nextDelayMs } = deps
  const nowMs = clock.now()
  const delayMs = outcome.outcome === 'retry' ? delayOf({ schedule: scheduleOf(delivery.type), attempts, retryAfterMs: outcome.retryAfterMs }, random) : undefined
  const state = outcome.outcome === 'delivered' ? 'delivered' : delayMs === undefined ? 'dead' : 'waiting'
  const reason = outcome.outcome === 'delivered' ? null : outcome.reason
  const status = 'response' in outcome ? outcome.response.status : null

  await kysely.transaction().execute(async (transaction) => {
    await noteAttempt(transaction, delivery.id, {
      state,
      attempts,
      lastStatus: status,
      lastError: reason,
      nextAttemptMs: delayMs === undefined ? null : nowMs + delayMs,
      settledMs: delayMs === undefined ? nowMs : null
    })
    if (delayMs !== undefined) {
      const job: CallbackJob = { deliveryId: delivery.id }
      await boss.send(queues.callback, job, { startAfter: new Date(nowMs + delayMs), db: inTransaction(transaction) })
    }
  })
  const line = { deliveryId: delivery.id, eventId: delivery.eventId, attempts, status, reason, delayMs }
  if (state === 'delivered') log.info(line, 'callback delivered')
  else log.warn(line, state === 'dead' ? 'callback given up' : 'callback will be sent again')
}
