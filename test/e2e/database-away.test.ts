import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, suite, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Room } from '../../src/sandbox/cloud/room.ts'
import { spawnGateway, startGatewayProcess, type GatewayProcess } from '../helpers/gateway-process.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter } from '../helpers/scope.ts'
import { openTcpGate, type TcpGate } from '../helpers/tcp-gate.ts'
import { asTenant, call, enterTalking, environment, eventually, provision, sdkAppId, startOutside, talked, temporaryFolder, type Outside, type Tenant } from '../helpers/world.ts'

const scope = { after }
const postgres = await startPostgres()
closeAfter(scope, () => postgres.stop())

const awayMs = 20_000
let databases = 0

interface Scene {
  outside: Outside
  gate: TcpGate
  /** What a gateway behind the gate is started with, and one with a way of its own. */
  env: Record<string, string>
  otherEnv: Record<string, string>
  dataDir: string
  first: GatewayProcess
  tenant: Tenant
}

/** A gateway whose way to the database can be shut. TRTC takes any answer for delivered. */
async function setScene (t: TestContext): Promise<Scene> {
  const outside = await startOutside(t, { quirks: { anyAnswerEnds: true } })
  const direct = new URL(await postgres.createDatabase(`away${++databases}`))
  const gate = await openTcpGate(t, Number(direct.port))
  const shared = { MASTER_KEY: randomBytes(32).toString('base64'), CAPTURE_WORKERS: '1' }
  const dataDir = await temporaryFolder(t)
  const through = new URL(direct)
  through.port = String(gate.port)
  const env = { ...environment(outside, dataDir), ...shared, DATABASE_URL: through.href }
  const otherEnv = { ...environment(outside, await temporaryFolder(t)), ...shared, DATABASE_URL: direct.href }
  const first = await spawnGateway(t, env)
  return { outside, gate, env, otherEnv, dataDir, first, tenant: await provision(first.url, first.adminToken, outside) }
}

interface Readiness { Status: string, Checks: Record<string, string> }
interface Timeline { Blind: object[], Users: { UserId: string, Gaps: { StartMs: number, EndMs: number, Cause: string }[] }[] }

/** Event types of a user that TRTC had answered with 200 by now, at the first try. */
function answered ({ cloud }: Outside, userId: string): number[] {
  return cloud.deliveries().filter(({ event, outcome, attempt }) => event.EventInfo.UserId === userId && outcome === 'answered' && attempt === 1)
    .map(({ event }) => event.EventType)
}

const ready = (url: string) => call<Readiness>(url, '/readyz')
const journalBytes = async (dataDir: string): Promise<number> => (await stat(join(dataDir, 'spool', 'event-journal.jsonl'))).size

// Real time, so beside one another
suite('the database is away', { concurrency: true }, () => {
  for (const how of ['refuse', 'hang'] as const) {
    test(`recordings go on while it does ${how}, events are answered and applied when it is back, and who came meanwhile is recorded from then on`, async (t) => {
      const { outside, gate, dataDir, first: { url, log }, tenant } = await setScene(t)
      const world = asTenant(url, outside, tenant)
      const id = await world.start('room')
      const room = outside.cloud.room(sdkAppId, 'room')
      enterTalking(room, 'anchor')
      await talked(outside, 'room', 'anchor', 1_000)

      gate.shut(how)
      const shutMs = Date.now()
      await sleep(1_000)
      enterTalking(room, 'latecomer', 'high')
      await eventually(async () => answered(outside, 'latecomer').includes(203) || undefined)
      assert.ok(Date.now() - shutMs < 6_000, `answered after ${Date.now() - shutMs} ms`)
      const { status, body: { Checks } } = await ready(url)
      assert.deepEqual([status, Checks.Database, Checks.Spool], [200, 'journaling', 'ok'])
      assert.ok(await journalBytes(dataDir) > 0)
      await sleep(shutMs + awayMs - Date.now())
      assert.deepEqual(await ready(url).then(({ status, body }) => [status, body.Checks.Database, body.Checks.Process]), [200, 'journaling', 'unconfirmed'])
      gate.open()
      const openMs = Date.now()
      await talked(outside, 'room', 'latecomer', 2_000)
      t.diagnostic(`the latecomer is pushed ${Date.now() - 2_000 - openMs} ms after the database came back`)
      assert.deepEqual(await ready(url).then(({ status, body }) => [status, body.Status]), [200, 'ok'])
      assert.equal(await journalBytes(dataDir), 0)
      room.dismiss()

      const { Reason, Files } = await world.ended(id)
      assert.equal(Reason, 'RoomDismissed')
      const anchor = Files.find(({ UserId }) => UserId === 'anchor')!
      assert.ok(anchor.DurationMs > awayMs + 2_000 && anchor.GapMs < 50, `${anchor.GapMs} ms of ${anchor.DurationMs} are missing`)
      const { body: timeline } = await call<Timeline>(url, `/v1/recordings/${id}/timeline`, { token: tenant.key })
      const gaps = timeline.Users.find(({ UserId }) => UserId === 'latecomer')!.Gaps
      assert.deepEqual(gaps.map(({ Cause }) => Cause), ['database'])
      assert.ok(gaps[0]!.StartMs < shutMs + 2_000 && gaps[0]!.EndMs > openMs - 1_000, JSON.stringify({ gaps, shutMs, openMs }))
      assert.deepEqual(timeline.Blind, [])
      assert.ok(log.every((line) => !line.includes('turned away')))
    })
  }

  for (const how of ['refuse', 'hang'] as const) {
    test(`a gateway that is cut off (${how}) and succeeded writes down what it answered before it ends`, async (t) => {
      const { outside, gate, otherEnv, dataDir, first, tenant } = await setScene(t)
      const id = await asTenant(first.url, outside, tenant).start('room')
      const room = outside.cloud.room(sdkAppId, 'room')
      enterTalking(room, 'anchor')
      const former = await talked(outside, 'room', 'anchor', 1_000)
      const { listening } = await startGatewayProcess(t, otherEnv)

      gate.shut(how)
      enterTalking(room, 'latecomer', 'high')
      await eventually(async () => answered(outside, 'latecomer').includes(203) || undefined)
      const second = await listening
      outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', second.url).href)
      await talked(outside, 'room', 'anchor', 1_000, [former])
      assert.ok(await journalBytes(dataDir) > 0)
      gate.open()
      assert.equal(await first.exited, 1)
      assert.equal(await journalBytes(dataDir), 0)
      assert.ok(first.log.every((line) => !line.includes('going on without it')))
      await talked(outside, 'room', 'latecomer', 1_000)
      room.dismiss()

      await call(second.url, '/operator/spools/finish', { method: 'POST', token: second.adminToken, body: { Path: join(dataDir, 'spool') } })
      const { Reason, Files } = await asTenant(second.url, outside, tenant).ended(id)
      assert.equal(Reason, 'RoomDismissed')
      assert.ok(Files.some(({ UserId, Status }) => UserId === 'latecomer' && Status === 1))
    })
  }

  test('killed with events in its journal a gateway applies them at its next start, before anything else', async (t) => {
    const { outside, gate, env, dataDir, first, tenant } = await setScene(t)
    const id = await asTenant(first.url, outside, tenant).start('room')
    const room = outside.cloud.room(sdkAppId, 'room')
    await answeredWhileAway(room, outside, gate)
    await first.kill()
    assert.ok(await journalBytes(dataDir) > 0)
    gate.open()

    const next = await spawnGateway(t, env)
    outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', next.url).href)
    assert.equal(await journalBytes(dataDir), 0)
    await talked(outside, 'room', 'latecomer', 1_000)
    room.dismiss()
    const { Files } = await asTenant(next.url, outside, tenant).ended(id)
    assert.deepEqual(Files.map(({ UserId, Status }) => [UserId, Status]), [['latecomer', 1]])
  })

  test('the journal of a spool that is finished elsewhere is applied there, once', async (t) => {
    const { outside, gate, otherEnv, dataDir, first, tenant } = await setScene(t)
    const id = await asTenant(first.url, outside, tenant).start('room')
    const room = outside.cloud.room(sdkAppId, 'room')
    await answeredWhileAway(room, outside, gate)
    await first.kill()
    const other = await spawnGateway(t, otherEnv)
    outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', other.url).href)

    const finish = () => call(other.url, '/operator/spools/finish', { method: 'POST', token: other.adminToken, body: { Path: join(dataDir, 'spool') } })
    assert.partialDeepStrictEqual((await finish()).body, { Events: 3, Tracks: 0, Left: 0 }, 'the room, and who came and spoke')
    assert.partialDeepStrictEqual((await finish()).body, { Events: 0 })
    await talked(outside, 'room', 'latecomer', 1_000)
    room.dismiss()
    const { Files } = await asTenant(other.url, outside, tenant).ended(id)
    assert.deepEqual(Files.map(({ UserId, Status }) => [UserId, Status]), [['latecomer', 1]])
  })
})

/** Shuts the gate and has somebody come whose events are answered all the same. */
async function answeredWhileAway (room: Room, outside: Outside, gate: TcpGate): Promise<void> {
  gate.shut('refuse')
  enterTalking(room, 'latecomer', 'high')
  await eventually(async () => answered(outside, 'latecomer').includes(203) || undefined)
}
