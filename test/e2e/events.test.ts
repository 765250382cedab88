import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { CallbackEvent } from '../../src/callback/events.ts'
import { endpointUrlContext } from '../../src/callback/seal-contexts.ts'
import { createSeal } from '../../src/core/seal.ts'
import { startReceiver } from '../../src/sandbox/receiver.ts'
import { openDatabase } from '../../src/state/database.ts'
import { asEvent } from '../helpers/events.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter } from '../helpers/scope.ts'
import { appOf, call, enterTalking, patienceMs, sdkAppId, startWorld, talked } from '../helpers/world.ts'

type Told<Type extends CallbackEvent['Type']> = Extract<CallbackEvent, { Type: Type }>
type Ended = Extract<CallbackEvent, { Files: unknown }>

test('an endpoint hears of a recording from its first audio to its end, and the Callback of its end alone', async (t) => {
  const postgres = await startPostgres()
  closeAfter(t, () => postgres.stop())
  const url = await postgres.createDatabase('roomtape')
  const masterKey = randomBytes(32)
  const world = await startWorld(t, { env: { DATABASE_URL: url, MASTER_KEY: masterKey.toString('base64') } })
  const hearing = await startReceiver({ secrets: [world.callbackSecret] })
  closeAfter(t, () => hearing.close())
  const database = await openDatabase({ dataDir: '', url, onError: () => undefined })
  closeAfter(t, () => database.close())
  const sealedUrl = createSeal(masterKey).seal(hearing.url, endpointUrlContext('ep_1'))
  await database.kysely.insertInto('endpoints').values({ id: 'ep_1', tenantId: world.tenantId, sealedUrl, types: '["*"]', filters: '{}', createdMs: 1, updatedMs: 1 }).execute()
  const heard: CallbackEvent[] = []
  const next = async (type: CallbackEvent['Type'], matches: (event: CallbackEvent) => boolean = () => true) => {
    const isIt = ({ body }: { body: unknown }): boolean => (body as CallbackEvent).Type === type && matches(body as CallbackEvent)
    const { body, signature } = await hearing.next(isIt, { signal: AbortSignal.timeout(patienceMs) })
    assert.equal(signature, 'valid')
    heard.push(asEvent(body))
    return body as CallbackEvent
  }

  const id = await world.start('room', { Policies: [{ UserIds: ['anchor'], Label: 'strict' }], Metadata: { Lesson: 7 } })
  const room = world.cloud.room(sdkAppId, 'room')
  enterTalking(room, 'anchor')
  await talked(world, 'room', 'anchor', 1_500)
  const started = await next('recording.started') as Told<'recording.started'>
  await next('recording.updated', (event) => (event as Told<'recording.updated'>).Status === 'Recording')
  const began = await next('track.started') as Told<'track.started'>
  world.cloud.failNext('StartPublishCdnStream', 'InvalidParameter')
  enterTalking(room, 'ben', 'high')
  const warned = await next('recording.updated', (event) => (event as Told<'recording.updated'>).Warning !== undefined) as Told<'recording.updated'>
  room.dismiss()
  const stopped = await next('track.stopped', (event) => (event as Told<'track.stopped'>).Track.UserId === 'anchor') as Told<'track.stopped'>
  const ended = await next('recording.completed') as Ended
  for (const status of ['Finishing', 'Completed']) await next('recording.updated', (event) => (event as Told<'recording.updated'>).Status === status)

  assert.deepEqual(new Set(heard.map((event) => 'RecordingId' in event && event.RecordingId)), new Set([id]))
  assert.deepEqual([started.Trigger, started.UserId, started.Metadata], ['Request', 'rec_1', { Lesson: 7 }])
  assert.ok(started.LatencyMs > 0 && started.LatencyMs < 10_000 && started.StartMs >= started.CreatedMs + started.LatencyMs, `${started.LatencyMs} ms`)
  assert.deepEqual([began.Track.UserId, began.Track.Label, began.Track.Number], ['anchor', 'strict', 1])
  assert.deepEqual([warned.Status, warned.Warning?.Code, warned.Warning?.UserId, warned.Warning?.Label], ['Recording', 'StartRefused', 'ben', ''])
  assert.deepEqual([stopped.Track.TrackId, stopped.Track.Reason], [began.Track.TrackId, 'RecordingEnded'])
  assert.deepEqual(stopped.Track.Files, ended.Files.filter(({ UserId }) => UserId === 'anchor'))
  const called = await world.ended(id)
  assert.deepEqual(called, ended)
  assert.deepEqual(world.receiver.attempts().map(({ body }) => (body as CallbackEvent).Type), ['recording.completed'])
})

test('an app for receivers of the serverless template tells them the end with its five fields and nothing else', async (t) => {
  const world = await startWorld(t)
  const path = `/operator/tenants/${world.tenantId}/apps/${sdkAppId}`
  const app = await call(world.url, path, { method: 'PUT', token: world.adminToken, body: { ...appOf(world), CallbackFormat: 'template' } })
  const rooms = [['as the app says', {}, 7_001], ['as the start says', { CallbackFormat: 'full', UserId: 'rec_2' }, 7_002]] as const
  const ids = await Promise.all(rooms.map(([, body, roomId]) => world.start(roomId, { Output: { SegmentSeconds: 2 }, ...body })))
  for (const [, , roomId] of rooms) enterTalking(world.cloud.room(sdkAppId, roomId), 'anchor')
  for (const [, , roomId] of rooms) await talked(world, roomId, 'anchor', 1_500)
  for (const [, , roomId] of rooms) world.cloud.room(sdkAppId, roomId).dismiss()

  const full = await world.ended(ids[1]!)
  const { body, signature, headers } = await world.receiver.next(({ body }) => (body as { RoomId: unknown }).RoomId === '7001', { signal: AbortSignal.timeout(patienceMs) })

  assert.deepEqual([app.status, app.body.CallbackFormat], [200, 'template'])
  assert.deepEqual([signature, full.Type], ['valid', 'recording.completed'])
  assert.match(String(headers['webhook-id']), /^evt_/)
  const [file] = (await world.detail(ids[0]!)).Files as Array<{ Key: string, RecordFile?: string }>
  const { Files: [{ RecordFile } = { RecordFile: '' }], ...rest } = body as { Files: Array<{ RecordFile: string }> }
  assert.deepEqual(rest, { SdkAppId: String(sdkAppId), RoomId: '7001', StrRoomId: '', UserId: 'rec_1' })
  assert.deepEqual((body as { Files: unknown }).Files, [{ UserId: 'anchor', RecordFile, Status: 1, Message: '' }])
  assert.ok(RecordFile.endsWith(file!.Key), RecordFile)
  const ofFirst = world.receiver.attempts().filter(({ body }) => (body as { RoomId: unknown }).RoomId === '7001')
  assert.equal(ofFirst.length, 1, 'segments are not told of in this form')
})
