import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  `create table pauses (
    id text primary key,
    recording_id text not null references recordings (id) on delete cascade,
    user_id text,
    start_ms bigint not null,
    end_ms bigint
  )`,
  'create index pauses_recording on pauses (recording_id)',
  // What is paused is paused once: a second request finds the first one's span. No user stands for all.
  "create unique index pauses_open on pauses (recording_id, coalesce(user_id, '')) where end_ms is null",
  // A room's timeline is read user by user: its audience may come and go by the thousand.
  'alter table room_events add column user_id text',
  'create index room_events_room on room_events (sdk_app_id, room_key, user_id)',
  // Null until the timeline is stored, '' when it can never be.
  'alter table recordings add column timeline_file text',
  // For files of before: TRTC has only ever been asked for 48 kHz mono.
  `alter table files
    add column trims jsonb not null default '[]',
    add column frames bigint not null default 0,
    add column sample_rate int not null default 48000,
    add column channels int not null default 1`,
  'update files set frames = greatest(1, round(duration_ms * 48 / 1024.0))'
]
