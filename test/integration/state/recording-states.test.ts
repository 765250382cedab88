import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { sql, type KyselyPlugin } from 'kysely'
import { StateReader } from '../../../src/session/state-reader.ts'
import { putApp } from '../../../src/state/apps.ts'
import type { Connection } from '../../../src/state/database.ts'
import { beginPauses } from '../../../src/state/pauses.ts'
import { recordingStates, type StateRef } from '../../../src/state/recording-states.ts'
import { changeRecording, insertRecording } from '../../../src/state/recordings.ts'
import { mergeMember, mergeRoom } from '../../../src/state/rooms.ts'
import { insertSource } from '../../../src/state/sources.ts'
import { insertTenant } from '../../../src/state/tenants.ts'
import { insertTrack } from '../../../src/state/tracks.ts'
import { createSeal } from '../../../src/core/seal.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { noClock } from '../../helpers/no-clock.ts'

const sdkAppId = 1

async function tenant (kysely: Connection): Promise<void> {
  await insertTenant(kysely, { id: 'ten_1', name: 'school', sealedCallbackSecret: 'sealed', createdMs: 1 })
  await putApp(kysely, createSeal(Buffer.alloc(32, 7)), { sdkAppId, tenantId: 'ten_1', engine: 'relay', callbackKey: 'key', createdMs: 1, updatedMs: 1 })
}

async function record (kysely: Connection, id: string, roomKey: string): Promise<StateRef> {
  await insertRecording(kysely, {
    id,
    tenantId: 'ten_1',
    sdkAppId,
    roomKey,
    userId: `recorder-${id}`,
    jobId: randomUUID(),
    options: { strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 60, maxIdleSeconds: 60, metadata: {} },
    sealedSecrets: 'sealed',
    createdMs: 1,
    ...noClock
  })
  return { id, sdkAppId, roomKey, pausesSinceMs: 100 }
}

async function enter (kysely: Connection, roomKey: string, userId: string, anchor: boolean): Promise<void> {
  const told = { value: true, atMs: 50 }
  const change = { userId, present: told, anchor: { value: anchor, atMs: 50 }, ...anchor && { anchoredMs: 50 } }
  await mergeMember(kysely, { sdkAppId, roomKey }, change, { eventMs: 50, heardMs: 51 })
  await mergeRoom(kysely, { sdkAppId, roomKey }, { dismissedMs: 0, lastAnchoredMs: anchor ? 50 : 0 }, 51)
}

async function audience (kysely: Connection, roomKey: string, count: number): Promise<void> {
  await sql`insert into members (sdk_app_id, room_key, user_id, present, anchor) select ${sdkAppId}, ${roomKey}, 'guest-' || n, true, false from generate_series(1, ${count}) n`.execute(kysely)
}

onBothDatabases('several recordings are read at once, each with what is its own and with its room\'s stage', async (t, open) => {
  const { kysely } = await open(t)
  await tenant(kysely)
  const refs = [await record(kysely, 'rec_1', 's:a'), await record(kysely, 'rec_2', 's:a'), await record(kysely, 'rec_3', 's:b'), await record(kysely, 'rec_4', 's:c')]
  await enter(kysely, 's:a', 'anna', true)
  await enter(kysely, 's:a', 'guest', false)
  await enter(kysely, 's:a', 'recorder-rec_2', false)
  await enter(kysely, 's:a', 'was-here', false)
  await enter(kysely, 's:b', 'ben', true)
  await insertTrack(kysely, { id: 'trk_1', recordingId: 'rec_1', userId: 'was-here', generation: 1, label: '', createdMs: 1, spoolId: null })
  await insertSource(kysely, { id: 'src_3', recordingId: 'rec_3', engine: 'relay', userId: 'ben', generation: 1, createdMs: 1 })
  await beginPauses(kysely, 'rec_2', undefined, 60)
  await kysely.insertInto('pauses').values({ id: 'pau_old', recordingId: 'rec_3', userId: null, startMs: 1, endMs: 99 }).execute()
  await changeRecording(kysely, 'rec_4', 0, { completedMs: 5 })

  const states = await recordingStates(kysely, refs)

  const of = (id: string) => states.get(id)!
  assert.deepEqual([...states.keys()].sort(), ['rec_1', 'rec_2', 'rec_3'])
  assert.deepEqual(of('rec_1').room.members.map(({ userId }) => userId).sort(), ['anna', 'recorder-rec_2', 'was-here'])
  assert.deepEqual([of('rec_1').room.lastAnchoredMs, of('rec_3').room.members.map(({ userId }) => userId)], [50, ['ben']])
  assert.deepEqual([of('rec_1'), of('rec_2'), of('rec_3')].map(({ tracks, sources, pauses }) => [tracks.length, sources.length, pauses.length]), [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
  assert.deepEqual(of('rec_1').recording, await kysely.selectFrom('recordings').selectAll().where('id', '=', 'rec_1').executeTakeFirst())
  assert.equal(of('rec_1').tracks[0]?.userId, 'was-here')
})

onBothDatabases('of a room with ten thousand in its audience no more is read than of a room with ten', async (t, open) => {
  const { kysely } = await open(t)
  await tenant(kysely)
  const [small, large] = [await record(kysely, 'rec_1', 's:small'), await record(kysely, 'rec_2', 's:large')]
  for (const [roomKey, count] of [['s:small', 10], ['s:large', 10_000]] as const) {
    await audience(kysely, roomKey, count)
    await enter(kysely, roomKey, 'anna', true)
  }
  await sql`analyze members`.execute(kysely)
  const read = (ref: StateRef) => kysely.transaction().execute(async (transaction) => {
    const state = (await recordingStates(transaction, [ref])).get(ref.id)!
    const { rows } = await sql<{ rows: number }>`select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables where relname = 'members'`.execute(transaction)
    return { members: state.room.members.map(({ userId }) => userId), rows: rows[0]?.rows }
  })

  const [ofLarge, ofSmall] = [await read(large), await read(small)]
  assert.deepEqual([ofLarge.members, ofSmall.members], [['anna'], ['anna']])
  assert.ok(ofLarge.rows! <= 20 && ofSmall.rows! <= 20, `${ofLarge.rows} rows of the large room, ${ofSmall.rows} of the small one`)
})

onBothDatabases('whoever asks at the same time is read together, and each gets their own; a failure is everybody\'s', async (t, open) => {
  const { kysely } = await open(t)
  await tenant(kysely)
  const refs = await Promise.all(Array.from({ length: 30 }, (_, n) => record(kysely, `rec_${n}`, 's:room')))
  let statements = 0
  let isAway = false
  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (isAway) throw new Error('away')
      return node
    },
    transformResult: async ({ result }) => {
      statements++
      return result
    }
  }
  const reader = new StateReader(kysely.withPlugin(counting))

  const states = await Promise.all([...refs.map((ref) => reader.read(ref)), reader.read({ ...refs[0]!, id: 'rec_none' })])
  const once = statements
  isAway = true
  const failed = await Promise.allSettled(refs.map((ref) => reader.read(ref)))
  isAway = false

  assert.deepEqual(states.map((state) => state?.recording.id), [...refs.map(({ id }) => id), undefined])
  assert.equal(once, 1)
  assert.deepEqual(new Set(failed.map(({ status }) => status)), new Set(['rejected']))
  assert.equal((await reader.read(refs[3]!))?.recording.id, 'rec_3')
})
