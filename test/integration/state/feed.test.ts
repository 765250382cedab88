import assert from 'node:assert/strict'
import type { Connection } from '../../../src/state/database.ts'
import { insertDeliveries, settleWaiting } from '../../../src/state/deliveries.ts'
import { insertEvents } from '../../../src/state/events.ts'
import { holdFeed, readFeed } from '../../../src/state/feed.ts'
import { replayDelivery } from '../../../src/state/replays.ts'
import { segmentEvent, startCallbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'

interface Page { ids: string[], nextAfter: number }

async function read (kysely: Connection, id: string, after: number, limit = 100): Promise<Page> {
  const { bodies, nextAfter } = await kysely.transaction().execute(async (transaction) => {
    const feed = await holdFeed(transaction, { tenantId: 'ten_1', id })
    assert.ok(feed?.pull)
    return readFeed(transaction, id, { feedPosition: feed.feedPosition, after, limit })
  })
  return { ids: bodies.map((body) => (JSON.parse(body) as { Id: string }).Id), nextAfter }
}

async function write (db: Connection, endpointId: string, number: number): Promise<string> {
  const id = `evt_${number}`
  await insertEvents(db, [{ id, tenantId: 'ten_1', recordingId: null, type: 'segment.uploaded', body: JSON.stringify({ Id: id }), createdMs: number }])
  await insertDeliveries(db, [{ id: `dlv_${number}`, eventId: id, endpointId, tenantId: 'ten_1', sealedUrl: null, format: 'full', pull: true, createdMs: number, state: 'waiting' }])
  return id
}

onBothDatabases('a feed gives every event once to who reads on, again to who does not, and what was read is delivered', async (t, open) => {
  const { kysely, endpoint, end, tell } = await startCallbacks(t, (await open(t)).kysely)
  const { id } = await endpoint('', { pull: true, sealedUrl: null, sealedSecrets: null, types: '["segment.*"]', filters: '{"userIds":["kid_*"]}' })
  const { RecordingId } = await end()
  const events = Array.from({ length: 5 }, () => segmentEvent(RecordingId, { userId: 'kid_7' }))
  await tell(...events.map((event) => ({ event })), { event: segmentEvent(RecordingId, { userId: 'teacher' }) })
  const told = events.map(({ Id }) => Id)
  const states = async (): Promise<string[]> => (await kysely.selectFrom('deliveries').select('state').where('endpointId', '=', id).orderBy('id').execute()).map(({ state }) => state)

  const first = await read(kysely, id, 0, 3)
  const again = await read(kysely, id, 0, 3)
  const unread = await states()
  const rest = await read(kysely, id, first.nextAfter)
  const half = await states()
  const end1 = await read(kysely, id, rest.nextAfter)
  const all = await states()

  assert.deepEqual([first.ids, rest.ids, end1.ids], [told.slice(0, 3), told.slice(3), []])
  assert.deepEqual([again, end1.nextAfter], [first, rest.nextAfter])
  assert.deepEqual(unread, Array(5).fill('waiting'))
  assert.deepEqual(half, ['delivered', 'delivered', 'delivered', 'waiting', 'waiting'])
  assert.deepEqual(all, Array(5).fill('delivered'))
  assert.deepEqual((await read(kysely, id, 0)).ids, told, 'what was read is still there for who begins anew')
})

onBothDatabases('what was written before and commits after is read later; two who read at once get the same places', async (t, open) => {
  const { kind, kysely: db } = await open(t)
  const { kysely, endpoint } = await startCallbacks(t, db)
  const { id } = await endpoint('', { pull: true, sealedUrl: null, sealedSecrets: null })
  const commit = Promise.withResolvers<undefined>()
  const written = Promise.withResolvers<undefined>()
  // PGlite has one connection: there the late one is written when the other has been read
  const late = kind === 'embedded'
    ? commit.promise.then(() => write(kysely, id, 1))
    : kysely.transaction().execute(async (transaction) => {
      await write(transaction, id, 1)
      written.resolve(undefined)
      await commit.promise
    })
  if (kind === 'postgres') await written.promise
  await write(kysely, id, 2)
  await write(kysely, id, 3)

  const [first, same] = await Promise.all([read(kysely, id, 0), read(kysely, id, 0)])
  commit.resolve(undefined)
  await late
  const rest = await read(kysely, id, first.nextAfter)

  assert.deepEqual(first.ids, ['evt_2', 'evt_3'])
  assert.deepEqual(same, first)
  assert.deepEqual(rest.ids, ['evt_1'])
  assert.deepEqual((await read(kysely, id, rest.nextAfter)).ids, [])
})

onBothDatabases('what is held is in no feed; replayed it comes again as the newest, and so does what was delivered', async (t, open) => {
  const { kysely, endpoint } = await startCallbacks(t, (await open(t)).kysely)
  const { id } = await endpoint('', { pull: true, sealedUrl: null, sealedSecrets: null })
  await write(kysely, id, 1)
  const first = await read(kysely, id, 0)
  await write(kysely, id, 2)
  await read(kysely, id, first.nextAfter)
  await settleWaiting(kysely, id, 'held')

  const held = await read(kysely, id, first.nextAfter)
  for (const replayed of ['dlv_2', 'dlv_1']) assert.deepEqual(await replayDelivery(kysely, { tenantId: 'ten_1', id: replayed }), { endpointId: id, pull: true })
  const again = await read(kysely, id, held.nextAfter)

  assert.deepEqual(held.ids, [])
  assert.deepEqual(again.ids, ['evt_1', 'evt_2'])
  assert.deepEqual(await kysely.selectFrom('deliveries').select('nextAttemptMs').where('nextAttemptMs', 'is not', null).execute(), [])
})
