import assert from 'node:assert/strict'
import { startReceiver, type Receiver } from '../../../src/sandbox/receiver.ts'
import type { Connection } from '../../../src/state/database.ts'
import { startCallbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { closeAfter, type Scope } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

const fiveDaysMs = 5 * 86_400_000

async function receive (t: Scope, status = 200): Promise<Receiver> {
  const receiver = await startReceiver({ respond: () => ({ status }) })
  closeAfter(t, () => receiver.close())
  return receiver
}

async function states (kysely: Connection, endpointId: string): Promise<string[]> {
  const rows = await kysely.selectFrom('deliveries').select('state').where('endpointId', '=', endpointId).orderBy('id').execute()
  return rows.map(({ state }) => state)
}

async function allBecome (kysely: Connection, endpointId: string, state: string, count: number): Promise<void> {
  await eventually(async () => (await states(kysely, endpointId)).filter((each) => each === state).length === count || undefined)
}

onBothDatabases('a Callback URL that fails for five days more, after it was given up, is given up again, with the delivery that showed it', async (t, open) => {
  const { kysely, end } = await startCallbacks(t, (await open(t)).kysely, { delayMs: () => 3_600_000 })
  const receiver = await receive(t, 500)
  await end(receiver.url)
  const { id } = await eventually(async () => kysely.selectFrom('endpoints').selectAll().where('failures', '>', 0).executeTakeFirst())

  for (let days = 5; days <= 10; days += 5) {
    await kysely.updateTable('endpoints').set({ failingSinceMs: Date.now() - fiveDaysMs }).execute()
    await end(receiver.url)
    await allBecome(kysely, id, 'dead', days === 5 ? 2 : 3)
  }

  const { gaveUp, failingSinceMs } = await kysely.selectFrom('endpoints').select(['gaveUp', 'failingSinceMs']).executeTakeFirstOrThrow()
  assert.deepEqual([gaveUp, failingSinceMs], ['failing', null])
})

onBothDatabases('an endpoint that is disabled is not told of that itself, and the delivery that showed it is held', async (t, open) => {
  const { kysely, endpoint, end } = await startCallbacks(t, (await open(t)).kysely, { delayMs: () => 3_600_000 })
  const [dead, other] = [await receive(t, 500), await receive(t)]
  const failing = await endpoint(dead.url, { failingSinceMs: Date.now() - fiveDaysMs })
  const told = await endpoint(other.url, { types: '["endpoint.*"]' })

  await end()
  await allBecome(kysely, told.id, 'delivered', 1)

  await allBecome(kysely, failing.id, 'held', 1)
  assert.deepEqual(await states(kysely, failing.id), ['held'])
})

onBothDatabases('an endpoint whose URL does not open is given up without a word of it, and holds up nobody', async (t, open) => {
  const { kysely, endpoint, end } = await startCallbacks(t, (await open(t)).kysely)
  const other = await receive(t)
  const broken = await endpoint(other.url, { sealedUrl: 'nonsense', types: '["recording.*"]', failingSinceMs: Date.now() - fiveDaysMs })
  const well = await endpoint(other.url)

  await end()
  await allBecome(kysely, broken.id, 'held', 1)
  await allBecome(kysely, well.id, 'delivered', 2)

  const [disabled] = other.attempts().map(({ body }) => body as { Type: string, Endpoint?: { Url: string } }).filter(({ Type }) => Type === 'endpoint.disabled')
  assert.equal(disabled?.Endpoint?.Url, '')
})

onBothDatabases('what waits for an endpoint that is disabled is held though a claim of it was lost, however much it is', async (t, open) => {
  const { kysely, endpoint, end, tell } = await startCallbacks(t, (await open(t)).kysely)
  const off = await endpoint((await receive(t)).url, { enabled: false })
  const event = await end()
  await tell(...Array.from({ length: 4 }, (_, i) => ({ event: { ...event, Id: `${event.Id}_${i}` } })))
  await allBecome(kysely, off.id, 'held', 5)

  const waits = { state: 'waiting', nextAttemptMs: 1 }
  await kysely.updateTable('deliveries').set({ ...waits, claimedBy: 'process_gone' }).where('eventId', '=', event.Id).execute()
  await kysely.updateTable('deliveries').set(waits).where('eventId', '!=', event.Id).execute()

  await allBecome(kysely, off.id, 'held', 5)
})
