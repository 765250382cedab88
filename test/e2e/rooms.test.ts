import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadClip } from '../../src/sandbox/audio/clips.ts'
import type { CallbackEvent, Fate } from '../../src/sandbox/cloud/events.ts'
import { connectPublisher } from '../../src/sandbox/rtmp-publisher.ts'
import { listen, peakBetween } from '../helpers/listen.ts'
import { asTimeline } from '../helpers/timeline.ts'
import { bucket, call, enterTalking, eventually, sdkAppId, startWorld, talked, type Callback } from '../helpers/world.ts'

const seen = new Set<string>()
const world = await startWorld({ after }, { cloud: { fate }, env: { RESUME_HOLD_SECONDS: '0' } })
const { cloud, start, stop, ended, url, key } = world

interface Span { startMs: number, endMs: number }

/** Events of the room 'wild' come doubled, and entering and leaving come after what happened next. */
function fate ({ EventType, EventInfo: { RoomId, UserId } }: CallbackEvent): Fate {
  if (RoomId !== 'wild') return 'once'
  const first = !seen.has(`${EventType} ${String(UserId)}`)
  seen.add(`${EventType} ${String(UserId)}`)
  if (EventType === 102) return 'twice'
  return first && (EventType === 103 || EventType === 104 || EventType === 204) ? 'late' : 'twice'
}

async function play (roomId: string): Promise<Callback> {
  const id = await start(roomId)
  const room = cloud.room(sdkAppId, roomId)
  const mutes = enterTalking(room, 'mutes')
  const leaves = enterTalking(room, 'leaves', 'high')
  await Promise.all([talked(world, roomId, 'mutes', 1_000), talked(world, roomId, 'leaves', 1_000)])
  mutes.mute()
  leaves.leave()
  enterTalking(room, 'leaves', 'high')
  mutes.unmute()
  room.enter('listens', { role: 'audience' })
  await sleep(200) // so that the push of before is not taken for that of after
  await talked(world, roomId, 'leaves', 1_000)
  room.dismiss()
  return ended(id)
}

suite('rooms', { concurrency: true }, () => {
  test('late, doubled and reordered events change nothing', async () => {
    const [calm, wild] = await Promise.all([play('calm'), play('wild')])

    const told = ({ Type, Reason, Files }: Callback): unknown[] => [Type, Reason, Files.map(({ UserId, Status, Partial }) => [UserId, Status, Partial]).sort()]
    assert.deepEqual(told(calm), ['recording.completed', 'RoomDismissed', [['leaves', 1, false], ['mutes', 1, false]]])
    assert.deepEqual(told(wild), told(calm))
    for (const file of wild.Files) assert.ok(file.DurationMs > 2_000, `${file.UserId}: ${file.DurationMs} ms`)
    await cloud.settled()
    const sent = cloud.deliveries().filter(({ event }) => event.EventInfo.RoomId === 'wild')
    assert.ok(sent.length > 15)
    const answers = sent.flatMap(({ status }) => status ?? []) // TRTC sends again what is not answered in time
    assert.deepEqual([...new Set(answers)], [200])
  })

  test('only subscribers are recorded, and labels go with their files', async () => {
    const id = await start('chosen', {
      Subscribe: { UserIds: ['teacher', 'student-*'], ExcludeUserIds: ['student-shy*'] },
      Policies: [{ UserIds: ['student-*'], Label: 'strict' }, { UserIds: ['*'], Label: 'lenient' }]
    })
    const room = cloud.room(sdkAppId, 'chosen')
    for (const userId of ['teacher', 'student-1', 'student-shy-2', 'stranger']) enterTalking(room, userId)
    await Promise.all(['teacher', 'student-1'].map((userId) => talked(world, 'chosen', userId, 600)))
    room.dismiss()

    const { Files } = await ended(id)
    assert.deepEqual(Files.map(({ UserId, Label }) => [UserId, Label]).sort(), [['student-1', 'strict'], ['teacher', 'lenient']])
    assert.deepEqual(cloud.tasks().filter(({ roomId }) => roomId === 'chosen').map(({ anchorUserId }) => anchorUserId).sort(), ['student-1', 'teacher'])
  })

  test('somebody who goes from the audience to the stage is recorded from then on', async () => {
    const id = await start('stage')
    const room = cloud.room(sdkAppId, 'stage')
    const guest = room.enter('guest', { role: 'audience' })
    enterTalking(room, 'host')
    await talked(world, 'stage', 'host', 500)
    guest.switchRole('anchor')
    guest.talk(loadClip('high'))
    await talked(world, 'stage', 'guest', 700)
    guest.switchRole('audience')
    await talked(world, 'stage', 'host', 300)
    room.dismiss()

    const { Files } = await ended(id)
    assert.deepEqual(Files.map(({ UserId }) => UserId).sort(), ['guest', 'host'])
  })

  test('a pause leaves out what is said, of whom it is for and nobody else, and the room\'s time goes on', async () => {
    const id = await start('paused')
    const room = cloud.room(sdkAppId, 'paused')
    const pauses: Span[] = []
    const pauseFor = async (UserIds: string[] | undefined, meanwhile: () => Promise<void>): Promise<void> => {
      const ask = async (what: string): Promise<void> => {
        const { status, body } = await call(url, `/v1/recordings/${id}/${what}`, { method: 'POST', token: key, ...UserIds && { body: { UserIds } } })
        assert.equal(status, 202, JSON.stringify(body))
      }
      await ask('pause')
      const startMs = Date.now()
      await Promise.all([meanwhile(), sleep(2_000)])
      pauses.push({ startMs, endMs: Date.now() })
      await ask('resume')
    }
    enterTalking(room, 'anna')
    enterTalking(room, 'ben', 'middle')
    await Promise.all(['anna', 'ben'].map((userId) => talked(world, 'paused', userId, 1_000)))
    await pauseFor(['anna', 'late'], async () => {
      enterTalking(room, 'late', 'high')
      await talked(world, 'paused', 'late', 0)
      const { body } = await call<{ Paused: boolean, Tracks: { UserId: string, Paused: boolean }[] }>(url, `/v1/recordings/${id}`, { token: key })
      assert.equal(body.Paused, false)
      assert.deepEqual(body.Tracks.map(({ UserId, Paused }) => [UserId, Paused]).sort(), [['anna', true], ['ben', false], ['late', true]])
    })
    await sleep(1_000)
    await pauseFor(undefined, async () => {
      assert.equal((await call(url, `/v1/recordings/${id}`, { token: key })).body.Paused, true)
    })
    await sleep(1_000)
    room.dismiss()
    await ended(id)

    const timeline = asTimeline((await call(url, `/v1/recordings/${id}/timeline`, { token: key })).body)
    assert.deepEqual(timeline.Pauses.map(({ UserId }) => UserId).sort(), ['anna', 'late', null])
    const [own, all] = pauses as [Span, Span]
    for (const { UserId, Tracks } of timeline.Users) {
      const [file, ...more] = Tracks.flatMap(({ Files }) => Files)
      assert.ok(file !== undefined && more.length === 0, UserId)
      if (UserId === 'late') assert.ok(file.StartMs >= own.endMs - 250, 'who comes while paused is heard from the resume on')
      const heard = await listen((await world.cos.get(bucket, file.Key))!.content)
      const gaps = file.Gaps.filter(({ Cause }) => Cause === 'paused')
      const expected = UserId === 'anna' ? [own, all] : [all]
      assert.equal(gaps.length, expected.length, `${UserId}: ${JSON.stringify(file.Gaps)}`)
      for (const [index, { startMs, endMs }] of expected.entries()) {
        const gap = gaps[index]!
        // What is under way to the disk when the call is answered, and what the relay holds back, is a fraction of a second.
        assert.ok(gap.StartMs < startMs + 700 && gap.EndMs > endMs - 250 && gap.EndMs < endMs + 700, `${UserId}: ${gap.StartMs - startMs} to ${gap.EndMs - endMs}`)
        assert.ok(peakBetween(heard, gap.FileMs + 30, gap.FileMs + gap.FilledMs - 30) < 0.01)
        for (const ms of [gap.FileMs - 1_000, gap.FileMs + gap.FilledMs]) {
          if (ms >= 0) assert.ok(peakBetween(heard, ms, ms + 1_000) > 0.3, `${UserId} is heard before and after`)
        }
      }
      if (UserId === 'ben') assert.ok(peakBetween(heard, own.startMs + 700 - file.StartMs, own.endMs - file.StartMs) > 0.3, 'ben is not paused with anna')
    }
  })

  test('two recorders in one room both get everybody, and the end of one is not the other\'s', async () => {
    const [one, two] = await Promise.all([start('shared', { UserId: 'rec_one' }), start('shared', { UserId: 'rec_two' })])
    const room = cloud.room(sdkAppId, 'shared')
    enterTalking(room, 'anchor')
    const first = await talked(world, 'shared', 'anchor', 0)
    await talked(world, 'shared', 'anchor', 600, [first])
    await stop(one)
    const stopped = await ended(one)
    room.dismiss()
    const dismissed = await ended(two)

    assert.deepEqual([stopped, dismissed].map(({ Reason, Files }) => [Reason, Files.length]), [['StopRequested', 1], ['RoomDismissed', 1]])
    assert.notEqual(stopped.Files[0]?.Key, dismissed.Files[0]?.Key)
    assert.ok(dismissed.Files[0]!.EndMs > stopped.Files[0]!.EndMs)
  })

  test('a stream key lives as long as its push: dead when the speaker leaves, after a rejoin and after the stop, and none can be guessed', async () => {
    const { signal } = new AbortController()
    const refused = { name: 'RoomtapeError', message: /NetStream\.Publish\.Denied/ }
    const id = await start('keys')
    const room = cloud.room(sdkAppId, 'keys')
    const speaker = enterTalking(room, 'anchor')
    enterTalking(room, 'other')
    const former = await talked(world, 'keys', 'anchor', 500)
    speaker.leave()
    const isDead = () => connectPublisher(former, { signal }).then((publisher) => publisher.close(), (error: unknown) => error)
    const error = await eventually(async () => await isDead())
    assert.match(String(error), refused.message)
    enterTalking(room, 'anchor')
    const present = await talked(world, 'keys', 'anchor', 500, [former])

    await assert.rejects(connectPublisher(former, { signal }), refused)
    await assert.rejects(connectPublisher(present.replace(/[^/]+$/, 'A'.repeat(32)), { signal }), refused)
    await stop(id)
    const { Files } = await ended(id)
    await assert.rejects(connectPublisher(present, { signal }), refused)
    assert.deepEqual(Files.map(({ UserId, Partial }) => [UserId, Partial]).sort(), [['anchor', false], ['other', false]])
    assert.match(new URL(present).pathname, /^\/roomtape\/[\w-]{32}$/)
  })
})
