import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // clock_offset_ms, clock_boot_id: the recording's clock is CLOCK_MONOTONIC of that boot plus the offset; null: it has none yet.
  // clock_ahead_ms: how much it is ahead of the clock of the gateway that has it. clock_steps: how the wall clock was set against it.
  `alter table recordings
    add column clock_offset_ms bigint,
    add column clock_boot_id text,
    add column clock_ahead_ms bigint not null default 0,
    add column clock_steps jsonb not null default '[]'`,
  // clock_offset_ms: of the gateway's clock, for as long as the machine runs. seen_monotonic_ms, away_monotonic_ms: as seen_ms and away_since_ms,
  // by CLOCK_MONOTONIC of boot_id; away_monotonic_ms is null when the process before had another boot.
  `alter table working_gateway
    add column clock_offset_ms bigint,
    add column seen_monotonic_ms bigint,
    add column away_monotonic_ms bigint`
]
