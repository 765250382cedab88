import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallbackEvent, Fate } from '../../src/sandbox/cloud/events.ts'
import { asTimeline } from '../helpers/timeline.ts'
import { call, enterTalking, eventually, sdkAppId, startWorld, talked } from '../helpers/world.ts'

/** As few seconds as TRTC takes. */
const maxIdleSeconds = 5
/** The events that nobody hears of, by room and type. */
const lost = new Set<string>()
const fate = ({ EventType, EventInfo }: CallbackEvent): Fate => lost.has(`${String(EventInfo.RoomId)} ${EventType}`) ? 'never' : 'once'

const world = await startWorld({ after }, { cloud: { fate, quirks: { silentIdleEnd: false } }, env: { RELAY_MAX_IDLE_SECONDS: String(maxIdleSeconds) } })
const { cloud, start, stop, ended, url, key } = world

async function timelineOf (id: string) {
  return asTimeline((await call(url, `/v1/recordings/${id}/timeline`, { token: key })).body)
}

suite('who is there is told from what TRTC does, where no event tells it', { concurrency: true }, () => {
  test('somebody whose leaving nobody told of is found gone, and a recording without others ends', async () => {
    const id = await start('ghost', { MaxIdleSeconds: 15 })
    const room = cloud.room(sdkAppId, 'ghost')
    room.enter('listener', { role: 'audience' })
    const anchor = enterTalking(room, 'anchor')
    await talked(world, 'ghost', 'anchor', 1_500)
    lost.add('ghost 104')
    const leftMs = Date.now()
    anchor.leave()

    const { Type, Reason, Files, Incomplete } = await ended(id)
    assert.deepEqual([Type, Reason, Files.map(({ UserId }) => UserId), Incomplete], ['recording.completed', 'IdleTimeout', ['anchor'], false])
    assert.equal(cloud.tasks().filter(({ roomId }) => roomId === 'ghost').length, 2, 'TRTC was asked twice')
    const [user] = (await timelineOf(id)).Users
    const [stay] = user!.Present
    assert.equal(stay?.LeaveReason, 'unconfirmed')
    assert.ok(Math.abs(stay.EndMs! - leftMs) < 1_500, `the stay ends ${stay.EndMs! - leftMs} ms after the last sign of life`)
  })

  test('an event of theirs ends the doubt: who comes back is recorded', async () => {
    const id = await start('returns', { MaxIdleSeconds: 120 })
    const room = cloud.room(sdkAppId, 'returns')
    room.enter('listener', { role: 'audience' })
    const anchor = enterTalking(room, 'anchor')
    await talked(world, 'returns', 'anchor', 1_500)
    lost.add('returns 104')
    anchor.leave()
    await eventually(async () => (await timelineOf(id)).Users[0]?.Present[0]?.LeaveReason === 'unconfirmed' || undefined)
    const before = cloud.tasks().filter(({ roomId }) => roomId === 'returns').flatMap(({ pushes }) => pushes.map((push) => push.url))
    const back = enterTalking(room, 'anchor')
    await talked(world, 'returns', 'anchor', 1_500, before)
    lost.delete('returns 104')
    back.leave()
    room.dismiss()

    const { Files } = await ended(id)
    const timeline = await timelineOf(id)
    assert.deepEqual(timeline.Users[0]?.Present.map(({ LeaveReason }) => LeaveReason), ['normal'])
    assert.ok(Files.reduce((sum, { DurationMs, GapMs }) => sum + DurationMs - GapMs, 0) > 2_000)
    assert.ok(timeline.Users.every(({ Tracks }) => Tracks.every(({ Files: files }) => files.every(({ Gaps }) => Gaps.every(({ Cause }) => Cause !== 'left')))))
  })

  test('somebody silent whose relay stays is not doubted', async () => {
    const id = await start('muted', { MaxIdleSeconds: 5 })
    const room = cloud.room(sdkAppId, 'muted')
    const anchor = enterTalking(room, 'anchor')
    await talked(world, 'muted', 'anchor', 1_500)
    anchor.mute()
    await sleep(3 * maxIdleSeconds * 1_000)
    await stop(id)

    const { Reason } = await ended(id)
    assert.equal(Reason, 'StopRequested')
    assert.equal(cloud.tasks().filter(({ roomId }) => roomId === 'muted').length, 1)
  })
})
