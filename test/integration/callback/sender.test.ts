import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { nextDelayMs, type Retry } from '../../../src/callback/schedule.ts'
import { startReceiver, type Receiver, type ReceiverOptions } from '../../../src/sandbox/receiver.ts'
import type { Connection } from '../../../src/state/database.ts'
import { deliveriesOf } from '../../../src/state/events.ts'
import { endEvent, segmentEvent, startCallbacks, type EndEvent } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { closeAfter, type Scope } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

/** The schedule's own delays, a hundred times as fast. */
const hurry = 100

async function receive (t: Scope, options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options)
  closeAfter(t, () => receiver.close())
  return receiver
}

async function settled (kysely: Connection, { RecordingId }: Pick<EndEvent, 'RecordingId'>) {
  return eventually(async () => (await deliveriesOf(kysely, RecordingId)).find(({ state }) => state !== 'waiting'))
}

onBothDatabases('a receiver that is away twice gets the same callback a third time, as the schedule says', async (t, open) => {
  const asked: Retry[] = []
  const { kysely, secret, end } = await startCallbacks(t, (await open(t)).kysely, {
    delayMs (retry) {
      asked.push(retry)
      const delayMs = nextDelayMs(retry, Math.random)
      return delayMs === undefined ? undefined : Math.round(delayMs / hurry)
    }
  })
  const receiver = await receive(t, { secrets: [secret], respond: ({ headers }) => ({ status: Number(headers['x-attempt']) <= 2 ? 503 : 200 }) })

  const event = await end(receiver.url)
  const { body } = await receiver.next(() => true, { signal: AbortSignal.timeout(30_000) })
  const { id, state, attempts, lastStatus, lastError, nextAttemptMs } = await settled(kysely, event)

  assert.deepEqual(body, event)
  assert.deepEqual({ state, attempts, lastStatus, lastError, nextAttemptMs }, { state: 'delivered', attempts: 3, lastStatus: 200, lastError: null, nextAttemptMs: null })
  assert.deepEqual(asked.map(({ schedule, steps }) => [schedule, steps]), [['standard', 0], ['standard', 1]])
  const seen = receiver.attempts().map(({ id, signature, headers }) => [id, signature, headers['x-attempt']])
  assert.deepEqual(seen, ['1', '2', '3'].map((n) => [event.Id, 'valid', n]))
  const noted = await kysely.selectFrom('attempts').select(['number', 'cause', 'status', 'reason']).where('deliveryId', '=', id).orderBy('number').execute()
  assert.deepEqual(noted, [
    { number: 1, cause: 'schedule', status: 503, reason: 'overloaded' },
    { number: 2, cause: 'schedule', status: 503, reason: 'overloaded' },
    { number: 3, cause: 'schedule', status: 200, reason: null }
  ])
})

onBothDatabases('a callback whose transaction is undone is never sent; a receiver that is gone, and a target that leads inside, are given up at once', async (t, open) => {
  const { kysely, outbox, secret, end } = await startCallbacks(t, (await open(t)).kysely)
  const receiver = await receive(t, { secrets: [secret] })
  const kept = await end(receiver.url)
  await settled(kysely, kept)
  await assert.rejects(outbox.transaction(async (_transaction, tell) => {
    tell({ tenantId: 'ten_1', event: endEvent(kept.RecordingId), callback: { url: receiver.url, format: 'full' } })
    throw new Error('undone')
  }), { message: 'undone' })
  receiver.replyNext({ status: 410 })
  const gone = await end(receiver.url)
  const { state, attempts, lastStatus, nextAttemptMs } = await settled(kysely, gone)

  let connections = 0
  const inside = createServer(() => { connections++ }).listen(0, '127.0.0.2')
  await once(inside, 'listening')
  closeAfter(t, () => { inside.close() })
  const { port } = inside.address() as AddressInfo
  const blocked = await settled(kysely, await end(`http://127.0.0.2:${port}/`))

  assert.deepEqual({ state, attempts, lastStatus, nextAttemptMs }, { state: 'dead', attempts: 1, lastStatus: 410, nextAttemptMs: null })
  assert.deepEqual([blocked.state, blocked.lastError, connections], ['dead', 'blocked_target', 0])
  assert.deepEqual(receiver.attempts().map(({ id }) => id), [kept.Id, gone.Id])
})

onBothDatabases('the end of a recording that nobody asked to be told of is kept as an event, a segment is not, and nothing is sent', async (t, open) => {
  const { kysely, end, tell } = await startCallbacks(t, (await open(t)).kysely)
  const receiver = await receive(t)
  const told = await end(receiver.url)
  const event = endEvent(told.RecordingId)
  await tell({ event }, { event: segmentEvent(told.RecordingId) })
  const last = await end(receiver.url)
  await settled(kysely, last)

  const events = await kysely.selectFrom('events').select('id').orderBy('id').execute()
  assert.deepEqual(events.map(({ id }) => id), [told.Id, event.Id, last.Id].sort())
  assert.deepEqual(receiver.attempts().map(({ id }) => id), [told.Id, last.Id])
})

onBothDatabases('the recordings of a tenant that name one URL share an endpoint, whatever its query; each is sent to its own', async (t, open) => {
  const { kysely, end } = await startCallbacks(t, (await open(t)).kysely)
  const receiver = await receive(t)

  const [first, second] = [await end(`${receiver.url}?lesson=1`), await end(`${receiver.url}?lesson=2`)]
  await settled(kysely, first)
  await settled(kysely, second)

  const endpoints = await kysely.selectFrom('endpoints').select(['hidden', 'enabled', 'tenantId']).execute()
  assert.deepEqual(endpoints, [{ hidden: true, enabled: true, tenantId: 'ten_1' }])
  assert.deepEqual(receiver.attempts().map(({ id }) => id), [first.Id, second.Id])
})

onBothDatabases('an endpoint gets what it asks for, signed with its own secret and with its headers; what is held for one that is not enabled stays', async (t, open) => {
  const { kysely, seal, endpoint, end, tell } = await startCallbacks(t, (await open(t)).kysely)
  const receiver = await receive(t)
  const strict = await endpoint(receiver.url, { types: '["segment.*"]', filters: JSON.stringify({ userIds: ['kid_*'] }) })
  await kysely.updateTable('endpoints').set({ sealedHeaders: seal.seal('{"x-team":"moderation"}', `endpoint:${strict.id}:headers`) }).execute()
  const off = await endpoint(receiver.url, { enabled: false })
  receiver.trust(strict.secret)

  const { RecordingId } = await end()
  const own = segmentEvent(RecordingId, { userId: 'kid_7' })
  await tell({ event: segmentEvent(RecordingId, { userId: 'teacher' }) }, { event: own })
  const { id, signature, headers } = await receiver.next(() => true, { signal: AbortSignal.timeout(30_000) })

  assert.deepEqual([id, signature, headers['x-team']], [own.Id, 'valid', 'moderation'])
  const held = await kysely.selectFrom('deliveries').select(['state', 'nextAttemptMs']).where('endpointId', '=', off.id).execute()
  assert.deepEqual(held, Array(3).fill({ state: 'held', nextAttemptMs: null }))
  assert.equal(receiver.attempts().length, 1)
})

onBothDatabases('after ten failures in a row there are only probes; with the first success all that waited is sent at once', async (t, open) => {
  const { kysely, end } = await startCallbacks(t, (await open(t)).kysely)
  let isBack = false
  const receiver = await receive(t, { respond: () => ({ status: isBack ? 200 : 500 }) })

  const events: EndEvent[] = []
  for (let i = 0; i < 15; i++) events.push(await end(receiver.url))
  const opened = await eventually(async () => kysely.selectFrom('endpoints').selectAll().where('probeDueMs', 'is not', null).executeTakeFirst())
  const before = await eventually(async () => {
    const { count } = await kysely.selectFrom('deliveries').select((eb) => eb.fn.countAll<number>().as('count')).where('claimedBy', 'is not', null).executeTakeFirstOrThrow()
    return count === 0 ? receiver.attempts().length : undefined
  })
  isBack = true
  await kysely.updateTable('endpoints').set({ probeDueMs: 0 }).execute()
  await Promise.all(events.map((event) => settled(kysely, event)))

  assert.ok(opened.failures >= 10 && before <= 18, `${opened.failures} failures, ${before} attempts`)
  const { probes } = await kysely.selectFrom('attempts').select((eb) => eb.fn.countAll<number>().as('probes')).where('cause', '=', 'probe').executeTakeFirstOrThrow()
  assert.equal(probes, 1)
  const states = await kysely.selectFrom('deliveries').select('state').execute()
  assert.deepEqual(new Set(states.map(({ state }) => state)), new Set(['delivered']))
  assert.deepEqual(await kysely.selectFrom('endpoints').select(['failures', 'probeDueMs', 'failingSinceMs']).execute(), [{ failures: 0, probeDueMs: null, failingSinceMs: null }])
})

onBothDatabases('an endpoint with which nothing succeeds for five days is disabled, what waits is held, and the others are told', async (t, open) => {
  const { kysely, endpoint, end } = await startCallbacks(t, (await open(t)).kysely)
  const [dead, other] = [await receive(t, { respond: () => ({ status: 500 }) }), await receive(t)]
  const failing = await endpoint(dead.url, { types: '["recording.completed"]', failingSinceMs: Date.now() - 5 * 86_400_000 })
  await endpoint(other.url, { types: '["endpoint.disabled"]' })

  await end()
  const { body } = await other.next(() => true, { signal: AbortSignal.timeout(30_000) })
  const held = await eventually(async () => (await kysely.selectFrom('deliveries').selectAll().where('endpointId', '=', failing.id).execute()).find(({ state }) => state === 'held'))

  const { Type, Endpoint } = body as { Type: string, Endpoint: { EndpointId: string, Url: string, Reason: string } }
  assert.deepEqual([Type, Endpoint.EndpointId, Endpoint.Url, Endpoint.Reason], ['endpoint.disabled', failing.id, dead.url, 'Failing'])
  assert.deepEqual([held.attempts, held.nextAttemptMs], [1, null])
  const row = await kysely.selectFrom('endpoints').select(['enabled', 'gaveUp']).where('id', '=', failing.id).executeTakeFirstOrThrow()
  assert.deepEqual(row, { enabled: false, gaveUp: 'failing' })
})
