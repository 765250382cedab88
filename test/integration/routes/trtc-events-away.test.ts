import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { printJson } from '../../../src/sandbox/cloud/events.ts'
import { signBody } from '../../../src/trtc/sign.ts'
import { startPostgres } from '../../helpers/postgres.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { openTcpGate } from '../../helpers/tcp-gate.ts'
import { call, eventually, sdkAppId, startWorld } from '../../helpers/world.ts'

/** How long TRTC waits for an answer. */
const trtcLimitMs = 5_000
const mostHeld = 500

const scope = { after }
const postgres = await startPostgres()
closeAfter(scope, () => postgres.stop())
const databaseUrl = new URL(await postgres.createDatabase('roomtape'))
const gate = await openTcpGate(scope, Number(databaseUrl.port))
databaseUrl.port = String(gate.port)
const world = await startWorld(scope, { env: { DATABASE_URL: databaseUrl.href, MASTER_KEY: randomBytes(32).toString('base64'), CAPTURE_WORKERS: '1' } })
const dispatcher = new Agent({ pipelining: 0 })
closeAfter(scope, () => dispatcher.destroy())

interface Sent { status: number | 'none', tookMs: number }

/** Sends an event, as long as it takes. */
async function send (userId: string, headers: Record<string, string> = {}): Promise<Sent> {
  const ts = Date.now()
  const body = printJson({ EventGroupId: 1, EventType: 103, CallbackTs: ts, EventInfo: { RoomId: 'room', UserId: userId, Role: 20, EventMsTs: ts } })
  const beganMs = performance.now()
  const status = await request(new URL('/trtc/events', world.url), {
    method: 'POST', body, dispatcher, headers: { sign: signBody(Buffer.from(body), world.callbackKey), sdkappid: String(sdkAppId), ...headers }
  }).then(async (answer) => {
    await answer.body.dump()
    return answer.statusCode
  }, () => 'none' as const)
  return { status, tookMs: performance.now() - beganMs }
}

const readiness = () => call<{ Checks: { Database: string } }>(world.url, '/readyz').then(({ status, body }) => [status, body.Checks.Database])
const metric = async (name: string): Promise<number> => {
  const { body } = await request(new URL('/metrics', world.url), { headers: { authorization: `Bearer ${world.adminToken}` } })
  return Number(new RegExp(`^roomtape_${name} (\\d+)$`, 'm').exec(await body.text())?.[1])
}

for (const how of ['refuse', 'hang'] as const) {
  test(`while the database does ${how} an event with a good Sign is answered in time, one with a bad Sign refused, one of an unknown app held`, async () => {
    gate.shut(how)
    const [good, bad, unknown] = await Promise.all([send(`good-${how}`), send('bad', { sign: 'bad' }), send('unknown', { sdkappid: '1400000999' })])
    const later = await Promise.all([send(`later-${how}`), send('later', { sign: 'bad' })])
    assert.deepEqual(await readiness(), [200, 'journaling'])
    gate.open()
    await eventually(async () => (await readiness())[1] === 'ok' || undefined)

    assert.deepEqual([good.status, bad.status, ...later.map(({ status }) => status)], [200, 401, 200, 401])
    assert.ok(Math.max(good.tookMs, bad.tookMs) < trtcLimitMs - 1_000, JSON.stringify({ good, bad }))
    assert.ok(Math.max(...later.map(({ tookMs }) => tookMs)) < 1_000, JSON.stringify(later))
    assert.equal(unknown.status, 'none')
    assert.ok(unknown.tookMs > trtcLimitMs && unknown.tookMs < trtcLimitMs + 5_000, `held for ${unknown.tookMs} ms`)
    assert.equal((await send('unknown', { sdkappid: '1400000999' })).status, 401, 'that there is no such app is known again')
    assert.deepEqual(await metric('events_waiting'), 0)
  })
}

test('of the requests that get no answer so many are held at a time, and the others closed at once', async () => {
  gate.shut('refuse')
  await eventually(async () => (await readiness())[1] === 'journaling' || undefined)
  const sent = await Promise.all(Array.from({ length: mostHeld + 20 }, () => send('nobody', { sdkappid: '1400000999' })))
  assert.equal((await send('somebody')).status, 200)
  gate.open()
  await eventually(async () => (await readiness())[1] === 'ok' || undefined)

  assert.ok(sent.every(({ status }) => status === 'none'))
  assert.equal(sent.filter(({ tookMs }) => tookMs > trtcLimitMs).length, mostHeld)
})

test('with a disk that fails as well events are turned away, which is told of and is blind time', async () => {
  const id = await world.start('room')
  gate.shut('refuse')
  await eventually(async () => (await readiness())[1] === 'journaling' || undefined)
  await rm(join(world.dataDir, 'spool', 'event-journal.jsonl'))
  const fromMs = Date.now()
  const turnedAway = send('turned-away')
  await eventually(async () => (await readiness())[0] === 503 || undefined)
  assert.deepEqual(await readiness(), [503, 'unreachable'])
  await sleep(3_000)
  gate.open()
  await eventually(async () => (await readiness())[1] === 'ok' || undefined)
  const toMs = Date.now()

  assert.deepEqual([(await turnedAway).status, await metric('events_turned_away_total')], ['none', 1])
  await world.stop(id)
  await world.ended(id)
  const { body } = await call<{ Blind: { StartMs: number, EndMs: number }[] }>(world.url, `/v1/recordings/${id}/timeline`, { token: world.key })
  const [blind, ...more] = body.Blind
  assert.deepEqual(more, [])
  assert.ok(blind !== undefined && Math.abs(blind.StartMs - fromMs) < 500 && Math.abs(blind.EndMs - toMs) < 1_000, JSON.stringify({ blind, fromMs, toMs }))
})
