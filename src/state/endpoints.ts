import { sql, type Insertable, type Selectable } from 'kysely'
import type { Connection } from './database.ts'
import { databaseNowMs } from './database-time.ts'
import type { Tables } from './tables.ts'

export type EndpointRow = Selectable<Tables['endpoints']>

/** What decides whether an endpoint gets an event. */
export type EndpointChoice = Pick<EndpointRow, 'id' | 'hidden' | 'urlHash' | 'types' | 'filters' | 'format' | 'pull' | 'enabled'>

/** All endpoints of a tenant's own, and the hidden ones of these URLs. */
export async function endpointsToTell (db: Connection, tenantId: string, urlHashes: readonly string[]): Promise<EndpointChoice[]> {
  return db.selectFrom('endpoints').select(['id', 'hidden', 'urlHash', 'types', 'filters', 'format', 'pull', 'enabled'])
    .where('tenantId', '=', tenantId).where('deletedMs', 'is', null)
    // Each side has an index of its own; where recordings have a URL each, a tenant has a hidden endpoint of each.
    .where((eb) => urlHashes.length === 0 ? eb('hidden', '=', false) : eb.or([eb('hidden', '=', false), eb.and([eb('hidden', '=', true), eb('urlHash', 'in', urlHashes)])]))
    .orderBy('id').execute()
}

/** Asks whether a tenant has endpoints of its own: one row if so. */
export function anyEndpoint (db: Connection, tenantId: string) {
  return db.selectFrom('endpoints').select('id').where('tenantId', '=', tenantId).where('hidden', '=', false).where('deletedMs', 'is', null).limit(1)
}

export type NewHiddenEndpoint = Pick<Insertable<Tables['endpoints']>, 'id' | 'tenantId' | 'sealedUrl' | 'createdMs'> & { urlHash: string }

/** Writes a hidden endpoint, unless the tenant has it. @returns its id */
export async function putHiddenEndpoint (db: Connection, endpoint: NewHiddenEndpoint): Promise<string> {
  const { tenantId, urlHash, createdMs } = endpoint
  const inserted = await db.insertInto('endpoints')
    .values({ ...endpoint, hidden: true, types: '["*"]', filters: '{}', updatedMs: createdMs, usedMs: createdMs })
    .onConflict((conflict) => conflict.columns(['tenantId', 'urlHash']).where(sql<boolean>`hidden`).doNothing())
    .returning('id').executeTakeFirst()
  if (inserted !== undefined) return inserted.id
  const known = await db.selectFrom('endpoints').select('id')
    .where('tenantId', '=', tenantId).where('urlHash', '=', urlHash).where('hidden', '=', true).executeTakeFirst()
  // Retention dropped it between the two statements: then ours can be written after all.
  return known === undefined ? putHiddenEndpoint(db, endpoint) : known.id
}

/** How exact `usedMs` is: a URL that every start names is not written by every start. */
const usedToMs = 86_400_000

/** A start names a hidden endpoint. @returns it, if the tenant has it */
export async function useHiddenEndpoint (db: Connection, { tenantId, urlHash, nowMs }: { tenantId: string, urlHash: string, nowMs: number }): Promise<Pick<EndpointRow, 'gaveUp'> | undefined> {
  const known = await db.selectFrom('endpoints').select(['id', 'gaveUp', 'usedMs'])
    .where('tenantId', '=', tenantId).where('urlHash', '=', urlHash).where('hidden', '=', true).executeTakeFirst()
  if (known === undefined || Math.abs(nowMs - (known.usedMs ?? 0)) < usedToMs) return known
  // Retention may have dropped it by now: then it has to be made again.
  return db.updateTable('endpoints').set({ usedMs: nowMs }).where('id', '=', known.id).returning('gaveUp').executeTakeFirst()
}

/**
 * Drops some endpoints of which nothing is kept any more: those that were deleted, and hidden ones that no start has named, and no unfinished
 * recording can name, since `beforeMs`. @returns how many
 */
export async function deleteUnusedEndpoints (db: Connection, beforeMs: number, most: number): Promise<number> {
  const usedBeforeMs = beforeMs - usedToMs
  const unused = db.selectFrom('endpoints').select('id')
    .where((eb) => eb.or([eb('deletedMs', '<', beforeMs), eb.and([
      eb('hidden', '=', true),
      eb('usedMs', '<', usedBeforeMs),
      eb.not(eb.exists(eb.selectFrom('recordings').select('recordings.id')
        .whereRef('recordings.tenantId', '=', 'endpoints.tenantId').where('completedMs', 'is', null).where('recordings.createdMs', '<', beforeMs)))
    ])]))
    .where((eb) => eb.not(eb.exists(eb.selectFrom('deliveries').select('deliveries.id').whereRef('deliveries.endpointId', '=', 'endpoints.id'))))
    // Locked, since a start that names one meanwhile would not keep it: only what is selected anew is looked at again.
    .limit(most).forUpdate().skipLocked()
  const { numDeletedRows } = await db.deleteFrom('endpoints').where('id', 'in', unused).executeTakeFirst()
  return Number(numDeletedRows)
}

/** How an endpoint fares. Times are by the database's clock. */
export type EndpointHealth = Pick<EndpointRow, 'failures' | 'probeDueMs' | 'probeStep' | 'failingSinceMs' | 'lastSuccessMs'>

export type HeldEndpoint = EndpointHealth & Pick<EndpointRow, 'id' | 'tenantId' | 'hidden' | 'sealedUrl' | 'enabled' | 'gaveUp'> & { nowMs: number }

/** How these endpoints fare, and the database's time; nobody else changes that until the transaction ends. */
export async function holdHealths (db: Connection, ids: readonly string[]): Promise<HeldEndpoint[]> {
  return db.selectFrom('endpoints')
    .select(['id', 'tenantId', 'hidden', 'sealedUrl', 'enabled', 'gaveUp', 'failures', 'probeDueMs', 'probeStep', 'failingSinceMs', 'lastSuccessMs'])
    .select(databaseNowMs.as('nowMs'))
    .where('id', 'in', ids).where('deletedMs', 'is', null).orderBy('id').forUpdate().execute()
}

export async function noteHealth (db: Connection, id: string, change: Partial<EndpointHealth & Pick<EndpointRow, 'enabled' | 'gaveUp' | 'disabledMs'>>): Promise<void> {
  await db.updateTable('endpoints').set(change).where('id', '=', id).execute()
}

/** An endpoint that something waits for. */
export interface WaitedEndpoint {
  id: string
  tenantId: string
  /** Nothing may be sent there any more. */
  isShut: boolean
  isDeleted: boolean
}

/**
 * Endpoints with a delivery that is due, which may be probed, or for which something waits though they are shut. Looks at one delivery of each endpoint
 * that has any waiting (loose index scan): the due one, when there is one.
 */
export async function endpointsWithDue (db: Connection): Promise<WaitedEndpoint[]> {
  const { rows } = await sql<WaitedEndpoint>`
    with recursive first (endpoint_id, next_attempt_ms) as (
      (select endpoint_id, next_attempt_ms from deliveries where next_attempt_ms is not null and endpoint_id is not null
        order by endpoint_id, next_attempt_ms limit 1)
      union all
      select next.endpoint_id, next.next_attempt_ms from first cross join lateral (
        select endpoint_id, next_attempt_ms from deliveries where next_attempt_ms is not null and endpoint_id > first.endpoint_id
          order by endpoint_id, next_attempt_ms limit 1) next
    )
    select endpoints.id, endpoints.tenant_id, not endpoints.enabled or endpoints.deleted_ms is not null as is_shut, endpoints.deleted_ms is not null as is_deleted
    from first join endpoints on endpoints.id = first.endpoint_id
    where not endpoints.enabled or endpoints.deleted_ms is not null
      or case when endpoints.probe_due_ms is null then first.next_attempt_ms <= ${databaseNowMs} else endpoints.probe_due_ms <= ${databaseNowMs} end`.execute(db)
  return rows
}
