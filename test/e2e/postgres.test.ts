import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeAfter } from '../helpers/scope.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { call, enterTalking, eventually, sdkAppId, startWorld, talked } from '../helpers/world.ts'

interface Readiness { Status: string, Checks: Record<string, string> }

test('on PostgreSQL, a recording outlives a restart of the database, and readiness says what is missing', async (t) => {
  const postgres = await startPostgres()
  closeAfter(t, () => postgres.stop())
  const world = await startWorld(t, {
    cloud: { callbackTimings: { retryMs: 500 } },
    env: { DATABASE_URL: await postgres.createDatabase('roomtape'), MASTER_KEY: randomBytes(32).toString('base64') }
  })
  const { cloud, url, start, ended, detail } = world
  const ready = () => call<Readiness>(url, '/readyz')
  const id = await start('room')
  const room = cloud.room(sdkAppId, 'room')
  enterTalking(room, 'anchor')
  await talked(world, 'room', 'anchor', 1_000)
  assert.equal((await ready()).status, 200)

  await postgres.interrupt()
  const down = await ready()
  assert.deepEqual([down.status, down.body.Checks.Database], [200, 'journaling'])
  assert.equal((await call(url, '/livez')).status, 200)
  const refused = await call(url, '/v1/recordings', { token: world.key })
  assert.deepEqual([refused.status, refused.body.Code], [503, 'ServiceUnavailable'])
  const latecomer = enterTalking(room, 'latecomer', 'high')
  await sleep(2_000) // of talk without a database
  latecomer.mute()
  await postgres.resume()
  await eventually(async () => (await ready()).body.Checks.Database === 'ok' || undefined)
  latecomer.unmute()
  await talked(world, 'room', 'latecomer', 1_000)
  assert.equal((await detail(id)).Status, 'Recording')
  room.dismiss()

  const { Type, Reason, Files } = await ended(id)
  assert.deepEqual([Type, Reason], ['recording.completed', 'RoomDismissed'])
  assert.deepEqual(Files.map(({ UserId, Status, Partial }) => [UserId, Status, Partial]).sort(), [['anchor', 1, false], ['latecomer', 1, false]])
  const anchor = Files.find(({ UserId }) => UserId === 'anchor')
  assert.ok(anchor!.DurationMs > 4_000 && anchor!.GapMs < 50, `${anchor!.GapMs} ms of ${anchor!.DurationMs} are missing`)
})
