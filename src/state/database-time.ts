import { sql } from 'kysely'

/** The database's clock, Unix milliseconds: for what holds between processes. */
export const databaseNowMs = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
