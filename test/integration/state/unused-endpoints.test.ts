import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { openDatabase } from '../../../src/state/database.ts'
import { deleteUnusedEndpoints, useHiddenEndpoint } from '../../../src/state/endpoints.ts'
import { startCallbacks } from '../../helpers/callbacks.ts'
import { startPostgres } from '../../helpers/postgres.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

const postgres = await startPostgres()
after(() => postgres.stop())

test('a hidden endpoint that a start names while retention drops it stays', async (t) => {
  const database = await openDatabase({ dataDir: '', url: await postgres.createDatabase('test'), onError: (error) => { throw error } })
  closeAfter(t, () => database.close())
  const { kysely } = database
  const { endpoint } = await startCallbacks(t, kysely, { mayWork: () => false })
  const { id } = await endpoint('https://a.example.com/', { hidden: true, urlHash: 'hash', usedMs: 1 })
  const other = await endpoint('https://b.example.com/', { hidden: true, urlHash: 'other', usedMs: 1 })
  const nowMs = Date.now()
  let isOver = false
  const isWaiting = async (): Promise<true | undefined> =>
    (await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(kysely)).rows.length > 0 || undefined

  const dropping = await kysely.transaction().execute(async (transaction) => {
    await useHiddenEndpoint(transaction, { tenantId: 'ten_1', urlHash: 'hash', nowMs })
    const dropping = deleteUnusedEndpoints(kysely, nowMs - 86_400_000, 500).finally(() => { isOver = true })
    await eventually(async () => isOver || await isWaiting())
    return { dropping }
  })

  assert.equal(await dropping.dropping, 1)
  assert.deepEqual(await kysely.selectFrom('endpoints').select('id').execute(), [{ id }])
  assert.notEqual(other.id, id)
})
