import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { request } from 'undici'
import { call, sdkAppId, startWorld } from '../../helpers/world.ts'

interface Problem { status: number, detail: string, Code: string, Errors?: { Pointer: string, Detail: string }[] }
interface Detail { RecordingId: string, RoomId: number, StrRoomId: string, Metadata: unknown, Reason: string | null, Paused: boolean }

const world = await startWorld({ after }, { env: { CAPTURE_WORKERS: '1' } })
const { url, key: token, adminToken, tenantId } = world
const json = 'application/json'
let rooms = 0

interface Raw { status: number, headers: Record<string, string | string[] | undefined>, body: Partial<Problem & Detail> }

/** Sends the very text. */
async function send (path: string, text: string | null, headers: Record<string, string> = {}, method: 'POST' | 'DELETE' = 'POST', auth = token): Promise<Raw> {
  const answer = await request(new URL(path, url), { method, headers: { authorization: `Bearer ${auth}`, ...headers }, body: text })
  const body = await answer.body.text()
  return { status: answer.statusCode, headers: answer.headers, body: body === '' ? {} : JSON.parse(body) as Raw['body'] }
}

const start = (text: string, headers: Record<string, string> = {}): Promise<Raw> => send('/v1/recordings', text, { 'content-type': json, ...headers })

/** Starts a recording in a room of its own. @returns it as it is then read */
async function started (change: object): Promise<Detail> {
  const answer = await start(JSON.stringify({ SdkAppId: sdkAppId, StrRoomId: `room-${++rooms}`, UserId: 'rec_1', ...change }))
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  return (await call<Detail>(url, `/v1/recordings/${answer.body.RecordingId!}`, { token })).body
}

test('a call that needs no body may come with any Content-Type and none', async () => {
  const types = [undefined, json, 'application/x-www-form-urlencoded', 'text/xml', ';;;', '']

  for (const type of types) {
    const { RecordingId } = await started({})
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    for (const what of ['pause', 'resume', 'stop']) {
      const answer = await send(`/v1/recordings/${RecordingId}/${what}`, what === 'stop' ? null : '', headers)
      assert.equal(answer.status, 202, `${what} as ${type}: ${JSON.stringify(answer.body)}`)
    }
    const { body: { KeyId } } = await call(url, `/operator/tenants/${tenantId}/keys`, { method: 'POST', token: adminToken, body: {} })
    assert.equal((await send(`/operator/tenants/${tenantId}/keys/${String(KeyId)}`, null, headers, 'DELETE', adminToken)).status, 204, type)
  }
})

test('a call that needs a body says that it is missing', async () => {
  for (const headers of [{}, { 'content-type': json }, { 'content-type': 'text/xml' }]) {
    const { status, body } = await send('/v1/recordings', '', headers)
    assert.deepEqual([status, body.Code, body.detail], [400, 'InvalidParameter.Body', 'the body is empty; JSON was expected'])
  }
  assert.equal((await send('/v1/recordings', ' ', { 'content-type': json })).body.Code, 'InvalidParameter.Body')
  assert.equal((await send('/v1/nothing', '', { 'content-type': json })).status, 404)
})

test('a number in Metadata comes back as it was sent, or is refused by its place', async () => {
  const metadata = async (text: string): Promise<Raw> =>
    start(`{"SdkAppId":${sdkAppId},"StrRoomId":"numbers-${++rooms}","UserId":"rec_1","Metadata":{"a/b":[{"n":${text}}]}}`)
  const kept = ['0', '-0', '7', '-1.10', '1.1', '1e2', '1E+2', '9007199254740991', '9007199254740992', '0.1', '1e22', '1.7976931348623157e308', '5e-324',
    '0.10000000000000001', '3.1415926535897931', '100000000000000000000', '0e999', '0.000']
  for (const text of kept) {
    const { status, body } = await metadata(text)
    assert.equal(status, 202, `${text}: ${JSON.stringify(body)}`)
    const { body: { Metadata } } = await call<Detail>(url, `/v1/recordings/${body.RecordingId!}`, { token })
    assert.deepEqual(Metadata, { 'a/b': [{ n: Number(text) + 0 }] }, text)
  }
  for (const text of ['9007199254740993', '-9007199254740993', '1400000001000000001', '9007199254740993.0', '900719925474099.3e1', '1e400', '-1e400', '1e-400', '3.14159265358979323846']) {
    const { status, body } = await metadata(text)
    assert.deepEqual([status, body.Code, body.Errors?.map(({ Pointer }) => Pointer)], [400, 'InvalidParameter', ['#/Metadata/a~1b/0/n']], text)
  }
  const elsewhere = await start(`{"SdkAppId":${sdkAppId},"StrRoomId":"numbers","UserId":"rec_1","MaxIdleSeconds":1e400,"Metadata":{"x":1e999}}`)
  assert.deepEqual(elsewhere.body.Errors?.map(({ Pointer }) => Pointer), ['#/MaxIdleSeconds', '#/Metadata/x'])
})

test('any name may be that of a member of Metadata, and is nothing but one', async () => {
  const text = '{"__proto__":{"polluted":1},"deep":[{"__proto__":null,"constructor":{"prototype":{"polluted":1}},"toString":0}]}'
  const { status, body } = await start(`{"SdkAppId":${sdkAppId},"StrRoomId":"proto","UserId":"rec_1","Callback":${JSON.stringify(world.receiver.url)},"Metadata":${text}}`, { 'idempotency-key': 'proto' })
  assert.equal(status, 202, JSON.stringify(body))
  const read = await request(new URL(`/v1/recordings/${body.RecordingId!}`, url), { headers: { authorization: `Bearer ${token}` } })
  const sorted = (json: string): string => JSON.stringify((JSON.parse(json) as { Metadata: unknown }).Metadata, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)) : value)

  assert.equal(sorted(await read.body.text()), sorted(`{"Metadata":${text}}`))
  await world.stop(body.RecordingId!)
  assert.equal(sorted(JSON.stringify(await world.ended(body.RecordingId!))), sorted(`{"Metadata":${text}}`))
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  const outside = await start(`{"__proto__":{"SdkAppId":1},"SdkAppId":${sdkAppId},"StrRoomId":"proto","UserId":"rec_2"}`)
  assert.deepEqual([outside.status, outside.body.Errors?.map(({ Pointer }) => Pointer)], [400, ['#/__proto__']])
  const inherited = await start(`{"__proto__":{"SdkAppId":${sdkAppId}},"StrRoomId":"proto","UserId":"rec_2"}`)
  assert.deepEqual(inherited.body.Errors?.map(({ Pointer }) => Pointer).sort(), ['#/SdkAppId', '#/__proto__'])
})

test('a body nested without end is refused, however it is looked at', async () => {
  for (const depth of [500, 2_000, 5_000, 10_000, 20_000]) {
    const { status } = await start(`{"SdkAppId":${sdkAppId},"StrRoomId":"deep","UserId":"rec_1","Metadata":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`, { 'idempotency-key': `deep-${depth}` })
    assert.ok(status === 202 || status === 200 || status === 400, `${depth}: ${status}`)
  }
})

test('a byte order mark before the JSON is none of it', async () => {
  assert.equal((await start(`\ufeff{"SdkAppId":${sdkAppId},"StrRoomId":"marked","UserId":"rec_1"}`)).status, 202)
})
