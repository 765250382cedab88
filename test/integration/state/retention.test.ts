import assert from 'node:assert/strict'
import { deleteUnusedEndpoints } from '../../../src/state/endpoints.ts'
import { deleteEventsBefore } from '../../../src/state/events.ts'
import { deleteRecordingsBefore } from '../../../src/state/recordings.ts'
import { startCallbacks, type EndEvent } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'

const nowMs = 1_000_000

onBothDatabases('an event that waits or is held outlives its recording and its time; what is over goes, a few at a time, with its attempts', async (t, open) => {
  const { kysely } = await open(t)
  const { endpoint, end, sender } = await startCallbacks(t, kysely)
  await sender.close()
  const own = await endpoint('http://127.0.0.1:9/')
  const kinds = { waiting: ['waiting', null], held: ['held', nowMs], heldLong: ['held', 1], delivered: ['delivered', 1], dead: ['dead', 1], cancelled: ['cancelled', 1] } as const
  const events = new Map<string, EndEvent>()
  for (const [kind, [state, settledMs]] of Object.entries(kinds)) {
    const event = await end()
    events.set(event.Id, event)
    await kysely.updateTable('deliveries').set({ state, settledMs, id: kind, ...state !== 'waiting' && { nextAttemptMs: null } }).where('eventId', '=', event.Id).execute()
    await kysely.insertInto('attempts').values({ deliveryId: kind, number: 1, cause: 'schedule', startedMs: 1, cut: false }).execute()
  }
  await kysely.updateTable('events').set({ createdMs: 1 }).execute()
  await kysely.updateTable('recordings').set({ completedMs: 1 }).execute()

  const recordings = [await deleteRecordingsBefore(kysely, nowMs, 4), await deleteRecordingsBefore(kysely, nowMs, 4)]
  const deleted = [await deleteEventsBefore(kysely, nowMs, 3), await deleteEventsBefore(kysely, nowMs, 3), await deleteEventsBefore(kysely, nowMs, 3)]
  const unused = await deleteUnusedEndpoints(kysely, nowMs, 10)

  assert.deepEqual([recordings, deleted, unused], [[4, 2], [3, 1, 0], 0])
  const left = await kysely.selectFrom('deliveries').innerJoin('events', 'events.id', 'eventId').select(['deliveries.id', 'endpointId', 'body']).orderBy('deliveries.id').execute()
  assert.deepEqual(left.map(({ id, endpointId }) => [id, endpointId]), [['held', own.id], ['waiting', own.id]])
  assert.deepEqual(left.map(({ body }) => JSON.parse(body) as EndEvent), left.map(({ body }) => events.get((JSON.parse(body) as EndEvent).Id)), 'and can be sent')
  assert.deepEqual((await kysely.selectFrom('attempts').select('deliveryId').orderBy('deliveryId').execute()).map(({ deliveryId }) => deliveryId), ['held', 'waiting'])
})

onBothDatabases('a hidden endpoint goes when no start has named it and nothing of it is kept; a deleted one when nothing is; others stay', async (t, open) => {
  const { kysely } = await open(t)
  const { endpoint, sender } = await startCallbacks(t, kysely)
  await sender.close()
  const beforeMs = 100 * 86_400_000
  const ids: Record<string, string> = {}
  for (const [name, columns] of Object.entries({
    own: {},
    deleted: { deletedMs: 1 },
    deletedLately: { deletedMs: beforeMs },
    hidden: { hidden: true, urlHash: 'a', usedMs: 1 },
    hiddenNamed: { hidden: true, urlHash: 'b', usedMs: beforeMs },
    hiddenWaited: { hidden: true, urlHash: 'c', usedMs: 1 }
  })) ids[name] = (await endpoint('http://127.0.0.1:9/', columns)).id
  await kysely.insertInto('events').values({ id: 'evt_1', tenantId: 'ten_1', type: 'test.ping', body: '{}', createdMs: 1 }).execute()
  await kysely.insertInto('deliveries').values({
    id: 'dlv_1', eventId: 'evt_1', state: 'waiting', nextAttemptMs: 1, createdMs: 1, endpointId: ids.hiddenWaited!, tenantId: 'ten_1'
  }).execute()

  const deleted: number[] = []
  for (let batch = 0; batch < 3; batch++) deleted.push(await deleteUnusedEndpoints(kysely, beforeMs, 1))

  assert.deepEqual(deleted, [1, 1, 0])
  const left = (await kysely.selectFrom('endpoints').select('id').execute()).map(({ id }) => Object.entries(ids).find(([, each]) => each === id)![0])
  assert.deepEqual(left.sort(), ['deletedLately', 'hiddenNamed', 'hiddenWaited', 'own'])
})
