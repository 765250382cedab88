import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import pg from 'pg'
import { request } from 'undici'
import { printJson } from '../../../src/sandbox/cloud/events.ts'
import { signBody } from '../../../src/trtc/sign.ts'
import { startPostgres } from '../../helpers/postgres.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { call, sdkAppId, startWorld } from '../../helpers/world.ts'

const scope = { after }
const postgres = await startPostgres()
closeAfter(scope, () => postgres.stop())
const databaseUrl = await postgres.createDatabase('roomtape')
const world = await startWorld(scope, {
  env: { DATABASE_URL: databaseUrl, MASTER_KEY: randomBytes(32).toString('base64'), RATE_LIMIT_READS_PER_MINUTE: '20', CAPTURE_WORKERS: '1' }
})
const database = new pg.Client(databaseUrl)
await database.connect()
closeAfter(scope, () => database.end())

/** What is stored, as only an operator with psql sees it. */
async function stored (): Promise<{ event_type: number, body: string }[]> {
  return (await database.query<{ event_type: number, body: string }>('select event_type::int, body from room_events order by received_ms')).rows
}

function eventOf (type: number, info: object, { ts = Date.now(), group = Math.floor(type / 100) } = {}): string {
  return printJson({ EventGroupId: group, EventType: type, CallbackTs: ts, EventInfo: { EventTs: Math.floor(ts / 1000), EventMsTs: ts, ...info } })
}

interface Sent { status: number, text: string, bytes: number }

async function send (body: string, headers: Record<string, string | undefined> = {}): Promise<Sent> {
  const all: Record<string, string | undefined> = { sign: signBody(Buffer.from(body), world.callbackKey), sdkappid: String(sdkAppId), 'content-type': 'application/json', ...headers }
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  const answer = await request(new URL('/trtc/events', world.url), { method: 'POST', headers: given as Record<string, string>, body })
  const text = await answer.body.text()
  const head = Object.entries(answer.headers).reduce((sum, [name, value]) => sum + name.length + String(value).length + 4, 'HTTP/1.1 200 OK\r\n\r\n'.length)
  return { status: answer.statusCode, text, bytes: head + Buffer.byteLength(text) }
}

test('an event is stored once, however often it comes, and each time answered in less than 2000 bytes', async () => {
  const before = (await stored()).length
  const body = eventOf(103, { RoomId: 'once', UserId: 'anna', Role: 20 })
  const answers = [await send(body), await send(body), ...await Promise.all([1, 2, 3].map(() => send(body)))]

  for (const { status, text, bytes } of answers) {
    assert.deepEqual([status, text], [200, '{"code":0}'])
    assert.ok(bytes < 2_000, `${bytes} bytes`)
  }
  assert.equal((await stored()).length, before + 1)
})

test('an event we do not know is taken and kept', async () => {
  const before = (await stored()).length

  for (const body of [eventOf(999, { What: 'ever' }), eventOf(103, {}, { group: 7 }), eventOf(111, { RoomId: 'x' })]) assert.equal((await send(body)).status, 200)
  assert.deepEqual((await stored()).slice(before).map(({ event_type: type }) => type).sort(), [103, 111, 999])
})

test('an event whose Sign is wrong, missing, of another app or of another time is refused and not stored', async () => {
  const before = (await stored()).length
  const body = eventOf(103, { RoomId: 'signed', UserId: 'anna', Role: 20 })
  const refused = {
    wrong: await send(body, { sign: signBody(Buffer.from(body), 'another-key') }),
    missing: await send(body, { sign: undefined }),
    reprinted: await send(JSON.stringify(JSON.parse(body)), { sign: signBody(Buffer.from(body), world.callbackKey) }),
    'no app': await send(body, { sdkappid: undefined }),
    'unknown app': await send(body, { sdkappid: '1400000999' }),
    'no number': await send(body, { sdkappid: '1e9' }),
    old: await send(eventOf(103, { RoomId: 'signed', UserId: 'anna', Role: 20 }, { ts: Date.now() - 301_000 })),
    early: await send(eventOf(103, { RoomId: 'signed', UserId: 'anna', Role: 20 }, { ts: Date.now() + 301_000 })),
    timeless: await send('{"EventGroupId":1,"EventType":103}')
  }

  for (const [name, { status, text }] of Object.entries(refused)) {
    assert.equal(status, 401, `${name}: ${text}`)
    assert.match(text, /"Code":"AuthFailure\.Signature(Failure|Expire)"/, name)
  }
  assert.equal((await stored()).length, before)
})

test('an event that is signed but wrong in itself is refused by the name of its field', async () => {
  const before = (await stored()).length
  const wrong: [string, RegExp][] = [
    [eventOf(103, { RoomId: 0, UserId: 'anna' }), /EventInfo\.RoomId/],
    [eventOf(103, { RoomId: 'room', UserId: 7 }), /EventInfo\.UserId/],
    [eventOf(103, { RoomId: 'room', UserId: 'a\u0000' }), /EventInfo\.UserId/],
    [eventOf(103, { RoomId: 'room', UserId: 'anna', EventMsTs: -1, EventTs: 'never' }), /EventInfo\.EventMsTs/],
    [eventOf(103, {}).replace('"EventType":\t103', '"EventType":\t"x"'), /EventType/]
  ]

  for (const [body, field] of wrong) {
    const { status, text } = await send(body)
    assert.equal(status, 400, text)
    assert.match((JSON.parse(text) as { detail: string }).detail, field)
  }
  const large = eventOf(103, { RoomId: 'room', UserId: 'anna', Padding: 'x'.repeat(65_536) })
  assert.equal((await send(large)).status, 413)
  assert.equal((await send('{"EventType":')).status, 400)
  assert.equal((await stored()).length, before)
})

test('an event that explains itself oddly does what it says all the same', async () => {
  const presence = async (): Promise<boolean | null | undefined> =>
    (await database.query<{ present: boolean | null }>("select present from members where room_key = 's:odd'")).rows[0]?.present
  const anna = { RoomId: 'odd', UserId: 'anna' }

  assert.equal((await send(eventOf(103, { ...anna, Role: 'anchor', Reason: -1 }))).status, 200)
  assert.equal(await presence(), true)
  assert.equal((await send(eventOf(104, { ...anna, Role: {}, Reason: 'gone', EventMsTs: 'NaN', EventTs: Math.ceil(Date.now() / 1000) }))).status, 200)
  assert.equal(await presence(), false)
  const before = (await stored()).length
  const robot = { RoomId: 'odd', UserId: 'robot', RoomType: 'text', TaskId: [] }
  for (const Payload of [{ Status: 4 }, { Status: 'given up', ErrorCode: 'X', ErrorMsg: {} }, null]) {
    assert.equal((await send(eventOf(401, { ...robot, Payload }))).status, 200, JSON.stringify(Payload))
  }
  assert.equal((await stored()).length, before + 3)
})

test('the destination of a relay is not kept', async () => {
  const status = { RoomId: 'relayed', RoomType: 1, UserId: 'robot', TaskId: 'task-1', Payload: { Url: 'rtmp://192.0.2.1/roomtape/very-secret-key', Status: 2 } }
  assert.equal((await send(eventOf(401, status))).status, 200)

  const row = (await stored()).find(({ body }) => body.includes('task-1'))
  assert.ok(row !== undefined)
  assert.doesNotMatch(row.body, /very-secret-key/)
})

test('a dismissal and a removal from before a recording do not end it, those of after do', async () => {
  const longAgo = Date.now() - 5_000
  const id = await world.start('again')
  const entered = await send(eventOf(103, { RoomId: 'again', UserId: 'anna', Role: 20 }))
  const late = [await send(eventOf(102, { RoomId: 'again' }, { ts: longAgo })), await send(eventOf(104, { RoomId: 'again', UserId: 'rec_1', Role: 21, Reason: 3 }, { ts: longAgo }))]
  assert.deepEqual([entered, ...late].map(({ status }) => status), [200, 200, 200])
  await world.start('marker', { MaxIdleSeconds: 1 }).then((marker) => world.ended(marker)) // planned after them
  assert.equal((await world.detail(id)).Reason, null)

  await send(eventOf(102, { RoomId: 'again' }))
  assert.equal((await world.ended(id)).Reason, 'RoomDismissed')
})

test('too many requests are refused until the minute is over, and TRTC never is', async () => {
  const answers = []
  for (let n = 0; n < 25; n++) answers.push(await call(world.url, '/v1/recordings', { token: world.key }))
  const refused = answers.find(({ status }) => status === 429)

  assert.ok(refused !== undefined)
  assert.ok(Number(refused.headers['retry-after']) > 0 && Number(refused.headers['retry-after']) <= 60)
  assert.match(String(refused.headers.ratelimit), /^"read";r=0;t=\d+$/)
  assert.equal(refused.body.Code, 'RequestLimitExceeded')
  for (let n = 0; n < 30; n++) assert.equal((await send(eventOf(203, { RoomId: 'many', UserId: `user-${n}` }))).status, 200)
})
