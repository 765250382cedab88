import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Timeline } from '../../src/timeline/schema.ts'
import { freePort } from '../helpers/free-port.ts'
import { spawnGateway, type GatewayProcess } from '../helpers/gateway-process.ts'
import { asTimeline } from '../helpers/timeline.ts'
import { asTenant, call, enterTalking, environment, eventually, provision, sdkAppId, startOutside, talked, temporaryFolder, type Outside, type Tenant } from '../helpers/world.ts'

/** How far two moments may be apart that are told by different sides: a nap of a thread, and what a busy machine adds. */
const closeMs = 700

interface Stage {
  outside: Outside
  env: Record<string, string>
  gateway: GatewayProcess
  tenant: Tenant
}

/** A gateway whose wall clock, and nobody else's, is off by so much when it begins. */
async function set (t: TestContext, clockOffsetMs = 0): Promise<Stage> {
  const outside = await startOutside(t, { relayTimings: { retryMs: 300 }, callbackTimings: { retryMs: 500 } })
  const env = { ...environment(outside, await temporaryFolder(t)), RTMP_PORT: String(await freePort()), PORT: String(await freePort()), CAPTURE_WORKERS: '1' }
  const gateway = await spawnGateway(t, env, { steered: true, clockOffsetMs })
  return { outside, env, gateway, tenant: await provision(gateway.url, gateway.adminToken, outside) }
}

async function timelineOf (url: string, { key }: Tenant, id: string): Promise<Timeline> {
  return asTimeline((await call(url, `/v1/recordings/${id}/timeline`, { token: key })).body)
}

/** A timeline in which nothing but the one user has to be looked at, and that user's files. */
function filesOf ({ Users }: Timeline): Timeline['Users'][number]['Tracks'][number]['Files'] {
  return Users.flatMap(({ Tracks }) => Tracks.flatMap(({ Files }) => Files))
}

function isClose (one: number | null | undefined, other: number, what: string): void {
  assert.ok(one != null && Math.abs(one - other) < closeMs, `${what}: ${String(one)} is ${String((one ?? NaN) - other)} ms from ${other}`)
}

// Real time, so beside one another
suite('somebody sets the wall clock', { concurrency: true }, () => {
  for (const stepMs of [30_000, -150_000]) {
    test(`by ${stepMs / 1_000} s in mid-sentence: the audio stays where it was said, and so does a mute; the step is listed`, async (t) => {
      const { outside, gateway, tenant } = await set(t)
      const { start, ended } = asTenant(gateway.url, outside, tenant)
      const id = await start('room')
      const room = outside.cloud.room(sdkAppId, 'room')
      const anchor = enterTalking(room, 'anchor')
      await talked(outside, 'room', 'anchor', 2_000)
      const steppedMs = Date.now()
      await gateway.moveClock(stepMs)
      await sleep(2_000) // of talk
      const mutedMs = Date.now()
      anchor.mute()
      await sleep(2_500) // of silence
      const unmutedMs = Date.now()
      anchor.unmute()
      await sleep(2_000) // of talk
      const endedMs = Date.now()
      room.dismiss()

      const { StartMs, EndMs, Incomplete, Files } = await ended(id)
      const timeline = await timelineOf(gateway.url, tenant, id)
      assert.ok(StartMs < EndMs && !Incomplete)
      isClose(EndMs, endedMs, 'the end')
      assert.equal(Files.length, 1)
      const gaps = filesOf(timeline).flatMap(({ Gaps }) => Gaps)
      assert.deepEqual(gaps.map(({ Cause }) => Cause), ['muted'])
      isClose(gaps[0]?.StartMs, mutedMs, 'the gap')
      isClose(gaps[0]?.EndMs, unmutedMs, 'the end of the gap')
      const [step, ...others] = timeline.ClockSteps
      assert.deepEqual(others, [])
      isClose(step?.AtMs, steppedMs + 500, 'the step')
      assert.ok(Math.abs(step!.StepMs - stepMs) < 50, JSON.stringify(step))
      const [{ Mutes, Present } = assert.fail()] = timeline.Users
      isClose(Mutes.at(-1)?.StartMs, mutedMs, 'the mute')
      isClose(Present[0]?.EndMs, endedMs, 'the dismissal')
    })
  }

  test('right again, after it was wrong when a recording began: that one keeps its clock and has events by it, the next one is right', async (t) => {
    const wrongMs = 30_000
    const { outside, gateway, tenant } = await set(t, wrongMs)
    const { start, ended } = asTenant(gateway.url, outside, tenant)
    const id = await start('room')
    const room = outside.cloud.room(sdkAppId, 'room')
    const anchor = enterTalking(room, 'anchor')
    await talked(outside, 'room', 'anchor', 2_000)
    await gateway.moveClock(0)
    const later = await start('later')
    const laterStartMs = Date.now()
    enterTalking(outside.cloud.room(sdkAppId, 'later'), 'anchor')
    await sleep(1_500) // of talk
    const mutedMs = Date.now()
    anchor.mute()
    await sleep(2_500) // of silence
    const dismissedMs = Date.now()
    for (const name of ['room', 'later']) outside.cloud.room(sdkAppId, name).dismiss()

    const { StartMs, EndMs, Reason } = await ended(id)
    const timeline = await timelineOf(gateway.url, tenant, id)
    assert.equal(Reason, 'RoomDismissed')
    assert.ok(StartMs < EndMs)
    isClose(EndMs, dismissedMs + wrongMs, 'the end, by the clock that was wrong')
    isClose(timeline.Users[0]?.Mutes.at(-1)?.StartMs, mutedMs + wrongMs, 'the mute')
    isClose(filesOf(timeline)[0]?.EndMs, mutedMs + wrongMs, 'the end of the file')
    const right = await ended(later)
    assert.ok(right.StartMs >= laterStartMs - closeMs, `${right.StartMs - laterStartMs} ms`)
    isClose(right.EndMs, dismissedMs, 'the end of the later one')
    assert.deepEqual((await timelineOf(gateway.url, tenant, later)).ClockSteps, [])
  })

  test('before a restart and during it: on the same boot a recording keeps its clock, and is away only for as long as it was', async (t) => {
    const { outside, env, gateway, tenant } = await set(t)
    const { start } = asTenant(gateway.url, outside, tenant)
    const id = await start('room')
    const room = outside.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'anchor')
    await talked(outside, 'room', 'anchor', 2_000)
    await gateway.moveClock(100_000)
    await sleep(2_000) // of talk
    const killedMs = Date.now()
    await gateway.kill()
    const second = await spawnGateway(t, env, { steered: true, clockOffsetMs: -100_000 })
    await eventually(async () => outside.cloud.tasks().some(({ pushes }) => pushes[0]?.status === 2) || undefined)
    const backMs = Date.now()
    await sleep(2_000) // of talk
    const dismissedMs = Date.now()
    room.dismiss()

    const { Files, EndMs } = await asTenant(second.url, outside, tenant).ended(id)
    const timeline = await timelineOf(second.url, tenant, id)
    assert.equal(outside.cloud.tasks().length, 1, 'nobody was asked anew')
    isClose(EndMs, dismissedMs, 'the end')
    assert.deepEqual(Files.map(({ UserId }) => UserId), ['anchor', 'anchor'])
    isClose(Files[0]?.EndMs, killedMs - 500, 'the end of the first file')
    isClose(Files[1]?.StartMs, backMs, 'the beginning of the second')
    assert.deepEqual(timeline.Users[0]?.Gaps.map(({ Cause }) => Cause), ['away'])
    assert.deepEqual(timeline.ClockSteps.map(({ StepMs }) => Math.round(StepMs / 1_000)), [100, -200])
  })

  for (const hours of [1, -1]) {
    test(`by an hour ${hours < 0 ? 'back' : 'on'}: nobody hears events until it is right, which is told; nothing ends by it, and audio keeps its place`, async (t) => {
      const { outside, gateway, tenant } = await set(t)
      const { start, ended } = asTenant(gateway.url, outside, tenant)
      const id = await start('room', { MaxIdleSeconds: 60, MaxDurationSeconds: 600 })
      const room = outside.cloud.room(sdkAppId, 'room')
      const anchor = enterTalking(room, 'anchor')
      await talked(outside, 'room', 'anchor', 1_500)
      const clock = async () => (await call<{ Clock: { State: string, DifferenceMs: number } }>(gateway.url, '/readyz')).body.Clock
      assert.equal((await clock()).State, 'ok')
      const offMs = Date.now()
      await gateway.moveClock(hours * 3_600_000)
      const { DifferenceMs } = await eventually(async () => {
        const told = await clock()
        return told.State === 'off' ? told : undefined
      })
      assert.equal(Math.round(DifferenceMs / 60_000), hours * 60)
      anchor.mute()
      await sleep(3_000) // of silence
      anchor.unmute()
      await sleep(1_500) // of talk
      await gateway.moveClock(0)
      const rightMs = Date.now()
      await eventually(async () => (await clock()).State === 'ok' || undefined)
      await sleep(2_500) // of talk
      const dismissedMs = Date.now()
      room.dismiss()

      const { Reason, EndMs, Files } = await ended(id)
      const timeline = await timelineOf(gateway.url, tenant, id)
      assert.deepEqual([Reason, Files.length], ['RoomDismissed', 1])
      isClose(EndMs, dismissedMs, 'the end')
      assert.equal(timeline.Blind.length, 1)
      assert.ok(timeline.Blind[0]!.StartMs <= offMs + closeMs && timeline.Blind[0]!.StartMs >= offMs - 1_500, `${timeline.Blind[0]!.StartMs - offMs} ms`)
      assert.ok(timeline.Blind[0]!.EndMs! >= rightMs - closeMs && timeline.Blind[0]!.EndMs! <= rightMs + 2_000, `${timeline.Blind[0]!.EndMs! - rightMs} ms`)
      assert.deepEqual(timeline.ClockSteps.map(({ StepMs }) => Math.round(StepMs / 60_000)), [hours * 60, -hours * 60])
    })
  }

  test('again and again, as one that runs backwards: no audio moves by it, and what is listed adds up', async (t) => {
    const { outside, gateway, tenant } = await set(t)
    const { start, ended } = asTenant(gateway.url, outside, tenant)
    const id = await start('room', { Output: { SegmentSeconds: 2 } })
    const room = outside.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'anchor')
    await talked(outside, 'room', 'anchor', 500)
    for (let aheadMs = 0; aheadMs >= -1_500; aheadMs -= 25) {
      await gateway.moveClock(aheadMs)
      await sleep(100)
    }
    await sleep(1_500) // until it was looked at
    const dismissedMs = Date.now()
    room.dismiss()

    const { EndMs, Files, Incomplete } = await ended(id)
    const timeline = await timelineOf(gateway.url, tenant, id)
    assert.deepEqual([Files.length, Files[0]?.GapMs, Incomplete], [1, 0, false])
    isClose(EndMs, dismissedMs, 'the end')
    const sumMs = timeline.ClockSteps.reduce((sum, { StepMs }) => sum + StepMs, 0)
    assert.ok(Math.abs(sumMs + 1_500) <= 300, `${sumMs} ms`)
    assert.ok(timeline.ClockSteps.every(({ StepMs }) => StepMs < -200))
  })
})
