import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, enterTalking, sdkAppId, startWorld, talked, type Callback } from '../helpers/world.ts'

/** How much later the sandbox's relays push what somebody says, unless told otherwise. */
const audioDelayMs = 2_000
/** What a busy machine adds. */
const toleranceMs = 300
/** The end is written two seconds after the last frame that was kept, or a second after it was heard of, whichever is later; more on a busy machine. */
const writtenAfterMs = 4_000

const world = await startWorld({ after }, { cloud: { audioDelayMs } })
const { cloud, start, stop, ended, detail, key, url } = world

type Told = Callback & { TimestampMs: number }

/** Whether all that was said until then is in the file, and the end was told of in good time. */
function assertWhole (told: Told, userId: string, untilMs: number): void {
  const file = told.Files.find(({ UserId }) => UserId === userId)
  assert.ok(file !== undefined, `no file of ${userId}`)
  const missingMs = untilMs + audioDelayMs - file.EndMs
  assert.ok(missingMs < toleranceMs, `${missingMs} ms of what ${userId} said are missing`)
  assert.equal(told.Incomplete, false)
}

suite('what was under way when it ended is in the file', { concurrency: true }, () => {
  test('when the room is dismissed', async () => {
    const id = await start('dismissed')
    const room = cloud.room(sdkAppId, 'dismissed')
    enterTalking(room, 'anchor')
    await talked(world, 'dismissed', 'anchor', 3_000)
    const endedMs = Date.now()
    room.dismiss()

    const told = await ended(id) as Told
    assertWhole(told, 'anchor', endedMs)
    const lateMs = told.TimestampMs - Math.max(told.Files[0]!.EndMs, endedMs + 1_000)
    assert.ok(lateMs <= writtenAfterMs, `the end was written ${lateMs} ms after the last frame`)
  })

  test('when the anchor leaves, though TRTC does not answer a Stop', async () => {
    const id = await start('hanging')
    const room = cloud.room(sdkAppId, 'hanging')
    room.enter('listener', { role: 'audience' })
    const anchor = enterTalking(room, 'anchor')
    await talked(world, 'hanging', 'anchor', 3_000)
    const { taskId } = cloud.tasks().find(({ roomId }) => roomId === 'hanging')!
    cloud.faults.add({ kind: 'hang', action: 'StopPublishCdnStream', taskId })
    const endedMs = Date.now()
    anchor.leave()
    await stop(id)

    const told = await ended(id) as Told
    assertWhole(told, 'anchor', endedMs)
    const lateMs = told.TimestampMs - Math.max(told.Files[0]!.EndMs, endedMs + 1_000)
    assert.ok(lateMs <= writtenAfterMs, `the end was written ${lateMs} ms after the last frame`)
  })

  test('when the tenant stops it', async () => {
    const id = await start('stopped')
    enterTalking(cloud.room(sdkAppId, 'stopped'), 'anchor')
    await talked(world, 'stopped', 'anchor', 3_000)
    const endedMs = Date.now()
    await stop(id)

    assertWhole(await ended(id) as Told, 'anchor', endedMs)
  })

  test('when the anchor becomes audience, and when it is removed', async () => {
    const id = await start('roles')
    const room = cloud.room(sdkAppId, 'roles')
    const steady = enterTalking(room, 'steady', 'high')
    const changing = enterTalking(room, 'changing')
    enterTalking(room, 'removed', 'middle')
    await Promise.all(['steady', 'changing', 'removed'].map((userId) => talked(world, 'roles', userId, 3_000)))
    const endedMs = Date.now()
    changing.switchRole('audience')
    room.kick('removed')
    await sleep(4_000) // the room is real time
    steady.leave()
    room.dismiss()

    const told = await ended(id) as Told
    assertWhole(told, 'changing', endedMs)
    assertWhole(told, 'removed', endedMs)
  })

  test('somebody who is back while it is waited for keeps the source', async () => {
    const id = await start('back')
    const room = cloud.room(sdkAppId, 'back')
    enterTalking(room, 'steady', 'high')
    const anchor = enterTalking(room, 'anchor')
    await Promise.all([talked(world, 'back', 'anchor', 3_000), talked(world, 'back', 'steady', 0)])
    anchor.leave()
    await sleep(700)
    enterTalking(room, 'anchor')
    await sleep(3_500)
    room.dismiss()

    const { Files } = await ended(id)
    assert.equal(Files.filter(({ UserId }) => UserId === 'anchor').length, 1)
    assert.equal(cloud.tasks().filter(({ roomId, anchorUserId }) => roomId === 'back' && anchorUserId === 'anchor').length, 1)
  })

  test('a pause cuts at once, and what was said during it is left out when it comes after its end', async () => {
    const id = await start('paused')
    const room = cloud.room(sdkAppId, 'paused')
    enterTalking(room, 'anchor')
    await talked(world, 'paused', 'anchor', 3_000)
    const pause = async (verb: string): Promise<number> => {
      const askedMs = Date.now()
      const { status } = await call(url, `/v1/recordings/${id}/${verb}`, { method: 'POST', token: key })
      assert.equal(status, 202)
      return askedMs
    }
    const pausedMs = await pause('pause')
    await sleep(1_500)
    const resumedMs = await pause('resume')
    assert.equal((await detail(id) as unknown as { Paused: boolean }).Paused, false)
    await sleep(4_500)
    room.dismiss()
    await ended(id)

    const { Files } = await detail(id) as unknown as { Files: Array<{ Gaps: Array<{ StartMs: number, EndMs: number, Cause: string }> }> }
    const gaps = Files[0]!.Gaps.filter(({ Cause }) => Cause === 'paused')
    assert.equal(gaps.length, 1)
    const [gap] = gaps
    assert.ok(Math.abs(gap!.StartMs - pausedMs) < toleranceMs, `the gap begins ${gap!.StartMs - pausedMs} ms after the pause`)
    assert.ok(gap!.EndMs >= resumedMs + 3_000 - toleranceMs && gap!.EndMs < resumedMs + 4_500, `the gap ends ${gap!.EndMs - resumedMs} ms after the pause has`)
  })
})
