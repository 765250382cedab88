import assert from 'node:assert/strict'
import { pino } from 'pino'
import { adoptDeliveries } from '../../../src/callback/adopt-deliveries.ts'
import { deliveryUrlContext } from '../../../src/callback/seal-contexts.ts'
import { startReceiver } from '../../../src/sandbox/receiver.ts'
import { receiver as receiverThat } from '../../helpers/attempts.ts'
import { endEvent, startCallbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

onBothDatabases('what fails while its endpoint is being disabled is held at once, and cancelled when it was deleted; what arrives has arrived', async (t, open) => {
  const { kysely } = await open(t)
  const { endpoint, tell } = await startCallbacks(t, kysely)
  const cases = {
    held: [503, { enabled: false }], cancelled: [503, { deletedMs: 1 }], delivered: [200, { enabled: false }], dead: [413, { deletedMs: 1 }]
  } as const
  const ids: Record<string, string> = {}
  for (const [state, [status, shut]] of Object.entries(cases)) {
    const { url } = await receiverThat(t, (_request, response) => {
      void kysely.updateTable('endpoints').set(shut).where('id', '=', ids[state]!).execute().then(() => { response.writeHead(status).end() })
    })
    ids[state] = (await endpoint(url)).id
  }

  await tell({ event: endEvent('rec_1') })
  const rows = await eventually(async () => {
    const rows = await kysely.selectFrom('deliveries').selectAll().execute()
    return rows.every(({ attempts }) => attempts > 0) ? rows : undefined
  })

  const states = Object.keys(cases).map((state) => rows.find(({ endpointId }) => endpointId === ids[state])?.state)
  assert.deepEqual(states, Object.keys(cases))
  assert.ok(rows.every(({ nextAttemptMs, settledMs, pullable, claimedBy }) => nextAttemptMs === null && settledMs !== null && !pullable && claimedBy === null))
})

onBothDatabases('an endpoint whose URL does not open fails alone: it is given up and told of, and what came of others is noted', async (t, open) => {
  const { kysely } = await open(t)
  const { endpoint, tell } = await startCallbacks(t, kysely)
  const other = await startReceiver()
  closeAfter(t, () => other.close())
  await endpoint('http://127.0.0.1:9/', { types: '["recording.*"]', sealedUrl: 'spoiled', failingSinceMs: 1 })
  await endpoint(other.url)

  await tell({ event: endEvent('rec_1') })
  await other.next(({ body }) => (body as { Type: string }).Type === 'endpoint.disabled', { signal: AbortSignal.timeout(30_000) })
  const states = await eventually(async () => {
    const rows = await kysely.selectFrom('deliveries').select(['state', 'lastError']).orderBy('state').execute()
    return rows.every(({ state }) => state !== 'waiting') ? rows : undefined
  })

  assert.deepEqual(states, [{ state: 'delivered', lastError: null }, { state: 'delivered', lastError: null }, { state: 'held', lastError: 'failed' }])
})

onBothDatabases('deliveries of before endpoints are adopted by URL; one that was spoiled is dead and does not keep the others from it', async (t, open) => {
  const { kysely } = await open(t)
  const { seal, sender } = await startCallbacks(t, kysely)
  await sender.close()
  await kysely.insertInto('events').values({ id: 'evt_1', tenantId: 'ten_1', type: 'test.ping', body: '{}', createdMs: 1 }).execute()
  const ids = Array.from({ length: 1_100 }, (_, index) => `dlv_${index}`)
  await kysely.insertInto('deliveries').values(ids.map((id, index) => ({
    id,
    eventId: 'evt_1',
    tenantId: 'ten_1',
    sealedUrl: id === 'dlv_7' ? 'spoiled' : seal.seal(`https://asr.example.com/${index % 2}?n=${index}`, deliveryUrlContext(id)),
    state: index % 3 === 1 ? 'waiting' : 'delivered',
    createdMs: 1
  }))).execute()

  for (let start = 0; start < 2; start++) await adoptDeliveries({ kysely, seal, log: pino({ level: 'silent' }) })

  const rows = await kysely.selectFrom('deliveries').select(['id', 'endpointId', 'state', 'lastError']).execute()
  const counts = [...Map.groupBy(rows, ({ endpointId }) => endpointId)].map(([, own]) => own.length).sort((a, b) => a - b)
  assert.deepEqual(counts, [1, 549, 550])
  assert.deepEqual(rows.filter(({ endpointId }) => endpointId === null), [{ id: 'dlv_7', endpointId: null, state: 'dead', lastError: 'failed' }])
  assert.equal(rows.filter(({ state }) => state === 'waiting').length, 366)
  assert.equal((await kysely.selectFrom('endpoints').select('id').where('hidden', '=', true).execute()).length, 2)
})
