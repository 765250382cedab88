import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { enterTalking, eventually, sdkAppId, startWorld, talked, type Callback } from '../helpers/world.ts'

const world = await startWorld({ after })
const { cloud, start, stop, ended, detail } = world

/** Type, reason, and whose files hold something. */
function told ({ Type, Reason, Files }: Callback): unknown[] {
  return [Type, Reason, Files.map(({ UserId, Status, DurationMs }) => [UserId, Status, DurationMs > 300])]
}

suite('each way to end has its own reason, and whoever spoke has a file', { concurrency: true }, () => {
  test('the room is dismissed', async () => {
    const id = await start('dismissed')
    const room = cloud.room(sdkAppId, 'dismissed')
    enterTalking(room, 'anchor')
    await talked(world, 'dismissed', 'anchor', 800)
    room.dismiss()

    assert.deepEqual(told(await ended(id)), ['recording.completed', 'RoomDismissed', [['anchor', 1, true]]])
    assert.equal((await detail(id)).Status, 'Completed')
  })

  test('the recorder enters as audience and is removed', async () => {
    const id = await start(4711, { UserId: 'rec_seen' })
    const room = cloud.room(sdkAppId, 4711)
    enterTalking(room, 'anchor')
    room.enter('rec_seen', { role: 'audience' })
    await talked(world, 4711, 'anchor', 800)
    room.kick('rec_seen')

    assert.deepEqual(told(await ended(id)), ['recording.completed', 'RecorderRemoved', [['anchor', 1, true]]])
    assert.equal(room.live, true, 'the room goes on')
    // Files come first, and Stops beside them
    const [task, ...more] = await eventually(async () => {
      const own = cloud.tasks().filter(({ roomId }) => roomId === 4711)
      return own.every(({ endedBy }) => endedBy !== undefined) ? own : undefined
    })
    assert.deepEqual([task?.endedBy, more], ['stopped', []])
  })

  test('an anchor who is removed ends nothing', async () => {
    const id = await start('kicked-anchor')
    const room = cloud.room(sdkAppId, 'kicked-anchor')
    enterTalking(room, 'stays')
    enterTalking(room, 'removed', 'high')
    await Promise.all([talked(world, 'kicked-anchor', 'stays', 800), talked(world, 'kicked-anchor', 'removed', 800)])
    room.kick('removed')
    await cloud.settled()
    assert.equal((await detail(id)).Reason, null)
    room.dismiss()

    const callback = await ended(id)
    assert.equal(callback.Reason, 'RoomDismissed')
    assert.deepEqual(callback.Files.map(({ UserId }) => UserId).sort(), ['removed', 'stays'])
  })

  test('the tenant stops it', async () => {
    const id = await start('stopped')
    enterTalking(cloud.room(sdkAppId, 'stopped'), 'anchor')
    await talked(world, 'stopped', 'anchor', 800)
    await stop(id)
    await stop(id)

    assert.deepEqual(told(await ended(id)), ['recording.completed', 'StopRequested', [['anchor', 1, true]]])
  })

  test('nobody has been there for MaxIdleSeconds', async () => {
    const room = cloud.room(sdkAppId, 'idle')
    room.enter('listener', { role: 'audience' }) // keeps the room, and is no anchor
    const anchor = enterTalking(room, 'anchor')
    await cloud.settled() // so that a busy machine is no idle room
    const id = await start('idle', { MaxIdleSeconds: 2 })
    await talked(world, 'idle', 'anchor', 800)
    anchor.leave()
    const leftMs = Date.now()

    const callback = await ended(id)
    assert.deepEqual(told(callback), ['recording.completed', 'IdleTimeout', [['anchor', 1, true]]])
    assert.ok(callback.EndMs - leftMs >= 1_950 && callback.EndMs - leftMs < 4_000, `ended ${callback.EndMs - leftMs} ms after the anchor left`)
  })

  test('nobody ever comes, and the room told so', async () => {
    cloud.room(sdkAppId, 'empty').enter('listener', { role: 'audience' })
    const id = await start('empty', { MaxIdleSeconds: 1 })

    const callback = await ended(id)
    assert.deepEqual([...told(callback), callback.Warnings], ['recording.completed', 'IdleTimeout', [], []])
    assert.ok(Date.now() - callback.EndMs < 4_500, `told ${Date.now() - callback.EndMs} ms after the end`)
  })

  test('nothing was ever heard of the room: who was there is not known, and so it has failed', async () => {
    const id = await start('unheard-of', { MaxIdleSeconds: 1 })

    const callback = await ended(id)
    assert.deepEqual([...told(callback), callback.Warnings.map(({ Code }) => Code)], ['recording.failed', 'IdleTimeout', [], ['NoEvents']])
    assert.ok(Date.now() - callback.EndMs < 4_500, `told ${Date.now() - callback.EndMs} ms after the end`)
  })

  test('it has lasted for MaxDurationSeconds', async () => {
    const startedMs = Date.now()
    const id = await start('long', { MaxDurationSeconds: 6 })
    enterTalking(cloud.room(sdkAppId, 'long'), 'anchor')

    const callback = await ended(id)
    assert.deepEqual(told(callback), ['recording.completed', 'MaxDurationReached', [['anchor', 1, true]]])
    assert.ok(callback.EndMs - startedMs >= 6_000 && callback.EndMs - startedMs < 11_000, `${callback.EndMs - startedMs} ms`)
  })
})
