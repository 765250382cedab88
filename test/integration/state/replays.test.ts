import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { callbackPolicy, guardedDispatcher } from '../../../src/callback/address-guard.ts'
import { testEndpoint } from '../../../src/callback/test-endpoint.ts'
import { systemClock } from '../../../src/core/clock.ts'
import type { Connection } from '../../../src/state/database.ts'
import { insertDeliveries } from '../../../src/state/deliveries.ts'
import { insertEvents } from '../../../src/state/events.ts'
import { countReplayable, replaySome, type ReplayFilter } from '../../../src/state/replays.ts'
import { startCallbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { closeAfter } from '../../helpers/scope.ts'

const states = ['held', 'dead', 'delivered'] as const

/** One delivery for each moment from 1 on: of three types and states in turn. */
async function write (db: Connection, endpointId: string, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const idOf = (number: number): string => String(number).padStart(5, '0')
  const types = ['segment.uploaded', 'recording.completed', 'recording.failed']
  await insertEvents(db, numbers.map((number) =>
    ({ id: `evt_${idOf(number)}`, tenantId: 'ten_1', recordingId: null, type: types[number % 3] ?? '', body: '{}', createdMs: number })))
  await insertDeliveries(db, numbers.map((number) =>
    ({ id: `dlv_${idOf(number)}`, eventId: `evt_${idOf(number)}`, endpointId, tenantId: 'ten_1', sealedUrl: null, format: 'full', createdMs: number, state: 'held' })))
  for (const [rest, state] of states.entries()) {
    await db.updateTable('deliveries').set({ state, steps: 11, attempts: 12 }).where((eb) => eb(eb('createdMs', '%', 3), '=', rest)).execute()
  }
}

onBothDatabases('a replay of many takes what its filter says, once, batch by batch and from the oldest, with a whole schedule before it', async (t, open) => {
  const { kysely, endpoint } = await startCallbacks(t, (await open(t)).kysely, { mayWork: () => false })
  const { id } = await endpoint('http://127.0.0.1:1/')
  const { id: other } = await endpoint('http://127.0.0.1:1/')
  await write(kysely, id, 100)
  const replay = async (filter: ReplayFilter): Promise<{ counted: number, batches: number, waiting: string[] }> => {
    const counted = await countReplayable(kysely, id, filter)
    let batches = 0
    for (let afterId: string | undefined = ''; afterId !== undefined;) {
      afterId = await replaySome(kysely, id, { filter, afterId, most: 10 })
      batches++
    }
    const rows = await kysely.selectFrom('deliveries').select(['id', 'steps', 'attempts', 'cause', 'settledMs', 'nextAttemptMs']).where('state', '=', 'waiting').orderBy('id').execute()
    assert.ok(rows.every(({ steps, attempts, cause, settledMs, nextAttemptMs }) =>
      steps === 0 && attempts === 12 && cause === 'bulk' && settledMs === null && nextAttemptMs !== null))
    await kysely.updateTable('deliveries').set({ state: 'dead', steps: 11 }).where('state', '=', 'waiting').execute()
    return { counted, batches, waiting: rows.map((row) => row.id) }
  }

  const typed = await replay({ states: ['held'], types: ['segment.*'], untilMs: 50, sinceMs: 3 })
  const none = await replay({ states: ['held'], types: ['segment', 'recording.*'], untilMs: 101 })
  const delivered = await replay({ states: ['delivered'], untilMs: 101 })
  const elsewhere = await countReplayable(kysely, other, { states: [...states], untilMs: 101 })
  await kysely.updateTable('endpoints').set({ enabled: false }).where('id', '=', id).execute()
  const off = await replay({ states: [...states], untilMs: 101 })

  assert.deepEqual([typed.counted, typed.batches, typed.waiting.length, typed.waiting[0], typed.waiting.at(-1)], [16, 3, 16, 'dlv_00003', 'dlv_00048'])
  assert.deepEqual([none.counted, none.waiting], [0, []])
  assert.deepEqual([delivered.counted, delivered.waiting.length], [33, 33])
  assert.deepEqual([elsewhere, off.counted > 0, off.waiting], [0, true, []])
})

onBothDatabases('the test of an endpoint whose name leads inside tells that, and neither a time nor an address', async (t, open) => {
  const { kysely, seal, endpoint } = await startCallbacks(t, (await open(t)).kysely)
  const { id } = await endpoint('https://inside.example.com/')
  const addresses: LookupAddress[] = [{ address: '10.0.0.1', family: 4 }]
  const dispatcher = guardedDispatcher(callbackPolicy([]), { lookup: (_hostname, _options, callback) => { callback(null, addresses) } })
  closeAfter(t, () => dispatcher.destroy())
  const row = await kysely.selectFrom('endpoints').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  const { outcome } = await testEndpoint({ ...row, sealedCallbackSecret: '' }, { seal, dispatcher, clock: systemClock, userAgent: 'Roomtape/test' }, { signal: t.signal })

  assert.deepEqual(outcome, { outcome: 'dead', reason: 'blocked_target' })
})
