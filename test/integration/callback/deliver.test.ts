import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import { callbackPolicy, guardedDispatcher } from '../../../src/callback/address-guard.ts'
import { deliverCallbacks, secretContext } from '../../../src/callback/deliver.ts'
import type { CallbackEvent } from '../../../src/callback/events.ts'
import { createPublish, type Publish } from '../../../src/callback/publish.ts'
import { nextDelayMs, type Retry } from '../../../src/callback/schedule.ts'
import { mintSecret } from '../../../src/callback/signature.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { newId } from '../../../src/core/ids.ts'
import { createSeal } from '../../../src/core/seal.ts'
import { startReceiver, type Receiver } from '../../../src/sandbox/receiver.ts'
import { putApp } from '../../../src/state/apps.ts'
import type { Connection } from '../../../src/state/database.ts'
import { deliveriesOf } from '../../../src/state/events.ts'
import { startQueues } from '../../../src/state/queues.ts'
import { insertRecording } from '../../../src/state/recordings.ts'
import { insertTenant } from '../../../src/state/tenants.ts'
import { onBothDatabases, type OpenDatabase } from '../../helpers/databases.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'
import { noClock } from '../../helpers/no-clock.ts'

const tenantId = 'ten_1'
const seal = createSeal(Buffer.alloc(32, 7))
/** The schedule's own delays, a hundred times as fast. */
const hurry = 100

interface Deliveries { kysely: Connection, publish: Publish, receiver: Receiver, asked: Retry[], send: (url?: string) => Promise<CallbackEvent> }

async function start (t: TestContext, open: OpenDatabase, failures: number): Promise<Deliveries> {
  const database = await open(t)
  const { kysely } = database
  const boss = database.createBoss()
  await startQueues(boss)
  closeAfter(t, () => boss.stop({ graceful: false }))
  const secret = mintSecret()
  const receiver = await startReceiver({
    secrets: [secret],
    respond: ({ headers }) => ({ status: Number(headers['x-attempt']) <= failures ? 503 : 200 })
  })
  closeAfter(t, () => receiver.close())
  const dispatcher = guardedDispatcher(callbackPolicy(['127.0.0.1']))
  closeAfter(t, () => dispatcher.close())
  const delivering = new AbortController()
  closeAfter(t, () => { delivering.abort() })
  const asked: Retry[] = []
  await deliverCallbacks({
    kysely,
    boss,
    seal,
    dispatcher,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    userAgent: 'Roomtape/test',
    delayMs (retry, random) {
      asked.push(retry)
      const delayMs = nextDelayMs(retry, random)
      return delayMs === undefined ? undefined : Math.round(delayMs / hurry)
    }
  }, { signal: delivering.signal })

  await insertTenant(kysely, { id: tenantId, name: 'school', sealedCallbackSecret: seal.seal(secret, secretContext(tenantId)), createdMs: 1 })
  await putApp(kysely, seal, { sdkAppId: 1, tenantId, engine: 'relay', callbackKey: 'key', createdMs: 1, updatedMs: 1 })
  const publish = createPublish({ boss, seal })
  async function send (url = receiver.url): Promise<CallbackEvent> {
    const id = newId('rec')
    await insertRecording(kysely, {
      id,
      tenantId,
      sdkAppId: 1,
      roomKey: 's:room',
      userId: id,
      jobId: randomUUID(),
      options: { strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 60, maxIdleSeconds: 60, metadata: {} },
      sealedSecrets: 'sealed',
      createdMs: 1,
      ...noClock
    })
    const event = eventOf(id)
    await kysely.transaction().execute((transaction) => publish(transaction, { tenantId, event, url }))
    return event
  }
  return { kysely, publish, receiver, asked, send }
}

function eventOf (recordingId: string): CallbackEvent {
  return {
    Id: newId('evt'),
    Type: 'recording.completed',
    TimestampMs: Date.now(),
    SchemaVersion: 1,
    SdkAppId: 1,
    RoomId: 0,
    StrRoomId: 'room',
    UserId: recordingId,
    RecordingId: recordingId,
    Reason: 'StopRequested',
    Message: '',
    StartMs: 1,
    EndMs: 2,
    Files: [],
    TimelineFile: '',
    Incomplete: false,
    Warnings: [],
    Skipped: [],
    SkippedCount: 0,
    Blind: [],
    Metadata: { text: '课堂' }
  }
}

async function settled (kysely: Connection, { RecordingId }: CallbackEvent) {
  return eventually(async () => (await deliveriesOf(kysely, RecordingId)).find(({ state }) => state !== 'waiting'))
}

onBothDatabases('a receiver that is away twice gets the same callback a third time, as the schedule says', async (t, open) => {
  const { kysely, receiver, asked, send } = await start(t, open, 2)
  const event = await send()
  const { body } = await receiver.next(() => true, { signal: AbortSignal.timeout(30_000) })
  const { state, attempts, lastStatus, lastError } = await settled(kysely, event)

  assert.deepEqual(body, event)
  assert.deepEqual({ state, attempts, lastStatus, lastError }, { state: 'delivered', attempts: 3, lastStatus: 200, lastError: null })
  assert.deepEqual(asked.map(({ attempts: made }) => made), [1, 2])
  const seen = receiver.attempts().map(({ id, signature, headers }) => [id, signature, headers['x-attempt']])
  assert.deepEqual(seen, ['1', '2', '3'].map((n) => [event.Id, 'valid', n]))
  const [first, second, third] = receiver.attempts().map(({ receivedMs }) => receivedMs) as [number, number, number]
  assert.ok(second - first >= 4_000 / hurry && third - second >= 24_000 / hurry, `after ${second - first} and ${third - second} ms`)
})

onBothDatabases('a callback whose transaction is undone is never sent; a receiver that is gone, and a target that leads inside, are given up at once', async (t, open) => {
  const { kysely, publish, receiver, asked, send } = await start(t, open, 0)
  const kept = await send()
  await settled(kysely, kept)
  const undone = eventOf(kept.RecordingId)
  await assert.rejects(kysely.transaction().execute(async (transaction) => {
    await publish(transaction, { tenantId, event: undone, url: receiver.url })
    throw new Error('undone')
  }), { message: 'undone' })
  receiver.replyNext({ status: 410 })
  const gone = await send()
  const { state, attempts, lastStatus, nextAttemptMs } = await settled(kysely, gone)

  let connections = 0
  const inside = createServer(() => { connections++ }).listen(0, '127.0.0.2')
  await once(inside, 'listening')
  closeAfter(t, () => { inside.close() })
  const { port } = inside.address() as AddressInfo
  const blocked = await settled(kysely, await send(`http://127.0.0.2:${port}/`))

  assert.deepEqual({ state, attempts, lastStatus, nextAttemptMs }, { state: 'dead', attempts: 1, lastStatus: 410, nextAttemptMs: null })
  assert.deepEqual([blocked.state, blocked.lastError, connections], ['dead', 'blocked_target', 0])
  assert.deepEqual(asked, [])
  assert.deepEqual(receiver.attempts().map(({ id }) => id), [kept.Id, gone.Id])
})

onBothDatabases('the end of a recording that nobody asked to be told of is kept as an event, a segment is not, and nothing is sent', async (t, open) => {
  const { kysely, publish, receiver, send } = await start(t, open, 0)
  const told = await send()
  const end = eventOf(told.RecordingId)
  const { UserId, ...head } = eventOf(told.RecordingId)
  const segment = { ...head, UserId, Type: 'segment.uploaded', Segment: {} } as unknown as CallbackEvent
  await kysely.transaction().execute(async (transaction) => {
    await publish(transaction, { tenantId, event: end })
    await publish(transaction, { tenantId, event: segment, url: undefined })
  })
  const last = await send()
  await settled(kysely, last)

  const events = await kysely.selectFrom('events').select(['id', 'type']).orderBy('id').execute()
  assert.deepEqual(events.map(({ id }) => id), [told.Id, end.Id, last.Id].sort())
  assert.deepEqual(receiver.attempts().map(({ id }) => id), [told.Id, last.Id])
})
