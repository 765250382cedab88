import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { roomMsOf } from '../../examples/timeline.ts'
import type { ReceivedAttempt } from '../../src/sandbox/receiver.ts'
import { framesOf } from '../helpers/frames.ts'
import { spawnGateway } from '../helpers/gateway-process.ts'
import { listen, tonesHeard } from '../helpers/listen.ts'
import { asTimeline } from '../helpers/timeline.ts'
import {
  asTenant, bucket, call, enterTalking, environment, eventually, provision, sdkAppId, startOutside, startWorld, talked, temporaryFolder, type Outside
} from '../helpers/world.ts'
import { toneClips } from '../../src/sandbox/audio/clips.ts'

interface SegmentEvent {
  Id: string
  Type: string
  UserId: string
  RecordingId: string
  Segment: {
    UserId: string
    TrackId: string
    Seq: number
    StartMs: number
    EndMs: number
    DurationMs: number
    GapMs: number
    Bytes: number
    Sha256: string
    Partial: boolean
    Bucket: string
    Key: string
    RecordFile: string
    Label: string
  }
}

/** Every segment that was told of, by user, track and number; each event once, each signed. */
function told ({ receiver }: Outside, recordingId: string): SegmentEvent['Segment'][] {
  const attempts = receiver.attempts().filter(({ body }: ReceivedAttempt) => {
    const event = body as SegmentEvent
    return event.RecordingId === recordingId && event.Type === 'segment.uploaded'
  })
  assert.ok(attempts.every(({ signature }) => signature === 'valid'))
  const events = attempts.map(({ body }) => body as SegmentEvent)
  assert.equal(new Set(events.map(({ Segment: { TrackId, Seq } }) => `${TrackId} ${Seq}`)).size, events.length, 'none is told of twice')
  return events.map(({ Segment }) => Segment).sort((a, b) => a.StartMs - b.StartMs)
}

async function object ({ cos }: Outside, key: string): Promise<Buffer> {
  const found = await cos.get(bucket, key)
  assert.ok(found, key)
  return found.content
}

/** What holds of the segments of one track and its files: the same frames, numbered without holes, each as it is told of. */
async function checkTrack (outside: Outside, segments: SegmentEvent['Segment'][], ...fileKeys: readonly string[]): Promise<void> {
  assert.deepEqual(segments.map(({ Seq }) => Seq), segments.map((_, index) => index + 1))
  const frames: string[] = []
  for (const segment of segments) {
    const content = await object(outside, segment.Key)
    assert.equal(content.length, segment.Bytes)
    assert.equal(createHash('sha256').update(content).digest('hex'), segment.Sha256)
    const [, track = '1'] = /track-(\d+)-\d+\./.exec(fileKeys[0] ?? '') ?? []
    assert.ok(segment.Key.includes(`/segments${track === '1' ? '' : `-${track}`}/${String(segment.Seq).padStart(8, '0')}_${segment.StartMs}.`))
    const heard = await listen(content)
    assert.ok(Math.abs(heard.pcm.length * 1000 / heard.sampleRate - segment.DurationMs) <= 1, `segment ${segment.Seq} plays as long as it says`)
    frames.push(...framesOf(content))
  }
  const ofFiles = await Promise.all(fileKeys.map(async (key) => framesOf(await object(outside, key))))
  assert.deepEqual(frames, ofFiles.flat())
}

// Real time, so beside one another
suite('segments', { concurrency: true }, () => {
  test('while a room talks its segments are stored and told of, and together they are the track', async (t) => {
    const world = await startWorld(t)
    const id = await world.start('room', { Output: { SegmentSeconds: 2 }, Policies: [{ UserIds: ['muting'], Label: 'strict' }] })
    const room = world.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'steady', 'low')
    const muting = enterTalking(room, 'muting', 'high')
    await Promise.all(['steady', 'muting'].map((userId) => talked(world, 'room', userId, 3_000)))
    muting.mute()
    await sleep(4_000) // the room is real time
    const live = told(world, id)
    room.dismiss()

    const { Type, Files } = await world.ended(id)
    const segments = told(world, id)
    assert.equal(Type, 'recording.completed')
    assert.ok(live.filter(({ UserId }) => UserId === 'steady').length >= 2, 'told of while the room talks')
    const mutedAt = live.filter(({ UserId }) => UserId === 'muting').at(-1)!
    assert.deepEqual(segments.filter(({ UserId }) => UserId === 'muting').at(-1), mutedAt, 'the last words came while the speaker was silent')
    for (const { UserId, Key } of Files) {
      const own = segments.filter((segment) => segment.UserId === UserId)
      await checkTrack(world, own, Key)
      for (const { Label, Bucket, Partial, GapMs } of own) assert.deepEqual([Label, Bucket, Partial, GapMs], [UserId === 'muting' ? 'strict' : '', bucket, false, 0])
      const heard = await Promise.all(own.map(async ({ Key }) => tonesHeard(await listen(await object(world, Key)))))
      assert.deepEqual([...new Set(heard.flat().map(({ frequency }) => frequency))], [UserId === 'muting' ? toneClips.high : toneClips.low], 'each is heard alone')
    }
    // One grid for all: whatever begins in a cell that its speaker has been talking in begins at that cell's start
    const offsets = segments.filter(({ Seq }) => Seq > 1).map(({ StartMs }) => StartMs % 2_000)
    assert.ok(Math.max(...offsets) - Math.min(...offsets) <= 22, `starts after the cell's: ${offsets.join(' ')}`)
    const { Tracks } = await world.detail(id)
    for (const { UserId, Segments, LastSeq } of Tracks) {
      const count = segments.filter((segment) => segment.UserId === UserId).length
      assert.deepEqual([Segments, LastSeq], [count, count])
    }
    const timeline = asTimeline((await call(world.url, `/v1/recordings/${id}/timeline`, { token: world.key })).body)
    for (const { UserId, Tracks: [track] } of timeline.Users) {
      const [file] = track!.Files
      assert.deepEqual(track!.Segments.map(({ Key }) => Key), segments.filter((segment) => segment.UserId === UserId).map(({ Key }) => Key))
      for (const { StartMs, FileMs } of track!.Segments) assert.ok(Math.abs(roomMsOf(file!, FileMs) - StartMs) <= 22, 'each stands in the file where it says')
    }
  })

  test('a bucket that is busy for a while gets every segment, in order while the track is written; ADTS when that is asked for', async (t) => {
    const world = await startWorld(t)
    const id = await world.start('room', { Output: { SegmentSeconds: 2, Format: 'aac' } })
    const { promise: refused, resolve } = Promise.withResolvers<undefined>()
    let hits = 0
    world.cos.faults.add({ kind: 'slow-down', action: 'put', key: /segments/, times: 9, onHit: () => { if (++hits === 9) resolve(undefined) } })
    const room = world.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'anchor')
    await talked(world, 'room', 'anchor', 5_000)
    await refused
    await eventually(async () => told(world, id).length >= 3 || undefined)
    const stored = (): string[] => [...new Set(world.cos.log.filter(({ action, key, status }) => action === 'put' && /segments/.test(key) && status === 200).map(({ key }) => key))]
    const live = stored()
    room.dismiss()

    const { Files } = await world.ended(id)
    const segments = told(world, id)
    assert.match(Files[0]!.Key, /track\.aac$/)
    assert.ok(segments.every(({ Key }) => Key.endsWith('.aac')))
    await checkTrack(world, segments, Files[0]!.Key)
    const keys = segments.map(({ Key }) => Key)
    assert.deepEqual(live, keys.slice(0, live.length), 'in the order of their numbers')
    // Those left when the track is over go several at a time.
    assert.deepEqual(stored().sort(), keys)
  })

  test('a gateway that is killed goes on with its segments after its restart: none is missing, none is told of twice', async (t) => {
    const outside = await startOutside(t)
    const env = environment(outside, await temporaryFolder(t))
    const first = await spawnGateway(t, env)
    const tenant = await provision(first.url, first.adminToken, outside)
    const id = await asTenant(first.url, outside, tenant).start('room', { Output: { SegmentSeconds: 2 } })
    const room = outside.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'anchor')
    // From the second segment on the bucket is away, so that the crash finds some that are not sent
    const former = await talked(outside, 'room', 'anchor', 0)
    await eventually(async () => told(outside, id).length >= 1 || undefined)
    outside.cos.faults.add({ kind: 'slow-down', action: 'put', key: /segments/, times: Infinity })
    await sleep(4_500)

    await first.kill()
    outside.cos.faults.clear()
    const second = await spawnGateway(t, env)
    outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', second.url).href)
    await talked(outside, 'room', 'anchor', 2_500, [former])
    room.dismiss()

    const { Files } = await asTenant(second.url, outside, tenant).ended(id)
    const segments = told(outside, id)
    assert.deepEqual(Files.map(({ Partial }) => Partial), [true, false])
    assert.equal(new Set(segments.map(({ TrackId }) => TrackId)).size, 1, 'the track goes on')
    await checkTrack(outside, segments, ...Files.map(({ Key }) => Key))
    const before = segments.filter(({ StartMs }) => StartMs < Files[0]!.EndMs)
    assert.deepEqual(segments.map(({ Partial }) => Partial), segments.map((_, index) => index === before.length - 1))
  })
})
