import { execFileSync } from 'node:child_process'
import type pg from 'pg'
import type { KilledGateway } from '../helpers/killed-gateway.ts'

/** A dump that PGlite loads as well: without what only `psql` understands. */
export function dump (url: string): string {
  const sql = execFileSync('pg_dump', ['--inserts', '--rows-per-insert=100', '--no-owner', '--no-privileges', '--no-comments', url], {
    env: { ...process.env, PGTZ: 'UTC' }, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024
  })
  return sql.split('\n').filter((line) => !/^(--|\\(un)?restrict |$)/.test(line)).join('\n') + '\n'
}

/** What is sealed and names an address. */
export async function sealedTexts (client: pg.Client): Promise<KilledGateway['sealed']> {
  const { rows } = await client.query<KilledGateway['sealed'][number]>(`
    select 'app:' || sdk_app_id as context, sealed_secrets as text from apps
    union all select 'recording:' || id, sealed_secrets from recordings
    union all select 'delivery:' || id, sealed_url from deliveries`)
  return rows
}
