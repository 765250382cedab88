import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, enterTalking, eventually, sdkAppId, startWorld, type Callback } from '../helpers/world.ts'

/** A gateway that TRTC does not reach: its ports are at another address than it is told. */
const world = await startWorld({ after }, { env: { RTMP_PUBLIC_HOST: '127.0.0.9' } })
const { cloud, start, stop, ended, detail, url, key } = world

const codes = ({ Warnings }: Pick<Callback, 'Warnings'>): string[] => Warnings.map(({ Code }) => Code)

suite('silence that was speech is not called complete', { concurrency: true }, () => {
  test('nobody reaches the RTMP ports: it is said within seconds what is waited for, and at the end that it has failed', async () => {
    const id = await start('unreachable')
    const room = cloud.room(sdkAppId, 'unreachable')
    enterTalking(room, 'anchor')
    const enteredMs = Date.now()
    const waiting = await eventually(async () => { const now = await detail(id); return codes(now).includes('SourceWaiting') ? now : undefined })
    const waitedMs = Date.now() - enteredMs
    const absent = await eventually(async () => { const now = await detail(id); return codes(now).includes('SourceAbsent') ? now : undefined })
    const absentMs = Date.now() - enteredMs
    room.dismiss()

    const told = await ended(id)
    assert.ok(waitedMs < 10_000, `said after ${waitedMs} ms`)
    assert.ok(absentMs >= 14_000 && absentMs < 25_000, `absent after ${absentMs} ms`)
    assert.deepEqual([waiting.Status, waiting.Message], ['Pending', waiting.Warnings[0]?.Message])
    assert.equal(absent.Incomplete, true)
    assert.deepEqual([told.Type, told.Reason, told.Files, told.Incomplete], ['recording.failed', 'RoomDismissed', [], true])
    assert.equal(codes(told)[0], 'SourceAbsent')
    assert.match(told.Message, /RTMP_PUBLIC_HOST/)
  })

  test('everybody was excluded: complete, and who was left out is told', async () => {
    const id = await start('excluded', { Subscribe: { ExcludeUserIds: ['an*'] } })
    const room = cloud.room(sdkAppId, 'excluded')
    enterTalking(room, 'anchor')
    await cloud.settled()
    await stop(id)

    const told = await ended(id) as Callback & { Skipped: unknown, SkippedCount: number }
    assert.deepEqual([told.Type, told.Incomplete, codes(told), told.Skipped, told.SkippedCount],
      ['recording.completed', false, ['EverybodySkipped'], [{ UserId: 'anchor', Cause: 'subscribe' }], 1])
    assert.notEqual(told.Message, '')
  })

  test('somebody there who never spoke is no loss', async () => {
    const id = await start('silent')
    const room = cloud.room(sdkAppId, 'silent')
    room.enter('anchor')
    await cloud.settled()
    await sleep(500) // TRTC is asked meanwhile
    await stop(id)

    const told = await ended(id)
    assert.deepEqual([told.Type, told.Incomplete, told.Message], ['recording.completed', false, ''])
  })

  test('what was said while all was paused is nobody\'s loss, before a push comes too', async () => {
    const id = await start('all-paused')
    assert.equal((await call(url, `/v1/recordings/${id}/pause`, { method: 'POST', token: key })).status, 202)
    enterTalking(cloud.room(sdkAppId, 'all-paused'), 'anchor')
    await cloud.settled()
    await stop(id)

    const told = await ended(id)
    assert.deepEqual([told.Type, told.Incomplete], ['recording.completed', false])
  })
})
