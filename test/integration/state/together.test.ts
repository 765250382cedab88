import assert from 'node:assert/strict'
import { after, test, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { openDatabase, type Connection } from '../../../src/state/database.ts'
import { insertTenant } from '../../../src/state/tenants.ts'
import { together } from '../../../src/state/together.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { startPostgres } from '../../helpers/postgres.ts'
import { closeAfter } from '../../helpers/scope.ts'

onBothDatabases('queries that are made together give what each gives alone: names, numbers, JSON, order, and none', async (t, open) => {
  const { kysely } = await open(t)
  const apiKey = { name: 'backend', hash: 'h', last4: 'abcd', scopes: JSON.stringify(['a_b']), networks: JSON.stringify([{ camel_case_not: 1 }]), expiresMs: null, revokedMs: null }
  for (const id of ['ten_2', 'ten_1']) await insertTenant(kysely, { id, name: `of "${id}"`, sealedCallbackSecret: 's', createdMs: 9_007_199_254_740_991 })
  await kysely.insertInto('apiKeys').values({ keyId: 'k', tenantId: 'ten_1', createdMs: 5, ...apiKey }).execute()
  const queries = {
    tenants: kysely.selectFrom('tenants').selectAll().orderBy('id'),
    apiKeys: kysely.selectFrom('apiKeys').selectAll(),
    apps: kysely.selectFrom('apps').selectAll()
  }

  const { tenants, apiKeys, apps } = await together(kysely, queries)

  assert.deepEqual(tenants, await queries.tenants.execute())
  assert.deepEqual(apiKeys, await queries.apiKeys.execute())
  assert.deepEqual([tenants.length, apiKeys[0]?.keyId, apps], [2, 'k', []])
})

const server = await startPostgres()
closeAfter({ after }, () => server.stop())

async function openOn (t: TestContext, name: string): Promise<Connection> {
  const database = await openDatabase({ url: await server.createDatabase(name), dataDir: '', onError: () => undefined })
  closeAfter(t, () => database.close())
  return database.kysely
}

test('PostgreSQL plans a statement once, and a table that somebody has changed since is read as it is now', async (t) => {
  const kysely = await openOn(t, 'prepared')
  const tenant = (id: string) => kysely.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst()
  await insertTenant(kysely, { id: 'ten_1', name: 'school', sealedCallbackSecret: 's', createdMs: 1 })

  const { before, prepared } = await kysely.connection().execute(async (connection) => {
    const ask = () => connection.selectFrom('tenants').selectAll().where('id', '=', 'ten_1').executeTakeFirst()
    const before = [await ask(), await ask()]
    const { rows } = await sql<{ runs: string }>`select generic_plans + custom_plans as runs from pg_prepared_statements where statement like 'select * from "tenants"%'`.execute(connection)
    return { before, prepared: rows.map(({ runs }) => Number(runs)) }
  })
  await sql`alter table tenants add column colour text default 'red'`.execute(kysely)
  const now = await Promise.all(Array.from({ length: 10 }, () => tenant('ten_1')))

  assert.deepEqual(prepared, [2])
  assert.deepEqual(before[0], before[1])
  assert.deepEqual(now.map((row) => row), Array(10).fill({ ...before[0], colour: 'red' }))
})

test('within a transaction that began before the change the first failure is told, and the next transaction goes on', async (t) => {
  const kysely = await openOn(t, 'changed')
  const ask = () => kysely.transaction().execute((transaction) => transaction.selectFrom('tenants').selectAll().where('id', '=', 'none').execute())
  assert.deepEqual(await ask(), [])
  await sql`alter table tenants add column colour text`.execute(kysely)

  await assert.rejects(ask(), /cached plan must not change result type/)
  assert.deepEqual(await ask(), [])
})
