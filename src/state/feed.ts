import { sql } from 'kysely'
import type { Connection } from './database.ts'
import { databaseNowMs } from './database-time.ts'
import type { EndpointRow } from './endpoints.ts'
import type { EndpointKey } from './own-endpoints.ts'

/** Some of what an endpoint that asks for its events has not had yet. */
export interface FeedPage {
  /** As they were written: JSON. */
  bodies: string[]
  /** The place of the last one, from which to read on. */
  nextAfter: number
}

/** The last place of a feed that has been given, if the tenant has such an endpoint; nobody else reads there until the transaction ends. */
export async function holdFeed (db: Connection, { tenantId, id }: EndpointKey): Promise<Pick<EndpointRow, 'pull' | 'feedPosition'> | undefined> {
  return db.selectFrom('endpoints').select(['pull', 'feedPosition'])
    .where('id', '=', id).where('tenantId', '=', tenantId).where('deletedMs', 'is', null).forUpdate().executeTakeFirst()
}

/**
 * Reads on in a feed that is held. Events get their place in it when they are first read, not when they are written: a transaction that commits
 * late, with smaller ids, is read later and never skipped. Those up to `after` have been taken, and are delivered.
 */
export async function readFeed (
  db: Connection, id: string, { feedPosition, after, limit }: { feedPosition: number, after: number, limit: number }
): Promise<FeedPage> {
  const { numAffectedRows: placed = 0n } = await sql`
    with unread as materialized (
      select id, ${feedPosition}::bigint + row_number() over (order by id) as position from (
        select id from deliveries where endpoint_id = ${id} and pull and state = 'waiting' and position is null order by id limit ${limit}) as first_ones
    )
    update deliveries set position = unread.position from unread where deliveries.id = unread.id`.execute(db)
  const { numAffectedRows: taken = 0n } = await sql`
    update deliveries set state = 'delivered', settled_ms = ${databaseNowMs}
    where endpoint_id = ${id} and pull and state = 'waiting' and position <= ${after}`.execute(db)
  if (placed > 0n || taken > 0n) {
    const change = { feedPosition: feedPosition + Number(placed), ...taken > 0n && { lastSuccessMs: databaseNowMs } }
    await db.updateTable('endpoints').set(change).where('id', '=', id).execute()
  }
  const rows = await db.selectFrom('deliveries').innerJoin('events', 'events.id', 'deliveries.eventId').select(['position', 'body'])
    .where('endpointId', '=', id).where('position', '>', after).where('state', 'in', ['waiting', 'delivered'])
    .orderBy('position').limit(limit).$narrowType<{ position: number }>().execute()
  return { bodies: rows.map(({ body }) => body), nextAfter: rows.at(-1)?.position ?? after }
}
