import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { startTrtcCloud } from '../../src/sandbox/trtc-cloud.ts'
import { closeAfter } from '../helpers/scope.ts'
import { asTimeline } from '../helpers/timeline.ts'
import { appOf, bucket, call, enterTalking, eventually, sdkAppId, startWorld, talked, type Callback } from '../helpers/world.ts'

/** What others do wrong, and what becomes of the recording. */
const away = new Set(['receiver-away'])
const scope = { after }
const world = await startWorld(scope, {
  receiver: { respond: ({ body }) => ({ status: away.delete((body as { StrRoomId: string }).StrRoomId) ? 503 : 200 }) }
})
const { cloud, cos, receiver, start, stop, detail, ended } = world

async function spooled (recordingId: string): Promise<string[]> {
  const folders = await readdir(join(world.dataDir, 'spool'))
  return folders.includes(recordingId) ? readdir(join(world.dataDir, 'spool', recordingId)) : []
}

async function record (roomId: string, prepare: (recordingId: string) => void, users = ['anchor']): Promise<string> {
  const id = await start(roomId)
  prepare(id)
  const room = cloud.room(sdkAppId, roomId)
  for (const userId of users) enterTalking(room, userId)
  await Promise.all(users.map((userId) => talked(world, roomId, userId, 600)))
  room.dismiss()
  return id
}

suite('faults of others', { concurrency: true }, () => {
  test('a bucket that is busy for a moment gets the file at the next try', async () => {
    let hits = 0
    const id = await record('busy', (key) => { cos.faults.add({ kind: 'slow-down', action: 'put', key: new RegExp(key), times: 2, onHit: () => { hits++ } }) })

    const { Type, Files } = await ended(id)
    assert.equal(hits, 2)
    assert.deepEqual([Type, Files.map(({ Status }) => Status)], ['recording.completed', [1]])
    assert.equal((await cos.get(bucket, Files[0]!.Key))?.content.length, Files[0]!.Bytes)
  })

  test('a bucket that is down at the end gets everything when it is back', async () => {
    // Seven failures are more than storing a file endures by itself: the recording has to come back to it.
    const { promise: gaveUp, resolve } = Promise.withResolvers<undefined>()
    let hits = 0
    const id = await record('down', (key) => {
      cos.faults.add({ kind: 'internal-error', key: new RegExp(key), times: 7, onHit: () => { if (++hits === 6) resolve(undefined) } })
    })
    await gaveUp
    const during = await detail(id)
    assert.deepEqual([during.Status, during.Reason, during.Files.length], ['Finishing', 'RoomDismissed', 0])
    assert.equal((await spooled(id)).length, 2)

    const { Type, Files } = await ended(id)
    assert.equal(hits, 7)
    assert.deepEqual([Type, Files.map(({ Status, Partial }) => [Status, Partial])], ['recording.completed', [[1, false]]])
    assert.equal((await cos.get(bucket, Files[0]!.Key))?.content.length, Files[0]!.Bytes)
    assert.deepEqual(await spooled(id), [])
  })

  test('a file the bucket refuses is told of as such and stays in the spool; the others are stored', async () => {
    const id = await record('refusing', (key) => { cos.faults.add({ kind: 'early-denied', key: new RegExp(`${key}/unlucky/`), times: Infinity }) }, ['lucky', 'unlucky'])

    const { Type, Files } = await ended(id)
    assert.equal(Type, 'recording.completed')
    const [lucky, unlucky] = Files.sort((a, b) => a.UserId.localeCompare(b.UserId))
    assert.deepEqual([lucky?.UserId, lucky?.Status, lucky?.Message], ['lucky', 1, ''])
    assert.deepEqual([unlucky?.UserId, unlucky?.Status, unlucky?.RecordFile], ['unlucky', 0, ''])
    assert.match(unlucky?.Message ?? '', /refused .*AccessDenied/)
    assert.deepEqual((await spooled(id)).map((name) => name.replace(/.*\./, '')).sort(), ['m4a', 'ndjson'])
  })

  test('a recording none of whose files the bucket takes has failed, and says why', async () => {
    const id = await record('shut', (key) => { cos.faults.add({ kind: 'early-denied', key: new RegExp(key), times: Infinity }) })

    const { Type, Reason, Message, Files } = await ended(id)
    assert.deepEqual([Type, Reason, Files.map(({ Status }) => Status)], ['recording.failed', 'RoomDismissed', [0]])
    assert.match(Message, /AccessDenied/)
    assert.equal((await detail(id)).Status, 'Failed')
    assert.equal((await spooled(id)).length, 2)
  })

  test('a timeline is waited for while its bucket is away; one that is refused costs the recording nothing else', async () => {
    const { promise: gaveUp, resolve } = Promise.withResolvers<undefined>()
    let hits = 0
    const [refused, delayed] = await Promise.all([
      record('timeline-refused', (key) => { cos.faults.add({ kind: 'early-denied', key: new RegExp(`${key}/timeline`), times: Infinity }) }),
      record('timeline-delayed', (key) => {
        // As above, more than storing it endures by itself.
        cos.faults.add({ kind: 'internal-error', key: new RegExp(`${key}/timeline`), times: 7, onHit: () => { if (++hits === 6) resolve(undefined) } })
      })
    ])
    await gaveUp
    const during = await detail(delayed)
    const callbacks = await Promise.all([refused, delayed].map(ended))

    assert.deepEqual([during.Status, during.Files.length], ['Finishing', 1])
    assert.match(during.Message, /did not take .*timeline\.json/)
    assert.deepEqual(callbacks.map(({ Type, Message, Files }) => [Type, Message, Files.map(({ Status }) => Status)]), Array(2).fill(['recording.completed', '', [1]]))
    assert.deepEqual(callbacks.map(({ TimelineFile }) => TimelineFile.replace(/.*\//, '')), ['', 'timeline.json'])
    const timeline = await call(world.url, `/v1/recordings/${refused}/timeline`, { token: world.key })
    assert.equal(asTimeline(timeline.body).Users.length, 1, 'the call has it all the same')
  })

  test('a callback answered 503 comes again by the schedule, with the same id and a signature that others verify', async () => {
    const id = await record('receiver-away', () => undefined)

    const { Type } = await ended(id)
    assert.equal(Type, 'recording.completed')
    const attempts = receiver.attempts().filter(({ body }) => (body as Callback).RecordingId === id)
    assert.deepEqual(attempts.map(({ headers }) => headers['x-attempt']), ['1', '2'])
    assert.equal(new Set(attempts.map(({ id }) => id)).size, 1)
    assert.equal(new Set(attempts.map(({ raw }) => raw.toString())).size, 1)
    const waitedMs = attempts[1]!.receivedMs - attempts[0]!.receivedMs
    assert.ok(waitedMs >= 4_000 && waitedMs < 12_000, `came again after ${waitedMs} ms, and the schedule says 5 s ± 20 %`)
    for (const { raw, headers } of attempts) {
      assert.deepEqual(new Webhook(world.callbackSecret).verify(raw, headers as Record<string, string>), JSON.parse(raw.toString()))
    }
    const delivered = await eventually(async () => (await detail(id)).Deliveries.find(({ State }) => State === 'delivered'))
    assert.deepEqual([delivered.Attempts, delivered.LastStatus, delivered.LastError], [2, 200, null])
  })

  test('an account that may not relay to us makes a failed recording that says so', async (t) => {
    const mainland = 1_400_000_002
    const refusing = await startTrtcCloud({
      apps: [{ sdkAppId: mainland, secretKey: world.sdkSecretKey, callbackKey: world.callbackKey, callbackUrl: new URL('/trtc/events', world.url).href }],
      credentials: [world.cloudKeys],
      thirdPartyRelay: 'denied'
    })
    closeAfter(t, () => refusing.close())
    const body = { ...appOf(world), CloudEndpoint: refusing.endpoint }
    const app = await call(world.url, `/operator/tenants/${world.tenantId}/apps/${mainland}`, { method: 'PUT', token: world.adminToken, body })
    assert.equal(app.status, 200)

    const id = await start('denied', { SdkAppId: mainland })
    const room = refusing.room(mainland, 'denied')
    enterTalking(room, 'anchor')
    await eventually(async () => (await detail(id)).Tracks.length > 0 || undefined)
    await refusing.settled()
    await stop(id)

    const { Type, Reason, Message, Files } = await ended(id)
    assert.deepEqual([Type, Reason, Files], ['recording.failed', 'StopRequested', []])
    assert.match(Message, /UnsupportedOperation.*third-party/)
  })

  test('a Cloud API that is out of order for a moment is asked again', async () => {
    cloud.failNext('StartPublishCdnStream', 'InternalError')
    const id = await record('asked-again', () => undefined)

    const { Type, Files } = await ended(id)
    assert.deepEqual([Type, Files.length], ['recording.completed', 1])
  })
})
