import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // last_event_ms: event time of the newest event about the member. heard_ms: when the newest arrived, by our clock.
  // unconfirmed_ms: when it was concluded that the member may be gone though no event said so; an event later than last_event_ms ends it.
  `alter table members
    add column last_event_ms bigint not null default 0,
    add column heard_ms bigint not null default 0,
    add column unconfirmed_ms bigint`,
  'update members set last_event_ms = greatest(present_ms, anchor_ms, audible_ms, anchored_ms, kicked_ms), heard_ms = greatest(present_ms, anchor_ms, audible_ms, anchored_ms, kicked_ms)',
  // What came of a source, by our clock. trouble: a code of state/troubles.ts.
  `alter table sources
    add column pushed_ms bigint,
    add column first_audio_ms bigint,
    add column last_frame_ms bigint,
    add column push_ended_ms bigint,
    add column absent_ms bigint,
    add column trouble text,
    add column trouble_message text not null default ''`,
  // sealed_key, port: what the push is known by here, for whoever owns the recording next.
  // told_ms: when TRTC first said that it pushes, or cannot. failed_ms, idle_ms: when it said that it gave up, that the task has ended.
  // stop_asked_ms: since when the task has to end. outcome: how it is known to have ended, with stopped_ms.
  `alter table relay_tasks
    add column sealed_key text,
    add column port int,
    add column connectings int not null default 0,
    add column told_ms bigint,
    add column failed_ms bigint,
    add column idle_ms bigint,
    add column stop_asked_ms bigint,
    add column stop_due_ms bigint,
    add column stop_failures int not null default 0,
    add column outcome text`,
  // Version 0.1.0 noted a Stop as done whether it had been or not, and a task without a TaskId as if there had been none.
  "update relay_tasks set stop_asked_ms = stopped_ms, outcome = 'stopped' where stopped_ms is not null",
  'create index relay_tasks_stops on relay_tasks (stop_due_ms) where stop_asked_ms is not null and stopped_ms is null',
  `alter table tracks
    add column trouble text,
    add column trouble_message text not null default ''`,
  // resumed: the file goes on after the gateway, or the thread that wrote the one before, was not there.
  'alter table files add column resumed boolean not null default false',
  // When nobody here could record a user (user_id null: the whole room), and why.
  `create table absences (
    id text primary key,
    recording_id text not null references recordings (id) on delete cascade,
    user_id text,
    cause text not null,
    start_ms bigint not null,
    end_ms bigint
  )`,
  'create index absences_recording on absences (recording_id)',
  // When the process before the present one last worked: its last sign of life, or its end in good order.
  `alter table working_gateway
    add column freed_ms bigint not null default 0,
    add column away_since_ms bigint`
]
