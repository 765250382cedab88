import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  // One row at most. It stays when its process closes: who thaws later still finds whom it has to give way to.
  await sql.raw(`create table working_gateway (
    id int primary key check (id = 1),
    process_id text not null,
    node_id text not null,
    boot_id text not null,
    host text not null,
    lock_inode text not null,
    seen_ms bigint not null
  )`).execute(db)
}
