import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { roomMsOf } from '../../examples/timeline.ts'
import { loadClip, secondOfTone, toneClips, toneSeconds, type ToneClip } from '../../src/sandbox/audio/clips.ts'
import { listen, peakBetween, tonesHeard, type Heard } from '../helpers/listen.ts'
import { asTimeline } from '../helpers/timeline.ts'
import { bucket, call, environment, provision, sdkAppId, startOutside, startTestGateway, temporaryFolder } from '../helpers/world.ts'

interface CallbackFile { UserId: string, Key: string, Status: number, Bytes: number, StartMs: number, DurationMs: number, GapMs: number, Partial: boolean }
interface Detail { TimelineFile: string, Files: { UserId: string, Gaps: { StartMs: number, EndMs: number, Cause: string }[] }[] }
interface Callback { Type: string, RecordingId: string, Reason: string, Files: CallbackFile[], TimelineFile: string, Metadata: unknown }

/** What a machine that is busy adds to whole rooms; test/integration/tracks/tones.test.ts looks closer. */
const toleranceMs = 200

const clipOf: Record<string, ToneClip> = { steady: 'low', muting: 'middle', leaving: 'high' }

interface Placing {
  userId: string
  /** The room's time of a moment of the file, from 0. */
  inRoom: (fileMs: number) => number
  /** Where in the file something was cut out: what sounds across it is no one tone. */
  seams?: number[]
}

/** Every whole tone is the user's own and stands at the second of the room whose number it tells. */
function assertTonesInPlace (heard: Heard, { userId, inRoom, seams = [] }: Placing): void {
  const bursts = tonesHeard(heard)
  assert.deepEqual([...new Set(bursts.map(({ frequency }) => frequency))], [toneClips[clipOf[userId]!]], `${userId} is heard alone`)
  const whole = bursts.filter(({ startMs, lengthMs }) => startMs > 60 && startMs + lengthMs < heard.durationSeconds * 1000 - 60)
  let placed = 0
  for (const { startMs, lengthMs } of whole) {
    if (seams.some((ms) => startMs - 20 <= ms && ms <= startMs + lengthMs + 20)) continue
    const atMs = inRoom(startMs)
    const second = Math.round(atMs / 1000)
    // A tone that a join or a mute cut short says nothing of its second.
    if (secondOfTone.lengthMs(second % toneSeconds) - lengthMs > 20) continue
    assert.equal(secondOfTone.ofLength(lengthMs), second % toneSeconds, `${userId}: tone of ${lengthMs} ms at ${atMs}`)
    assert.ok(Math.abs(atMs - second * 1000) <= toleranceMs, `${userId}: second ${second} at ${atMs} ms`)
    placed++
  }
  assert.ok(placed >= 2, `${userId}: ${placed} tones tell their second`)
}

test('each file of a room holds its speaker alone, every second in its place, mutes and absence as silence', async (t) => {
  const outside = await startOutside(t)
  const gateway = await startTestGateway(t, environment(outside, await temporaryFolder(t)))
  const { key } = await provision(gateway.url, gateway.adminToken, outside)
  const start = await call(gateway.url, '/v1/recordings', {
    method: 'POST',
    token: key,
    body: { SdkAppId: sdkAppId, StrRoomId: 'room-7f3a', UserId: 'rec_1', Callback: outside.receiver.url, Metadata: { Lesson: 7 } }
  })
  assert.equal(start.status, 202, JSON.stringify(start.body))
  const cutting = await call(gateway.url, '/v1/recordings', {
    method: 'POST',
    token: key,
    body: { SdkAppId: sdkAppId, StrRoomId: 'room-7f3a', UserId: 'rec_2', Callback: outside.receiver.url, Output: { FillGaps: false } }
  })
  assert.equal(cutting.status, 202, JSON.stringify(cutting.body))

  const room = outside.cloud.room(sdkAppId, 'room-7f3a')
  const heardAt: Array<{ userId: string, fromMs: number, toMs: number }> = []
  const speaks = (userId: string, fromMs: number): void => { heardAt.push({ userId, fromMs, toMs: Date.now() }) }
  const steady = room.enter('steady')
  const muting = room.enter('muting')
  const leaving = room.enter('leaving')
  steady.talk(loadClip('low'))
  muting.talk(loadClip('middle'))
  leaving.talk(loadClip('high'))
  const t0 = Date.now()
  // The room is real time: three seconds of talk are three seconds of test.
  await sleep(3_000)
  muting.mute()
  const mutedMs = Date.now()
  speaks('muting', t0)
  leaving.leave()
  speaks('leaving', t0)
  await sleep(2_000)
  muting.unmute()
  const t1 = Date.now()
  const back = room.enter('leaving')
  back.talk(loadClip('high'))
  await sleep(3_000)
  speaks('muting', t1)
  speaks('leaving', t1)
  speaks('steady', t0)
  room.dismiss()

  const ended = (id: unknown) => outside.receiver.next(({ body }) => (body as Callback).RecordingId === id, { signal: AbortSignal.timeout(20_000) })
  const { body, signature } = await ended(start.body.RecordingId)
  const callback = body as Callback
  assert.equal(callback.Type, 'recording.completed')
  assert.equal(signature, 'valid')
  assert.equal(callback.Reason, 'RoomDismissed')
  assert.equal(callback.RecordingId, start.body.RecordingId)
  assert.deepEqual(callback.Metadata, { Lesson: 7 })
  assert.deepEqual(callback.Files.map(({ UserId, Status, Partial }) => ({ UserId, Status, Partial })).sort((a, b) => a.UserId.localeCompare(b.UserId)),
    ['leaving', 'muting', 'steady'].map((UserId) => ({ UserId, Status: 1, Partial: false })))

  for (const file of callback.Files) {
    const object = await outside.cos.get(bucket, file.Key)
    assert.ok(object, file.Key)
    assert.equal(object.content.length, file.Bytes)
    const heard = await listen(object.content)
    assertTonesInPlace(heard, { userId: file.UserId, inRoom: (fileMs) => file.StartMs + fileMs - room.startMs })
    assert.ok(Math.abs(heard.durationSeconds * 1000 - file.DurationMs) <= 1, 'the container says the true duration')

    // Nothing between the stretches of talk.
    const stretches = heardAt.filter(({ userId }) => userId === file.UserId)
    for (const [first, next] of stretches.slice(0, -1).map((stretch, index) => [stretch, stretches[index + 1]!] as const)) {
      assert.ok(peakBetween(heard, first.toMs + 200 - file.StartMs, next.fromMs - 20 - file.StartMs) < 0.01, `${file.UserId} is silent while away`)
      assert.ok(file.GapMs > 1_500, `${file.UserId}: ${file.GapMs} ms of gaps`)
    }
  }

  const timelineKey = `lessons/${sdkAppId}/room-7f3a/${callback.RecordingId}/timeline.json`
  assert.ok(callback.TimelineFile.endsWith(timelineKey), callback.TimelineFile)
  const stored = await outside.cos.get(bucket, timelineKey)
  const timeline = asTimeline(JSON.parse(String(stored?.content)))
  const now = await call(gateway.url, `/v1/recordings/${callback.RecordingId}/timeline`, { token: key })
  assert.deepEqual({ ...now.body, TimestampMs: timeline.TimestampMs }, timeline, 'the API gives what was stored')
  const detail = await call<Detail>(gateway.url, `/v1/recordings/${callback.RecordingId}`, { token: key })
  assert.equal(detail.body.TimelineFile, callback.TimelineFile)

  const near = (actualMs: number | null | undefined, expectedMs: number): void => {
    assert.ok(typeof actualMs === 'number' && Math.abs(actualMs - expectedMs) <= 250, `${actualMs ?? 'nothing'}, expected ${expectedMs}`)
  }
  assert.deepEqual(timeline.Users.map(({ UserId }) => UserId), ['leaving', 'muting', 'steady'])
  const causes: Record<string, string[]> = { leaving: ['left'], muting: ['muted'], steady: [] }
  for (const { UserId, Present, Mutes, Tracks, Gaps } of timeline.Users) {
    const [file, ...more] = Tracks.flatMap(({ Files }) => Files)
    assert.ok(file !== undefined && more.length === 0 && Gaps.length === 0)
    const long = file.Gaps.filter(({ StartMs, EndMs }) => EndMs - StartMs > 1_000)
    assert.deepEqual(long.map(({ Cause }) => Cause), causes[UserId])
    assert.deepEqual(detail.body.Files.find((each) => each.UserId === UserId)?.Gaps, file.Gaps.map(({ StartMs, EndMs, Cause }) => ({ StartMs, EndMs, Cause })))
    for (const { StartMs, FileMs } of file.Gaps) near(file.StartMs + FileMs, StartMs)
    assert.deepEqual(Present.map(({ LeaveReason }) => LeaveReason), UserId === 'leaving' ? ['normal', 'dismissed'] : ['dismissed'])
    near(Present[0]?.StartMs, t0)
    if (UserId === 'leaving') for (const [at, expected] of [[Present[0]?.EndMs, mutedMs], [Present[1]?.StartMs, t1]] as const) near(at, expected)
    // Nobody is heard before the first 203.
    const told = Mutes.filter(({ StartMs, EndMs }) => (EndMs ?? Infinity) - StartMs > 1_000)
    assert.equal(told.length, UserId === 'muting' ? 1 : 0)
    if (UserId === 'muting') for (const [at, expected] of [[told[0]?.StartMs, mutedMs], [told[0]?.EndMs, t1]] as const) near(at, expected)
  }

  // The other recorder cut the gaps out: its timeline says where in the room each moment of its files is.
  const cut = (await ended(cutting.body.RecordingId)).body as Callback
  const cutTimeline = asTimeline((await call(gateway.url, `/v1/recordings/${cut.RecordingId}/timeline`, { token: key })).body)
  for (const { UserId, Tracks } of cutTimeline.Users) {
    const [file] = Tracks.flatMap(({ Files }) => Files)
    assert.ok(file !== undefined)
    assert.equal(file.EndMs - file.StartMs - file.DurationMs > 1_500, UserId !== 'steady', `${UserId}: ${file.DurationMs} ms`)
    const heard = await listen((await outside.cos.get(bucket, file.Key))!.content)
    assertTonesInPlace(heard, { userId: UserId, inRoom: (fileMs) => roomMsOf(file, fileMs) - room.startMs, seams: file.Gaps.map(({ FileMs }) => FileMs) })
  }
})
