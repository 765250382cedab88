import { sql, type Insertable, type Selectable } from 'kysely'
import type { Connection } from './database.ts'
import { databaseNowMs } from './database-time.ts'
import type { AttemptCause } from './endpoint-options.ts'
import type { EndpointHealth, EndpointRow } from './endpoints.ts'
import type { Tables } from './tables.ts'

export const deliveryStates = ['waiting', 'held', 'delivered', 'dead', 'cancelled'] as const
/** `waiting` for an attempt, or to be fetched; `held`: its endpoint is not enabled; `cancelled`: it was deleted. */
export type DeliveryState = typeof deliveryStates[number]

export type DeliveryRow = Omit<Selectable<Tables['deliveries']>, 'state'> & { state: DeliveryState }

export interface NewDelivery extends Pick<Insertable<Tables['deliveries']>, 'id' | 'eventId' | 'sealedUrl' | 'format' | 'pull' | 'createdMs'> {
  endpointId: string
  tenantId: string
  state: 'waiting' | 'held'
}

/** Writes new deliveries. Those that wait and have to be sent are due at once. */
export async function insertDeliveries (db: Connection, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return
  await db.insertInto('deliveries')
    .values(deliveries.map((each) => ({ ...each, nextAttemptMs: each.state === 'waiting' && each.pull !== true ? databaseNowMs : null })))
    .execute()
}

/** A delivery that is ours to make now, with all that is needed for it. */
export interface ClaimedDelivery extends Pick<DeliveryRow, 'id' | 'eventId' | 'sealedUrl' | 'format' | 'attempts' | 'steps' | 'createdMs'> {
  endpointId: string
  tenantId: string
  cause: AttemptCause
  type: string
  body: string
  endpoint: Pick<EndpointRow, 'sealedUrl' | 'sealedHeaders' | 'sealedSecrets' | 'schedule'> & Pick<EndpointHealth, 'failures' | 'probeDueMs' | 'failingSinceMs' | 'lastSuccessMs'>
  /** The tenant's. */
  sealedCallbackSecret: string
}

/**
 * Claims what is due at some endpoints, the oldest first, for `claimMs`: nobody else sends it until then. Where a breaker is open it claims one
 * probe, if that is due: what is due, or else what waits for the endpoint to come back. It waits for no lock: whoever changes an endpoint locks first that
 * and then its deliveries, so what another has locked is left for the next time.
 * @param wanted how many deliveries of which endpoint
 */
export async function claimDue (
  db: Connection, wanted: ReadonlyArray<{ endpointId: string, count: number }>, { processId, claimMs }: { processId: string, claimMs: number }
): Promise<ClaimedDelivery[]> {
  const [ids, counts] = [wanted.map(({ endpointId }) => endpointId), wanted.map(({ count }) => count)]
  const { rows } = await sql<Claimed>`
    with clock as materialized (select ${databaseNowMs} as now_ms),
    probed as (
      select e.id from clock, endpoints e
      where e.id = any(${ids}::text[]) and e.enabled and e.deleted_ms is null and e.probe_due_ms <= now_ms for update of e skip locked
    ),
    wanted as (
      select w.endpoint_id, w.count, false as is_probe from unnest(${ids}::text[], ${counts}::int[]) as w (endpoint_id, count) join endpoints e on e.id = w.endpoint_id
      where e.enabled and e.deleted_ms is null and e.probe_due_ms is null
      union all select id, 1, true from probed
    ),
    picked as (
      select d.id, wanted.endpoint_id, is_probe from clock, wanted cross join lateral (
        select id from deliveries
        where endpoint_id = wanted.endpoint_id and next_attempt_ms <= case when is_probe then ${Number.MAX_SAFE_INTEGER}::bigint else now_ms end
          and (next_attempt_ms <= now_ms or pullable)
        order by next_attempt_ms, id limit wanted.count for update skip locked) d
    ),
    probing as (
      update endpoints set probe_due_ms = now_ms + ${claimMs}::bigint from clock where id in (select endpoint_id from picked where is_probe)
    ),
    claimed as (
      update deliveries set next_attempt_ms = now_ms + ${claimMs}::bigint, claimed_by = ${processId}, pullable = false
      from clock, picked where deliveries.id = picked.id
      returning deliveries.*, is_probe
    )
    select claimed.id, claimed.event_id, claimed.sealed_url, claimed.format, claimed.attempts, claimed.steps, claimed.created_ms,
      claimed.endpoint_id, claimed.tenant_id, case when is_probe then 'probe' else claimed.cause end as cause, events.type, events.body,
      e.sealed_url as endpoint_url, e.sealed_headers, e.sealed_secrets, e.schedule, e.failures, e.probe_due_ms, e.failing_since_ms, e.last_success_ms,
      tenants.sealed_callback_secret
    from claimed join events on events.id = claimed.event_id join endpoints e on e.id = claimed.endpoint_id join tenants on tenants.id = claimed.tenant_id`.execute(db)
  return rows.map(({ endpointUrl, sealedHeaders, sealedSecrets, schedule, failures, probeDueMs, failingSinceMs, lastSuccessMs, ...row }) =>
    ({ ...row, endpoint: { sealedUrl: endpointUrl, sealedHeaders, sealedSecrets, schedule, failures, probeDueMs, failingSinceMs, lastSuccessMs } }))
}

type Claimed = Omit<ClaimedDelivery, 'endpoint'> & Omit<ClaimedDelivery['endpoint'], 'sealedUrl'> & { endpointUrl: string | null }

/** What came of an attempt, and what becomes of its delivery. */
export interface AttemptNote {
  id: string
  state: 'waiting' | 'delivered' | 'dead'
  /** Of this attempt, from 1. */
  number: number
  cause: AttemptCause
  steps: number
  /** Until the next attempt; null: there is none. */
  delayMs: number | null
  pullable: boolean
  startedMs: number
  durationMs: number | null
  status: number | null
  reason: string | null
  headers: Record<string, string> | null
  body: string | null
  cut: boolean
}

/** Notes attempts, and what they mean for their deliveries: of those that are still claimed by this process. */
export async function noteAttempts (db: Connection, notes: readonly AttemptNote[], processId: string): Promise<void> {
  await sql`
    with notes as (
      select * from jsonb_to_recordset(${JSON.stringify(notes.map(snakeCase))}::jsonb) as v (id text, state text, number int, cause text, steps int,
        delay_ms bigint, pullable boolean, started_ms bigint, duration_ms int, status int, reason text, headers jsonb, body text, cut boolean)
    ),
    noted as (
      update deliveries set state = notes.state, attempts = notes.number, steps = notes.steps, cause = 'schedule', last_status = notes.status,
        last_error = notes.reason, pullable = notes.pullable, claimed_by = null, next_attempt_ms = ${databaseNowMs} + notes.delay_ms,
        settled_ms = case when notes.delay_ms is null then ${databaseNowMs} end
      from notes where deliveries.id = notes.id and deliveries.claimed_by = ${processId}
      returning notes.*
    )
    insert into attempts (delivery_id, number, cause, started_ms, duration_ms, status, reason, headers, body, cut)
    select id, number, cause, started_ms, duration_ms, status, reason, headers, body, cut from noted
    on conflict do nothing`.execute(db)
}

function snakeCase (note: AttemptNote): object {
  const { delayMs, startedMs, durationMs, ...rest } = note
  return { ...rest, delay_ms: delayMs, started_ms: startedMs, duration_ms: durationMs }
}

/** What waits for an endpoint to come back is due now. */
export async function pullForward (db: Connection, endpointId: string): Promise<void> {
  await db.updateTable('deliveries').set({ nextAttemptMs: databaseNowMs, pullable: false })
    .where('endpointId', '=', endpointId).where('nextAttemptMs', '>', databaseNowMs).where('pullable', '=', true).execute()
}

/** How many deliveries are settled at once: of an endpoint that was away for days millions may wait. */
export const settledAtOnce = 1_000

/**
 * Some of what is to be sent to an endpoint is to be sent no longer; what is being sent is in its sender's hands.
 * @param reason why, if that is told
 * @returns how many; `settledAtOnce`: there may be more
 */
export async function settleSome (db: Connection, endpointId: string, state: 'held' | 'dead' | 'cancelled', reason?: string): Promise<number> {
  const some = db.selectFrom('deliveries').select('id').where('endpointId', '=', endpointId).where('nextAttemptMs', 'is not', null)
    .where((eb) => eb.or([eb('claimedBy', 'is', null), eb('nextAttemptMs', '<=', databaseNowMs)]))
    .orderBy('nextAttemptMs').limit(settledAtOnce).forUpdate().skipLocked()
  const { numUpdatedRows } = await db.updateTable('deliveries')
    .set({ state, nextAttemptMs: null, claimedBy: null, pullable: false, settledMs: databaseNowMs, ...reason !== undefined && { lastError: reason } })
    .where('id', 'in', some).executeTakeFirst()
  return Number(numUpdatedRows)
}

/**
 * Makes due at once what processes have claimed that send no more: this one, or all others, of which none works beside it.
 * What is due later than any schedule has it was dated by a clock that was wrong.
 */
export async function releaseClaims (db: Connection, processId: string, whose: 'own' | 'others'): Promise<void> {
  const released = db.updateTable('deliveries').set({ nextAttemptMs: databaseNowMs, claimedBy: null })
  if (whose === 'own') await released.where('claimedBy', '=', processId).execute()
  else {
    await released.where('claimedBy', 'is not', null).where('claimedBy', '!=', processId).execute()
    await released.where('nextAttemptMs', '>', sql<number>`${databaseNowMs} + ${longestWaitMs}`).execute()
  }
}

/** 26 hours, the longest of all waits, and a fifth, the most that chance adds. */
const longestWaitMs = 32 * 3_600_000

const adoptedAtOnce = 1_000

/** Some deliveries of versions that knew no endpoints. */
export async function deliveriesOfNobody (db: Connection): Promise<Array<{ id: string, tenantId: string, sealedUrl: string, createdMs: number }>> {
  return db.selectFrom('deliveries').innerJoin('events', 'events.id', 'deliveries.eventId')
    .select(['deliveries.id', 'events.tenantId', 'deliveries.sealedUrl', 'deliveries.createdMs'])
    .where('endpointId', 'is', null).orderBy('deliveries.id').limit(adoptedAtOnce)
    .$narrowType<{ sealedUrl: string }>().execute()
}

export async function giveEndpoint (db: Connection, ids: readonly string[], endpointId: string): Promise<void> {
  await db.updateTable('deliveries').set({ endpointId }).where('id', 'in', ids).execute()
}
