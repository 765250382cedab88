import { sql } from 'kysely'
import type { Connection } from '../../src/state/database.ts'

/**
 * Has events wait for an endpoint that is sent to, due since a minute, each with a body and an id of its own.
 * @param from how many there were before
 * @returns the ids of the events
 */
export async function putBacklog (db: Connection, { endpointId, tenantId = 'ten_1', count, from = 0 }: {
  endpointId: string, tenantId?: string, count: number, from?: number
}): Promise<string[]> {
  const { rows } = await sql<{ eventId: string }>`
    with numbers as (select n, 'evt_' || ${endpointId}::text || '_' || n as event_id from generate_series(${from}::int + 1, ${from}::int + ${count}::int) n),
    told as (
      insert into events (id, tenant_id, type, body, created_ms)
      select event_id, ${tenantId}, 'recording.completed', '{"Id":"' || event_id || '","Type":"recording.completed"}', 1 from numbers
    )
    insert into deliveries (id, event_id, state, next_attempt_ms, created_ms, endpoint_id, tenant_id)
    select 'dlv_' || ${endpointId}::text || '_' || n, event_id, 'waiting', (extract(epoch from clock_timestamp()) * 1000)::bigint - 60000, 1, ${endpointId}, ${tenantId} from numbers
    returning event_id`.execute(db)
  return rows.map(({ eventId }) => eventId)
}
