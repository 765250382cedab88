import { sql, type Insertable, type RawBuilder, type Updateable } from 'kysely'
import type { Connection } from './database.ts'
import { databaseNowMs } from './database-time.ts'
import type { EndpointRow } from './endpoints.ts'
import type { Tables } from './tables.ts'

/** An endpoint, and what has not gone to it: each counted up to `countedUpTo`. */
export type ListedEndpoint = EndpointRow & { waitingCount: number, heldCount: number }

export const countedUpTo = 1_000

export interface EndpointFilter {
  tenantId: string
  /** Those made of `Callback` URLs, or the tenant's own. */
  hidden: boolean
  limit: number
  /** Only those with a smaller id. */
  before?: string | undefined
}

/** A tenant's endpoints, newest first. */
export async function listEndpoints (db: Connection, { tenantId, hidden, limit, before }: EndpointFilter): Promise<ListedEndpoint[]> {
  let query = listed(db).where('tenantId', '=', tenantId).where('hidden', '=', hidden)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

export interface EndpointKey { tenantId: string, id: string }

export async function findEndpoint (db: Connection, { tenantId, id }: EndpointKey): Promise<ListedEndpoint | undefined> {
  return listed(db).where('tenantId', '=', tenantId).where('id', '=', id).executeTakeFirst()
}

function listed (db: Connection) {
  return db.selectFrom('endpoints').selectAll().where('deletedMs', 'is', null).select([
    sql<number>`case when pull then ${counted(sql`pull and state = 'waiting'`)} else ${counted(sql`next_attempt_ms is not null`)} end`.as('waitingCount'),
    counted(sql`state = 'held'`).as('heldCount')
  ])
}

function counted (which: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`(select count(*)::int from (select from deliveries where endpoint_id = endpoints.id and ${which} limit ${sql.lit(countedUpTo)}) as first_ones)`
}

/** An endpoint that nobody else changes until the transaction ends. */
export async function holdEndpoint (db: Connection, { tenantId, id }: EndpointKey): Promise<EndpointRow | undefined> {
  return db.selectFrom('endpoints').selectAll().where('tenantId', '=', tenantId).where('id', '=', id).where('deletedMs', 'is', null).forUpdate().executeTakeFirst()
}

/** How many endpoints of its own a tenant has; it gets no other until the transaction ends. */
export async function holdEndpointCount (db: Connection, tenantId: string): Promise<number> {
  await db.selectFrom('tenants').select('id').where('id', '=', tenantId).forNoKeyUpdate().execute()
  const { count } = await db.selectFrom('endpoints').select(sql<number>`count(*)::int`.as('count'))
    .where('tenantId', '=', tenantId).where('hidden', '=', false).where('deletedMs', 'is', null).executeTakeFirstOrThrow()
  return count
}

export async function insertEndpoint (db: Connection, endpoint: Insertable<Tables['endpoints']>): Promise<void> {
  await db.insertInto('endpoints').values(endpoint).execute()
}

export type EndpointChange = Updateable<Omit<Tables['endpoints'], 'version' | 'disabledMs' | 'deletedMs'>> & {
  /** What it was disabled for, and all that speaks against it, is forgotten. */
  forgiven?: boolean
}

/** The tenant changes an endpoint. @returns its new version */
export async function changeEndpoint (db: Connection, id: string, { forgiven = false, ...change }: EndpointChange): Promise<number> {
  const { version } = await db.updateTable('endpoints').set((eb) => ({
    ...change,
    version: eb('version', '+', 1),
    ...change.enabled === false && { disabledMs: eb.fn.coalesce('disabledMs', databaseNowMs) },
    ...forgiven && { failures: 0, probeDueMs: null, probeStep: 0, failingSinceMs: null },
    ...change.enabled === true && { disabledMs: null, gaveUp: null }
  })).where('id', '=', id).returning('version').executeTakeFirstOrThrow()
  return version
}

/** Nothing is sent there any more; it is dropped when nothing is kept of its deliveries. */
export async function deleteEndpoint (db: Connection, id: string): Promise<void> {
  await db.updateTable('endpoints').set({ deletedMs: databaseNowMs, sealedHeaders: null, sealedSecrets: null }).where('id', '=', id).execute()
}
