import { sql } from 'kysely'
import type { Connection } from './database.ts'
import { databaseNowMs } from './database-time.ts'

export interface CallbackFigures {
  /** Deliveries that wait or are under way; more than `countedAtMost` are not counted. */
  pending: number
  /** Age of the oldest of them, 0 without any. */
  oldestPendingMs: number
  /** Endpoints of tenants' own that get nothing, by why: `gone`, `failing`, `blocked_target`, or `asked`: their tenant wants it so. */
  disabled: Record<string, number>
}

/** A scrape must not take long while very much waits. */
const countedAtMost = 100_000

/** What waits to be sent, and who is sent nothing any more. */
export async function callbackFigures (db: Connection): Promise<CallbackFigures> {
  const { rows: [row] } = await sql<CallbackFigures>`
    select pending, oldest_pending_ms, disabled from
      (select count(*)::int as pending, greatest(0, coalesce(${databaseNowMs} - min(created_ms), 0))::float8 as oldest_pending_ms
        from (select created_ms from deliveries where next_attempt_ms is not null limit ${countedAtMost}::int) as waiting) as p,
      (select coalesce(jsonb_object_agg(reason, count), '{}') as disabled from
        (select coalesce(gave_up, 'asked') as reason, count(*) from endpoints where not hidden and not enabled and deleted_ms is null group by 1) as d) as e`.execute(db)
  if (row === undefined) throw new Error('the database does not count')
  return row
}
