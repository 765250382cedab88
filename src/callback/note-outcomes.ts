import type { Logger } from 'pino'
import type { Clock } from '../core/clock.ts'
import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { noteAttempts, type AttemptNote } from '../state/deliveries.ts'
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

export interface Noted {
  /** Endpoints that are back: what waits for them is to be pulled forward. */
  backIds: ReadonlySet<string>
  /** Hidden endpoints that were given up, and why: what waits for them has to be settled. */
  givenUp: ReadonlyMap<string, GaveUp>
}

/** Notes what came of attempts: of each delivery, and of how its endpoint fares. Most of the time every endpoint is well, and it is one statement. */
export async function noteOutcomes (outcomes: readonly Attempted[], deps: NoteOutcomesDeps): Promise<Noted> {
  const changed = [...Map.groupBy(outcomes, ({ delivery }) => delivery.endpointId)].filter(([, own]) => own.some((each) => isNews(each, deps.clock.now())))
  const backIds = new Set<string>()
  const givenUp = new Map<string, GaveUp>()
  if (changed.length === 0) {
    const notes = outcomes.map((each) => noteOf(each, false, deps.delayMs))
    await noteAttempts(deps.kysely, notes, deps.processId)
    tellNotes(outcomes, notes, deps)
    return { backIds, givenUp }
  }

  const notes = await deps.outbox.transaction(async (transaction, tell) => {
    const endpoints = new Map((await holdHealths(transaction, changed.map(([id]) => id))).map((each) => [each.id, each]))
    const openIds = new Set<string>()
    for (const [id, own] of changed) {
      const endpoint = endpoints.get(id)
      if (endpoint === undefined) continue
      const { isBack, isOpen, gaveUp } = await noteEndpoint(transaction, tell, endpoint, own, deps)
      if (isBack) backIds.add(id)
      if (gaveUp !== undefined && endpoint.hidden) givenUp.set(id, gaveUp)
      if (isOpen) openIds.add(id)
    }
    const notes = outcomes.map((each) => noteOf(each, openIds.has(each.delivery.endpointId), deps.delayMs))
    await noteAttempts(transaction, notes, deps.processId)
    return notes
  })
  tellNotes(outcomes, notes, deps)
  return { backIds, givenUp }
}

/** Whether it changes how its endpoint fares. */
function isNews ({ delivery: { endpoint }, outcome }: Attempted, nowMs: number): boolean {
  return outcome.outcome !== 'delivered' || endpoint.failingSinceMs !== null || Math.abs(nowMs - (endpoint.lastSuccessMs ?? 0)) > successNotedMs
}

/** What is held for an endpoint that is disabled here the sender settles, as for one that its tenant disables. */
async function noteEndpoint (
  transaction: Connection, tell: Tell, endpoint: HeldEndpoint, own: readonly Attempted[], deps: NoteOutcomesDeps
): Promise<{ isBack: boolean, isOpen: boolean, gaveUp?: GaveUp }> {
  const { id, tenantId, hidden, enabled, nowMs } = endpoint
  let health: EndpointHealth = endpoint
  let isBack = false
  let found: GaveUp | undefined
  for (const { delivery, outcome } of own) {
    const judged = judgeEndpoint(health, { result: resultOf(outcome), isProbe: delivery.cause === 'probe' }, nowMs)
    health = judged.health
    isBack ||= judged.isBack
    if (outcome.outcome === 'delivered') found = undefined
    else if (outcome.outcome === 'dead' && outcome.reason !== 'body_too_large' && !(hidden && outcome.reason === 'blocked_target')) found = outcome.reason
    else if (judged.isHopeless) found = 'failing'
  }
  if (found === undefined || !(hidden || enabled)) {
    const { failures, probeDueMs, probeStep, failingSinceMs, lastSuccessMs } = health
    const isWell = lastSuccessMs !== endpoint.lastSuccessMs
    await noteHealth(transaction, id, { failures, probeDueMs, probeStep, failingSinceMs, lastSuccessMs, ...isWell && { gaveUp: null } })
    return { isBack, isOpen: probeDueMs !== null }
  }
  // Whoever enables it again, or names a hidden one, begins anew.
  const anew = { failures: 0, probeDueMs: null, probeStep: 0, failingSinceMs: null, lastSuccessMs: health.lastSuccessMs }
  await noteHealth(transaction, id, { ...anew, gaveUp: found, disabledMs: nowMs, ...!hidden && { enabled: false } })
  deps.log.warn({ endpointId: id, tenantId, hidden, reason: found }, 'endpoint given up')
  if (!hidden) {
    const failingSinceMs = health.failingSinceMs ?? nowMs
    tell({ tenantId, event: endpointDisabled({ endpointId: id, url: urlOf(endpoint, deps), reason: found, failingSinceMs }, deps.clock.now()) })
  }
  return { isBack: false, isOpen: false, gaveUp: found }
}

/** '' when it does not open, which may be why the endpoint failed: that shall not keep it from being given up. */
function urlOf ({ id, sealedUrl }: HeldEndpoint, { seal, log }: NoteOutcomesDeps): string {
  try {
    return seal.open(sealedUrl ?? '', endpointUrlContext(id))
  } catch (err) {
    log.error({ err, endpointId: id }, 'the URL of an endpoint does not open')
    return ''
  }
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
