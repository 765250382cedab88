import type { Logger } from 'pino'
import type { Clock } from '../core/clock.ts'
import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { noteAttempts, pullForward, settleWaiting, type AttemptNote } from '../state/deliveries.ts'
import type { GaveUp } from '../state/endpoint-options.ts'
import { holdHealths, noteHealth, type EndpointHealth, type HeldEndpoint } from '../state/endpoints.ts'
import { judgeEndpoint } from './breaker.ts'
import { endpointDisabled } from './events.ts'
import { measure, type CallbackMeasures } from './measures.ts'
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
  measures?: CallbackMeasures
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
    tellNotes(outcomes, notes, deps)
    return { backIds }
  }

  const { notes, died } = await deps.outbox.transaction(async (transaction, tell) => {
    const endpoints = new Map((await holdHealths(transaction, changed.map(([id]) => id))).map((each) => [each.id, each]))
    const openIds = new Set<string>()
    const died: Array<{ reason: string, count: number }> = []
    for (const [id, own] of changed) {
      const endpoint = endpoints.get(id)
      if (endpoint === undefined) continue
      const { isBack, isOpen, dead } = await noteEndpoint(transaction, tell, endpoint, own, deps)
      if (isBack) backIds.add(id)
      if (isOpen) openIds.add(id)
      if (dead !== undefined) died.push(dead)
    }
    const notes = outcomes.map((each) => noteOf(each, openIds.has(each.delivery.endpointId), deps.delayMs))
    await noteAttempts(transaction, notes, deps.processId)
    for (const id of backIds) await pullForward(transaction, id)
    return { notes, died }
  })
  tellNotes(outcomes, notes, deps)
  for (const dead of died) deps.measures?.emit('dead', dead)
  return { backIds }
}

/** Whether it changes how its endpoint fares. */
function isNews ({ delivery: { endpoint }, outcome }: Attempted, nowMs: number): boolean {
  return outcome.outcome !== 'delivered' || endpoint.failingSinceMs !== null || Math.abs(nowMs - (endpoint.lastSuccessMs ?? 0)) > successNotedMs
}

async function noteEndpoint (
  transaction: Connection, tell: Tell, endpoint: HeldEndpoint, own: readonly Attempted[], deps: NoteOutcomesDeps
): Promise<{ isBack: boolean, isOpen: boolean, dead: { reason: string, count: number } | undefined }> {
  const { id, tenantId, hidden, nowMs } = endpoint
  let health: EndpointHealth = endpoint
  let isBack = false
  let gaveUp: GaveUp | null = endpoint.gaveUp
  for (const { delivery, outcome } of own) {
    const judged = judgeEndpoint(health, { result: resultOf(outcome), isProbe: delivery.cause === 'probe' }, nowMs)
    health = judged.health
    isBack ||= judged.isBack
    if (outcome.outcome === 'delivered') gaveUp = null
    else if (outcome.outcome === 'dead' && outcome.reason !== 'body_too_large' && !(hidden && outcome.reason === 'blocked_target')) gaveUp = outcome.reason
    else if (judged.isHopeless) gaveUp = 'failing'
  }
  const givesUp = gaveUp !== null && gaveUp !== endpoint.gaveUp && (hidden || endpoint.enabled)
  const { failures, probeDueMs, probeStep, failingSinceMs, lastSuccessMs } = health
  await noteHealth(transaction, id, {
    failures,
    probeDueMs: givesUp ? null : probeDueMs,
    probeStep,
    // Whoever names a hidden one again begins anew.
    failingSinceMs: givesUp ? null : failingSinceMs,
    lastSuccessMs,
    gaveUp,
    ...givesUp && { disabledMs: nowMs, ...!hidden && { enabled: false } }
  })
  let dead: { reason: string, count: number } | undefined
  if (givesUp) {
    const count = await settleWaiting(transaction, id, hidden ? 'dead' : 'held', gaveUp ?? undefined)
    if (hidden) dead = { reason: gaveUp ?? '', count }
    deps.log.warn({ endpointId: id, tenantId, hidden, reason: gaveUp }, 'endpoint given up')
    if (!hidden && gaveUp !== null) {
      const url = deps.seal.open(endpoint.sealedUrl ?? '', endpointUrlContext(id))
      tell({ tenantId, event: endpointDisabled({ endpointId: id, url, reason: gaveUp, failingSinceMs: failingSinceMs ?? nowMs }, deps.clock.now()) })
    }
  }
  return { isBack: isBack && !givesUp, isOpen: probeDueMs !== null && !givesUp, dead }
}

function tellNotes (outcomes: readonly Attempted[], notes: readonly AttemptNote[], { log, measures }: NoteOutcomesDeps): void {
  if (measures !== undefined) measure(outcomes, notes, measures)
  const ids = new Map(outcomes.map(({ delivery: { id, eventId, endpointId } }) => [id, { eventId, endpointId }]))
  for (const { id, state, number, cause, status, reason, delayMs } of notes) {
    const line = { deliveryId: id, ...ids.get(id), attempts: number, cause, status, reason, delayMs }
    if (state === 'delivered') log.info(line, 'callback delivered')
    else log.warn(line, state === 'dead' ? 'callback given up' : 'callback will be sent again')
  }
}
