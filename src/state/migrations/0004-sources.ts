import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // No foreign key: a Stop that is still due outlives its recording.
  `create table relay_tasks (
    source_id text primary key,
    sdk_app_id bigint not null,
    robot_id text not null,
    host text,
    task_id text,
    status text,
    status_ms bigint not null default 0,
    created_ms bigint not null,
    stopped_ms bigint
  )`,
  'create index relay_tasks_robot on relay_tasks (sdk_app_id, robot_id)',
  `insert into relay_tasks (source_id, sdk_app_id, robot_id, host, task_id, status, status_ms, created_ms, stopped_ms)
    select sources.id, recordings.sdk_app_id, robot_id, null, task_id, relay_status, relay_status_ms, sources.created_ms, stopped_ms
    from sources join recordings on recordings.id = sources.recording_id`,
  // The index sources_robot goes with its column.
  `alter table sources
    drop column robot_id,
    drop column task_id,
    drop column relay_status,
    drop column relay_status_ms,
    add column engine text not null default 'relay',
    alter column user_id drop not null`,
  'alter table sources alter column engine drop default'
]
