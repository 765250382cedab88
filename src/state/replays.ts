import { sql } from 'kysely'
import type { Connection } from './database.ts'
import { databaseNowMs } from './database-time.ts'
import type { DeliveryState } from './deliveries.ts'

export const replayableStates = ['held', 'dead', 'delivered'] as const satisfies readonly DeliveryState[]

/** Which deliveries of an endpoint are to be made again. */
export interface ReplayFilter {
  states: ReadonlyArray<typeof replayableStates[number]>
  /** Types of events, `*` at the end of an entry stands for any rest; absent: all. */
  types?: string[]
  sinceMs?: number
  /** Not itself. */
  untilMs: number
}

/** A delivery that is to be made again. */
export interface Replayed { endpointId: string, pull: boolean }

/** What every delivery that is made again becomes; in a feed it comes again, as the newest. */
const again = sql`state = 'waiting', next_attempt_ms = case when pull then null else ${databaseNowMs} end, position = null, pullable = false, settled_ms = null`

/** Nothing is made again for an endpoint that gets nothing. */
const isOpen = sql`exists (select from endpoints where endpoints.id = deliveries.endpoint_id and enabled and deleted_ms is null)`

/**
 * One more attempt at a delivery, now; its schedule goes on from where it was.
 * @returns what may be sent; undefined when the tenant has none, it waits already, or its endpoint is not enabled
 */
export async function replayDelivery (db: Connection, { tenantId, id }: { tenantId: string, id: string }): Promise<Replayed | undefined> {
  const { rows } = await sql<Replayed>`
    update deliveries set ${again}, cause = 'manual'
    where id = ${id} and tenant_id = ${tenantId} and state <> 'waiting' and ${isOpen}
    returning endpoint_id, pull`.execute(db)
  return rows[0]
}

/** How many deliveries of an endpoint would be made again. */
export async function countReplayable (db: Connection, endpointId: string, filter: ReplayFilter): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from ${fitting(endpointId, filter)}`.execute(db)
  return rows[0]?.count ?? 0
}

/**
 * Makes some deliveries of an endpoint due again, in the order of their ids and with a whole schedule before them.
 * @param afterId only those with a greater id
 * @returns the last of them; undefined when no more are left, or the endpoint is not enabled
 */
export async function replaySome (
  db: Connection, endpointId: string, { filter, afterId, most }: { filter: ReplayFilter, afterId: string, most: number }
): Promise<string | undefined> {
  const { rows } = await sql<{ lastId: string | null }>`
    with picked as (
      select deliveries.id from ${fitting(endpointId, filter)} and deliveries.id > ${afterId} and ${isOpen}
      order by deliveries.id limit ${most} for update of deliveries
    ),
    made as (update deliveries set ${again}, steps = 0, cause = 'bulk' from picked where deliveries.id = picked.id)
    select max(id) as last_id from picked`.execute(db)
  return rows[0]?.lastId ?? undefined
}

/** From where such deliveries are taken, and which. */
function fitting (endpointId: string, { states, types, sinceMs = 0, untilMs }: ReplayFilter) {
  const ofTypes = types === undefined
    ? sql`true`
    : sql`exists (select from unnest(${types}::text[]) as wanted (type)
      where case when right(wanted.type, 1) = '*' then starts_with(events.type, left(wanted.type, -1)) else events.type = wanted.type end)`
  // States not as parameters: an index of some states is only used where the statement names them
  return sql`deliveries join events on events.id = deliveries.event_id
    where deliveries.endpoint_id = ${endpointId} and deliveries.state in (${sql.join(states.map((state) => sql.lit(state)))})
      and deliveries.created_ms >= ${sinceMs} and deliveries.created_ms < ${untilMs} and ${ofTypes}`
}
