import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { openDatabase } from '../../../src/state/database.ts'
import { claimDue } from '../../../src/state/deliveries.ts'
import { noteHealth } from '../../../src/state/endpoints.ts'
import { startCallbacks } from '../../helpers/callbacks.ts'
import { startPostgres } from '../../helpers/postgres.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

const postgres = await startPostgres()
after(() => postgres.stop())

test('a probe is not claimed while somebody changes its endpoint, and neither waits for the other', async (t) => {
  const database = await openDatabase({ dataDir: '', url: await postgres.createDatabase('test'), onError: (error) => { throw error } })
  closeAfter(t, () => database.close())
  const { kysely } = database
  const { endpoint, end } = await startCallbacks(t, kysely, { mayWork: () => false })
  const { id } = await endpoint('http://127.0.0.1:9/', { probeDueMs: 1, failures: 10 })
  await end()
  let isOver = false
  const isWaiting = async (): Promise<true | undefined> =>
    (await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(kysely)).rows.length > 0 || undefined

  const claimed = await kysely.transaction().execute(async (transaction) => {
    await noteHealth(transaction, id, { failures: 11 })
    const claiming = claimDue(kysely, [{ endpointId: id, count: 8 }], { processId: 'process_1', claimMs: 30_000 }).finally(() => { isOver = true })
    await eventually(async () => isOver || await isWaiting())
    await transaction.updateTable('deliveries').set({ state: 'held', nextAttemptMs: null }).execute()
    return claiming
  })

  assert.deepEqual(claimed, [])
})
