import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // Where the audio of tracks waits until it is uploaded. `seen_ms`: when a gateway last worked on it.
  `create table spools (
    id text primary key,
    node_id text not null,
    host text not null,
    path text not null,
    created_ms bigint not null,
    seen_ms bigint not null,
    forgotten_ms bigint
  )`,
  // spool_id: null for tracks of version 0.1.0 until a gateway has claimed them.
  // audio_ms: the room's time of the first fragment known to be on the disk; null: none is known.
  // lost_ms: when the track was closed without its audio; null: it was not.
  `alter table tracks
    add column spool_id text,
    add column audio_ms bigint,
    add column lost_ms bigint`,
  'create index tracks_spool on tracks (spool_id) where closed_ms is null'
]
