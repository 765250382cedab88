import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TrtcCloudOptions } from '../../src/sandbox/trtc-cloud.ts'
import { freePort } from '../helpers/free-port.ts'
import { spawnGateway, type GatewayProcess } from '../helpers/gateway-process.ts'
import { asTimeline } from '../helpers/timeline.ts'
import { asTenant, call, enterTalking, environment, eventually, provision, sdkAppId, startOutside, talked, temporaryFolder, type Outside, type Tenant } from '../helpers/world.ts'

interface Stage {
  outside: Outside
  env: Record<string, string>
  first: GatewayProcess
  tenant: Tenant
}

/** A gateway at ports that it has again after a restart. */
async function set (t: TestContext, options: Partial<TrtcCloudOptions> = {}): Promise<Stage> {
  const outside = await startOutside(t, { relayTimings: { retryMs: 300 }, callbackTimings: { retryMs: 500 }, ...options })
  const env = { ...environment(outside, await temporaryFolder(t)), RTMP_PORT: String(await freePort()), PORT: String(await freePort()), CAPTURE_WORKERS: '1' }
  const first = await spawnGateway(t, env)
  return { outside, env, first, tenant: await provision(first.url, first.adminToken, outside) }
}

const tasksOf = ({ cloud }: Outside) => cloud.tasks().filter(({ anchorUserId }) => anchorUserId === 'anchor')
/** Waits until the relay of the anchor pushes again. */
const pushesAgain = (outside: Outside): Promise<true> => eventually(async () => tasksOf(outside).some(({ pushes }) => pushes[0]?.status === 2) || undefined)

// Real time, so beside one another
suite('after a restart', { concurrency: true }, () => {
  test('a restart lets the relays in that come back: nobody is asked anew, the track goes on, and the hole is listed', async (t) => {
    const { outside, env, first, tenant } = await set(t)
    const { start } = asTenant(first.url, outside, tenant)
    const id = await start('room', { Output: { SegmentSeconds: 2 } })
    const room = outside.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'anchor')
    await talked(outside, 'room', 'anchor', 3_000)
    const killedMs = Date.now()
    await first.kill()
    await eventually(async () => tasksOf(outside)[0]?.pushes[0]?.status === 3 || undefined)

    const second = await spawnGateway(t, env)
    await pushesAgain(outside)
    await sleep(3_000) // of talk
    room.dismiss()

    const { ended, detail } = asTenant(second.url, outside, tenant)
    const { Type, Files, Incomplete } = await ended(id)
    const { Tracks } = await detail(id)
    assert.equal(tasksOf(outside).length, 1)
    assert.deepEqual([Type, Files.map(({ UserId, Partial }) => [UserId, Partial])], ['recording.completed', [['anchor', true], ['anchor', false]]])
    const [before, after] = Files
    assert.ok(killedMs - before!.EndMs <= 1_100, `${killedMs - before!.EndMs} ms before the kill are lost`)
    assert.equal(Incomplete, after!.StartMs - before!.EndMs > 1_000)
    assert.equal(Tracks.length, 1)
    const timeline = asTimeline((await call(second.url, `/v1/recordings/${id}/timeline`, { token: tenant.key })).body)
    const [user] = timeline.Users
    assert.deepEqual(user?.Gaps, [{ StartMs: before!.EndMs, EndMs: after!.StartMs, Cause: 'away' }])
    assert.deepEqual(user.Tracks.flatMap((track) => track.Files.map(({ Part }) => Part)), [1, 2])
    const seqs = timeline.Users.flatMap((each) => each.Tracks.flatMap(({ Segments }) => Segments.map(({ Seq }) => Seq)))
    assert.deepEqual(seqs, seqs.map((_, index) => index + 1))
    assert.equal(Tracks[0]?.LastSeq, seqs.length)
  })

  test('for whose relay does not come back within ten seconds another is asked for; of the two the first to bring audio stays, and the other is stopped', async (t) => {
    const { outside, env, first, tenant } = await set(t, { quirks: { disconnectWhenQuiet: true } })
    const { start } = asTenant(first.url, outside, tenant)
    const id = await start('room')
    const room = outside.cloud.room(sdkAppId, 'room')
    const anchor = enterTalking(room, 'anchor')
    await talked(outside, 'room', 'anchor', 2_000)
    anchor.mute()
    await first.kill()
    const second = await spawnGateway(t, env)

    await eventually(async () => tasksOf(outside)[1])
    anchor.unmute()
    await eventually(async () => tasksOf(outside).some(({ endedBy }) => endedBy === 'stopped') || undefined)
    await pushesAgain(outside)
    await sleep(1_500) // of talk
    room.dismiss()

    const { Files } = await asTenant(second.url, outside, tenant).ended(id)
    assert.deepEqual(tasksOf(outside).map(({ endedBy }) => endedBy).sort(), ['dismissed', 'stopped'])
    assert.deepEqual(Files.map(({ UserId }) => UserId), ['anchor', 'anchor'])
  })

  test('who has left while nobody was here is not asked for, and the track is whole', async (t) => {
    const { outside, env, first, tenant } = await set(t)
    const { start } = asTenant(first.url, outside, tenant)
    const id = await start('room')
    const room = outside.cloud.room(sdkAppId, 'room')
    const anchor = enterTalking(room, 'anchor')
    enterTalking(room, 'stays', 'high')
    await Promise.all(['anchor', 'stays'].map((userId) => talked(outside, 'room', userId, 2_000)))
    await first.kill()
    anchor.leave()
    const second = await spawnGateway(t, env)
    await eventually(async () => outside.cloud.tasks().find(({ anchorUserId }) => anchorUserId === 'stays')?.pushes[0]?.status === 2 || undefined)
    await sleep(1_500) // of talk
    room.dismiss()

    const { Files } = await asTenant(second.url, outside, tenant).ended(id)
    assert.deepEqual(Files.map(({ UserId }) => UserId).sort(), ['anchor', 'stays', 'stays'])
    assert.equal(tasksOf(outside).length, 1)
  })
})
