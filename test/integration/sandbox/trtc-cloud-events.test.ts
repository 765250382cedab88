import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import type { Fate } from '../../../src/sandbox/cloud/events.ts'
import { startTrtcCloud, type TrtcCloud, type TrtcCloudOptions } from '../../../src/sandbox/trtc-cloud.ts'
import { verifySign } from '../../../src/trtc/sign.ts'
import { startCallbackServer, type ReceivedCallback } from '../../helpers/trtc-callbacks.ts'

const sdkAppId = 1400000001
const callbackKey = 'GatewayCallbackKey2026'
const clip = loadClip('low')

async function startCloud (t: TestContext, callbackUrl: string | undefined, options: Partial<TrtcCloudOptions> = {}): Promise<TrtcCloud> {
  const cloud = await startTrtcCloud({
    apps: [{ sdkAppId, secretKey: 'sandbox-secret-key', callbackKey, ...(callbackUrl === undefined ? {} : { callbackUrl }) }],
    credentials: [],
    ...options
  })
  t.after(() => cloud.close())
  return cloud
}

const typesOf = (received: ReceivedCallback[]) => received.map(({ event }) => event.type)

test('a visit is told as TRTC tells it: leaving without the stop of the audio, the dismissal without a user', async (t) => {
  const server = await startCallbackServer(t)
  const cloud = await startCloud(t, server.url)
  const room = cloud.room(sdkAppId, 'room-7f3a')

  const anchor = room.enter('anchor_001')
  anchor.talk(clip)
  anchor.mute()
  anchor.unmute()
  anchor.leave()
  await cloud.settled()

  assert.deepEqual(typesOf(server.received), [101, 103, 203, 204, 203, 104, 102])
  assert.partialDeepStrictEqual(server.received[1]!.event, { kind: 'userEntered', roomId: 'room-7f3a', userId: 'anchor_001', role: 'anchor' })
  assert.partialDeepStrictEqual(server.received[5]!.event, { kind: 'userLeft', userId: 'anchor_001', reason: 'normal' })
  const dismissed = JSON.parse(server.received[6]!.raw.toString()) as { EventInfo: object }
  assert.deepEqual(Object.keys(dismissed.EventInfo), ['RoomId', 'EventTs', 'EventMsTs'])
})

test('an event is signed over its exact bytes, which printing again would change', async (t) => {
  const server = await startCallbackServer(t)
  const cloud = await startCloud(t, server.url)

  cloud.room(sdkAppId, 8489).enter('user_85034614')
  const { raw, headers } = await server.next(({ event }) => event.kind === 'roomCreated')

  assert.equal(headers.sdkappid, String(sdkAppId))
  assert.match(headers['content-type']!, /^application\/json/)
  assert.match(raw.toString(), /^\{\n\t"EventGroupId":\t1,\n\t"EventType":\t101,\n\t"CallbackTs":\t\d{13},\n\t"EventInfo":\t\{\n\t\t"RoomId":\t8489,\n/)
  assert.ok(verifySign(raw, headers.sign as string, callbackKey))
  assert.equal(verifySign(Buffer.from(JSON.stringify(JSON.parse(raw.toString()))), headers.sign as string, callbackKey), false)
})

test('roles, removals, repeated entries and lost connections have their events', async (t) => {
  const server = await startCallbackServer(t)
  const cloud = await startCloud(t, server.url)
  const room = cloud.room(sdkAppId, 7)

  const host = room.enter('host')
  const viewer = room.enter('viewer', { role: 'audience' })
  assert.throws(() => viewer.talk(clip), /audience/)
  viewer.switchRole('anchor')
  viewer.talk(clip)
  viewer.switchRole('audience')
  room.enter('viewer')
  assert.throws(() => viewer.mute(), /left/)
  assert.equal(room.kick('viewer'), true)
  assert.equal(room.kick('viewer'), false)
  host.leave('timeout')
  await cloud.settled()

  assert.deepEqual(typesOf(server.received), [101, 103, 103, 105, 203, 105, 104, 103, 104, 104, 102])
  const leaves = server.received.flatMap(({ event }) => event.kind === 'userLeft' ? [`${event.userId} ${event.reason}`] : [])
  assert.deepEqual(leaves, ['viewer removed', 'viewer removed', 'host timeout'])
  const times = server.received.flatMap(({ event }) => 'eventMs' in event ? [event.eventMs] : [])
  assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b), 'no two events have the same time')
})

test('a room stays for a while after its audience and starts anew after its end', async (t) => {
  const server = await startCallbackServer(t)
  const cloud = await startCloud(t, server.url, { lingerMs: 30 })
  const room = cloud.room(sdkAppId, 7)

  room.enter('viewer', { role: 'audience' }).leave()
  assert.equal(room.live, true)
  await server.next(({ event }) => event.kind === 'roomDismissed')

  assert.equal(room.live, false)
  room.enter('viewer')
  await cloud.settled()
  assert.deepEqual(typesOf(server.received), [101, 103, 104, 102, 101, 103])
})

test('a receiver that hangs is tried again at once, then at intervals, and the event is dropped in the end', async (t) => {
  const server = await startCallbackServer(t, () => undefined)
  const cloud = await startCloud(t, server.url, { callbackTimings: { timeoutMs: 30, retryMs: 300, maxAgeMs: 1000 } })

  cloud.room(sdkAppId, 7).enter('a')
  await cloud.settled()

  const attempts = cloud.deliveries().filter(({ event }) => event.EventType === 101)
  assert.ok(attempts.every(({ outcome }) => outcome === 'timeout'))
  assert.ok(attempts.length === 3 || attempts.length === 4, `${attempts.length} attempts; a quiet machine makes them at 0, 30, 360 and 690 ms`)
  assert.deepEqual(attempts.map(({ attempt }) => attempt), attempts.map((_, index) => index + 1))
  const gaps = attempts.slice(1).map(({ startedMs }, index) => startedMs - attempts[index]!.startedMs)
  assert.ok(gaps[0]! < gaps[1]!, 'the second attempt follows at once')
})

test('an answer that is not 200, and none at all, are failures that are tried again', async (t) => {
  const server = await startCallbackServer(t, (response, count) => {
    if (count === 1) response.writeHead(503).end()
    else if (count === 2) response.destroy()
    else response.end()
  })
  const cloud = await startCloud(t, server.url, { callbackTimings: { retryMs: 10 }, fate: ({ EventType }) => EventType === 101 ? 'once' : 'never' })

  cloud.room(sdkAppId, 7).enter('a')
  await cloud.settled()

  assert.deepEqual(cloud.deliveries().map(({ outcome, status }) => [outcome, status]), [['refused', 503], ['unreachable', undefined], ['answered', 200]])
  assert.deepEqual(new Set(server.received.map(({ raw }) => raw.toString())).size, 1, 'the same bytes each time')
})

test('where any answer ends an event, a 503 loses it, and only no answer is tried again', async (t) => {
  const server = await startCallbackServer(t, (response, count) => {
    if (count === 1) response.destroy()
    else if (count > 2) response.writeHead(503).end()
  })
  const cloud = await startCloud(t, server.url, {
    callbackTimings: { timeoutMs: 200, retryMs: 10 },
    quirks: { anyAnswerEnds: true },
    fate: ({ EventType }) => EventType === 101 ? 'once' : 'never'
  })

  cloud.room(sdkAppId, 7).enter('a')
  await cloud.settled()

  assert.deepEqual(cloud.deliveries().map(({ outcome, status }) => [outcome, status]), [['unreachable', undefined], ['timeout', undefined], ['refused', 503]])
})

test('with restamped retries the bytes and the signature change, the event does not', async (t) => {
  const server = await startCallbackServer(t, (response, count) => response.writeHead(count < 3 ? 500 : 200).end())
  const cloud = await startCloud(t, server.url, { callbackTimings: { retryMs: 20 }, quirks: { restampRetries: true }, fate: ({ EventType }) => EventType === 101 ? 'once' : 'never' })

  cloud.room(sdkAppId, 7).enter('a')
  await cloud.settled()

  const [first, , third] = server.received
  assert.notEqual(first!.headers.sign, third!.headers.sign)
  assert.ok(verifySign(third!.raw, third!.headers.sign as string, callbackKey))
  assert.deepEqual({ ...third!.event, sentMs: 0 }, { ...first!.event, sentMs: 0 })
})

test('events can be doubled, swapped and lost on their way', async (t) => {
  const server = await startCallbackServer(t)
  const fates: Partial<Record<number, Fate>> = { 101: 'late', 103: 'twice', 203: 'never' }
  const cloud = await startCloud(t, server.url, { fate: ({ EventType }) => fates[EventType] ?? 'once' })
  const anchor = cloud.room(sdkAppId, 7).enter('a')

  anchor.talk(clip)
  anchor.mute()
  await cloud.settled()

  assert.deepEqual(typesOf(server.received), [103, 103, 101, 204])
})

test('an answer of 2000 bytes is too large for a strict cloud', async (t) => {
  const server = await startCallbackServer(t, (response, count) => response.end(count === 1 ? 'x'.repeat(2000) : ''))
  const cloud = await startCloud(t, server.url, { strict: true, callbackTimings: { retryMs: 10 }, fate: ({ EventType }) => EventType === 101 ? 'once' : 'never' })

  cloud.room(sdkAppId, 7).enter('a')
  await cloud.settled()

  assert.deepEqual(cloud.deliveries().map(({ outcome }) => outcome), ['answer too large', 'answered'])
})

test('the dismissal may name a numeric room by text, as one of TRTC\'s samples does', async (t) => {
  const server = await startCallbackServer(t)
  const cloud = await startCloud(t, server.url, { quirks: { quoteDismissedRoom: true } })
  const room = cloud.room(sdkAppId, 7)
  room.enter('a')

  room.dismiss()
  const { event } = await server.next(({ event }) => event.kind === 'roomDismissed')

  assert.partialDeepStrictEqual(event, { roomId: '7' })
})

test('without a callback URL events go nowhere, and with one only those that follow', async (t) => {
  const server = await startCallbackServer(t)
  const cloud = await startCloud(t, undefined)
  const anchor = cloud.room(sdkAppId, 7).enter('a')
  cloud.setCallbackUrl(sdkAppId, server.url)

  anchor.leave()
  await cloud.settled()

  assert.deepEqual(typesOf(server.received), [104, 102])
})
