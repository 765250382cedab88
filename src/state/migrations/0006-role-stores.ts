import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db)
}

// The key holds the whole row: a place is listed once for each tenant.
const statement = `create table role_stores (
  tenant_id text not null references tenants (id) on delete cascade,
  bucket text not null,
  region text not null,
  path text not null,
  primary key (tenant_id, bucket, region, path)
)`
