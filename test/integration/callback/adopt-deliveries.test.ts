import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { pino } from 'pino'
import { adoptDeliveries } from '../../../src/callback/adopt-deliveries.ts'
import { deliveryUrlContext } from '../../../src/callback/seal-contexts.ts'
import { startCallbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'

onBothDatabases('deliveries of before there were endpoints get that of their URL without its query, each tenant its own', async (t, open) => {
  const { kysely, seal, tenant } = await startCallbacks(t, (await open(t)).kysely, { mayWork: () => false })
  await tenant('ten_2', 2)
  const urls = { dlv_1: 'https://a.example.com/x?n=1', dlv_2: 'https://a.example.com/x?n=2', dlv_3: 'https://b.example.com/x', dlv_4: 'https://a.example.com/x' }
  for (const [id, url] of Object.entries(urls)) {
    const tenantId = id === 'dlv_4' ? 'ten_2' : 'ten_1'
    await kysely.insertInto('events').values({ id: `evt_${id}`, tenantId, recordingId: null, type: 'recording.completed', body: '{}', createdMs: 5 }).execute()
    await sql`insert into deliveries (id, event_id, tenant_id, sealed_url, state, created_ms) values (${id}, ${`evt_${id}`}, ${tenantId}, ${seal.seal(url, deliveryUrlContext(id))}, 'delivered', 5)`.execute(kysely)
  }

  await adoptDeliveries({ kysely, seal, log: pino({ level: 'silent' }) })
  await adoptDeliveries({ kysely, seal, log: pino({ level: 'silent' }) })

  const rows = await kysely.selectFrom('deliveries').innerJoin('endpoints', 'endpoints.id', 'deliveries.endpointId')
    .select(['deliveries.id', 'endpoints.id as endpointId', 'endpoints.tenantId', 'usedMs']).orderBy('deliveries.id').execute()
  const [first, second, third, fourth] = rows.map(({ endpointId }) => endpointId)
  assert.equal(first, second)
  assert.equal(new Set([first, third, fourth]).size, 3)
  assert.deepEqual(rows.map(({ tenantId, usedMs }) => [tenantId, usedMs]), ['ten_1', 'ten_1', 'ten_1', 'ten_2'].map((id) => [id, 5]))
})
