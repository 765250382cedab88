import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // last_anchored_ms: the greatest anchored_ms of all members, so that nobody has to read them all.
  'alter table rooms add column last_anchored_ms bigint not null default 0',
  `update rooms set last_anchored_ms = coalesce((
    select max(anchored_ms) from members where members.sdk_app_id = rooms.sdk_app_id and members.room_key = rooms.room_key), 0)`,
  'create index members_on_stage on members (sdk_app_id, room_key) where (present and anchor) or audible'
]
