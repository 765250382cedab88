import type { Logger } from 'pino'
import type { Clock } from '../core/clock.ts'
import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { noteAttempts, pullForward, settleWaiting, type AttemptNote } from '../state/deliveries.ts'
import type { GaveUp } from '../state/endpoint-options.ts'
import { holdHealths, noteHealth, type EndpointHealth, type HeldEndpoint } from '../state/endpoints.ts'
import { judgeEndpoint } from './breaker.ts'
import { endpointDisabled } from './events.ts'
import type { Outbox, Tell } from './outbox.ts'
import { noteOf, resultOf, type Attempted } from './outcome.ts'
import type { Retry } from './schedule.ts'
import { endpointUrlContext } from './seal-contexts.ts'

export interface NoteOutcomesDeps {
  kysely: Connection
  seal: Seal
  outbox: Outbox
  clock: Clock
  processId: string
  log: Logger
  delayMs?: (retry: Retry) => number | undefined
}

/** How old the note of a success may be. */
const successNotedMs = 60_000

/**
 * Notes what came of attempts: of each delivery, and of how its endpoint fares. Most of the time every endpoint is well, and it is one statement.
 * @returns the endpoints for which what waited is due now
 */
export async function noteOutcomes (outcomes: readonly Attempted[], deps: NoteOutcomesDeps): Promise<{ backIds: ReadonlySet<string> }> {
  const changed = [...Map.groupBy(outcomes, ({ delivery }) => delivery.endpointId)].filter(([, own]) => own.some((each) => isNews(each, deps.clock.now())))
  const backIds = new Set<string>()
  if (changed.length === 0) {
    const notes = outcomes.map((each) => noteOf(each, false, deps.delayMs))
    await noteAttempts(deps.kysely, notes, deps.processId)
    logNotes(outcomes, notes, deps.log)
    return { backIds }
  }

  const notes = await deps.outbox.transaction(async (transaction, tell) => {
    const endpoints = new Map((await holdHealths(transaction, changed.map(([id]) => id))).map((each) => [each.id, each]))
    const openIds = new Set<string>()
    const givenUp: { id: string, hidden: boolean, reason: GaveUp }[] = []
    for (const [id, own] of changed) {
      const endpoint = endpoints.get(id)
      if (endpoint === undefined) continue
      const { isBack, isOpen, reason } = await noteEndpoint(transaction, tell, endpoint, own, deps)
      if (isBack) backIds.add(id)
      if (isOpen) openIds.add(id)
      if (reason !== undefined) givenUp.push({ id, hidden: endpoint.hidden, reason })
    }
    const notes = outcomes.map((each) => noteOf(each, openIds.has(each.delivery.endpointId), deps.delayMs))
    await noteAttempts(transaction, notes, deps.processId)
    for (const { id, hidden, reason } of givenUp) await settleWaiting(transaction, id, hidden ? 'dead' : 'held', reason)
    for (const id of backIds) await pullForward(transaction, id)
    return notes
  })
  logNotes(outcomes, notes, deps.log)
  return { backIds }
}

/** Whether it changes how its endpoint fares. */
function isNews ({ delivery: { endpoint }, outcome }: Attempted, nowMs: number): boolean {
  return outcome.outcome !== 'delivered' || endpoint.failingSinceMs !== null || Math.abs(nowMs - (endpoint.lastSuccessMs ?? 0)) > successNotedMs
}

async function noteEndpoint (
  transaction: Connection, tell: Tell, endpoint: HeldEndpoint, own: readonly Attempted[], deps: NoteOutcomesDeps
): Promise<{ isBack: boolean, isOpen: boolean, reason?: GaveUp }> {
  const { id, tenantId, hidden, nowMs } = endpoint
  let health: EndpointHealth = endpoint
  let isBack = false
  let reason: GaveUp | undefined
  for (const { delivery, outcome } of own) {
    const judged = judgeEndpoint(health, { result: resultOf(outcome), isProbe: delivery.cause === 'probe' }, nowMs)
    health = judged.health
    isBack ||= judged.isBack
    if (outcome.outcome === 'delivered') reason = undefined
    else if (outcome.outcome === 'dead' && outcome.reason !== 'body_too_large' && !(hidden && outcome.reason === 'blocked_target')) reason = outcome.reason
    else if (judged.isHopeless) reason = 'failing'
  }
  const givesUp = reason !== undefined && (hidden || endpoint.enabled)
  const gaveUp = reason ?? (own.some(({ outcome }) => outcome.outcome === 'delivered') ? null : endpoint.gaveUp)
  const { failures, probeDueMs, probeStep, failingSinceMs, lastSuccessMs } = health
  await noteHealth(transaction, id, {
    failures,
    probeDueMs,
    probeStep,
    failingSinceMs,
    lastSuccessMs,
    gaveUp,
    // Whoever names a hidden one again, or enables it, begins anew.
    ...givesUp && { failures: 0, probeDueMs: null, probeStep: 0, failingSinceMs: null, disabledMs: nowMs, ...!hidden && { enabled: false } }
  })
  if (!givesUp || reason === undefined) return { isBack, isOpen: probeDueMs !== null }
  deps.log.warn({ endpointId: id, tenantId, hidden, reason }, 'endpoint given up')
  if (!hidden) {
    const event = endpointDisabled({ endpointId: id, url: urlOf(endpoint, deps), reason, failingSinceMs: failingSinceMs ?? nowMs }, deps.clock.now())
    tell({ tenantId, event })
  }
  return { isBack: false, isOpen: false, reason }
}

/** '' if it does not open: all that came of other attempts would wait for it. */
function urlOf ({ id, sealedUrl }: HeldEndpoint, { seal, log }: NoteOutcomesDeps): string {
  try {
    return seal.open(sealedUrl ?? '', endpointUrlContext(id))
  } catch (err) {
    log.error({ err, endpointId: id }, 'the URL of an endpoint does not open')
    return ''
  }
}

function logNotes (outcomes: readonly Attempted[], notes: readonly AttemptNote[], log: Logger): void {
  const ids = new Map(outcomes.map(({ delivery: { id, eventId, endpointId } }) => [id, { eventId, endpointId }]))
  for (const { id, state, number, cause, status, reason, delayMs } of notes) {
    const line = { deliveryId: id, ...ids.get(id), attempts: number, cause, status, reason, delayMs }
    if (state === 'delivered') log.info(line, 'callback delivered')
    else log.warn(line, state === 'dead' ? 'callback given up' : 'callback will be sent again')
  }
}
