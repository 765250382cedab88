import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db)
}

const statement = `create table segments (
  track_id text not null references tracks (id) on delete cascade,
  seq int not null,
  part int not null,
  first_frame bigint not null,
  frames bigint not null,
  key text not null,
  url text not null,
  bytes bigint not null,
  sha256 text not null,
  start_ms bigint not null,
  end_ms bigint not null,
  duration_ms bigint not null,
  gap_ms bigint not null,
  sample_rate int not null,
  channels int not null,
  partial boolean not null,
  primary key (track_id, seq)
)`
