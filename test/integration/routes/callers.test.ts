import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { request } from 'undici'
import { appOf, bucket, call, sdkAppId, startWorld, type Answer } from '../../helpers/world.ts'

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

/** What each language sends for members it has no value for. */
const zero = { null: null, empty: '', 0: 0 }

test('our own callback is taken as a start, whichever room it is of', async () => {
  assert.partialDeepStrictEqual(await started({ RoomId: 0, StrRoomId: 'as-told' }), { RoomId: 0, StrRoomId: 'as-told' })
  assert.partialDeepStrictEqual(await started({ RoomId: 7001, StrRoomId: '' }), { RoomId: 7001, StrRoomId: '' })
  assert.partialDeepStrictEqual(await started({ SdkAppId: String(sdkAppId), RoomId: '', StrRoomId: 'of-the-template' }), { StrRoomId: 'of-the-template' })
  assert.partialDeepStrictEqual(await started({ SdkAppId: String(sdkAppId), RoomId: '7002', StrRoomId: '' }), { RoomId: 7002, StrRoomId: '' })
  assert.partialDeepStrictEqual(await started({ RoomId: '0', StrRoomId: 'zero-as-text' }), { RoomId: 0, StrRoomId: 'zero-as-text' })
})

test('a zero value means that a member is absent', async () => {
  const optional = ['RoomId', 'UserSig', 'PrivateMapKey', 'CosConfig', 'Callback', 'Mode', 'Subscribe', 'Output', 'Policies', 'MaxDurationSeconds', 'MaxIdleSeconds', 'Metadata']
  for (const value of Object.values(zero)) {
    assert.deepEqual((await started(Object.fromEntries(optional.map((name) => [name, value])))).Metadata, {})
  }
  const keyless = { Bucket: '', Region: null, Path: '', SecretId: '', SecretKey: null, SecurityToken: '' }
  for (const nothing of [keyless, {}, []]) await started({ CosConfig: nothing, Subscribe: nothing === keyless ? { UserIds: null, ExcludeUserIds: '' } : nothing })
  for (const nothing of [{}, []]) assert.deepEqual((await started({ Metadata: nothing, Output: nothing, Policies: [] })).Metadata, {})
  const keys = { SecretId: world.cosKeys.secretId, SecretKey: world.cosKeys.secretKey, SecurityToken: '' }
  await started({ CosConfig: { Bucket: bucket, Region: 'ap-guangzhou', Path: null, ...keys } })
  await started({ Output: { Format: '', SegmentSeconds: null, FillGaps: '', TrimSilence: null } })
  await started({ Output: { SegmentSeconds: 0, FillGaps: false, TrimSilence: false } })
  await started({ Output: { SegmentSeconds: '5' }, MaxDurationSeconds: '3600', MaxIdleSeconds: '60' })
})

test('what is wrong is named as ever, and what is needed is missed', async () => {
  const wrong: [object, string | RegExp][] = [
    ...Object.values(zero).flatMap((value): [object, string | RegExp][] => [
      [{ SdkAppId: value }, '#/SdkAppId'], [{ UserId: value }, '#/UserId'], [{ RoomId: value, StrRoomId: value }, /RoomId or StrRoomId/],
      [{ Policies: [{ UserIds: ['a'], Label: value }] }, '#/Policies/0/Label'], [{ Policies: [value] }, '#/Policies/0'],
      [{ CosConfig: { Bucket: bucket, Region: value } }, '#/CosConfig/Region'], [{ Segments: value }, '#/Segments'], [{ Subscribe: { UserIds: [value] } }, '#/Subscribe/UserIds/0']
    ]),
    [{ SdkAppId: '14e8' }, '#/SdkAppId'], [{ SdkAppId: ' 1' }, '#/SdkAppId'], [{ RoomId: 'room' }, '#/RoomId'], [{ RoomId: '4294967296' }, '#/RoomId'],
    [{ RoomId: '-1' }, '#/RoomId'], [{ RoomId: '1.5' }, '#/RoomId'], [{ StrRoomId: 5 }, '#/StrRoomId'], [{ MaxIdleSeconds: false }, '#/MaxIdleSeconds'],
    [{ Output: { Format: 0 } }, '#/Output/Format'], [{ Output: { FillGaps: 0 } }, '#/Output/FillGaps'], [{ CosConfig: [1] }, '#/CosConfig'], [{ Metadata: [1] }, '#/Metadata']
  ]

  for (const [change, named] of wrong) {
    const { status, body } = await start(JSON.stringify({ SdkAppId: sdkAppId, StrRoomId: 'wrong', UserId: 'rec_1', ...change }))
    assert.equal(status, 400, JSON.stringify(change))
    if (typeof named === 'string') assert.ok(body.Errors?.some(({ Pointer }) => Pointer === named), JSON.stringify([change, body]))
    else assert.match(body.detail!, named)
  }
})

test('zero values are absent in a pause, in the query of a list and in the store of an app, too', async () => {
  const { RecordingId } = await started({})
  for (const text of ['{"UserIds":null}', '[]', '{}', 'null']) {
    const answer = await send(`/v1/recordings/${RecordingId}/pause`, text, { 'content-type': json })
    assert.deepEqual([answer.status, answer.body.Paused], [202, true], text)
  }
  assert.equal((await send(`/v1/recordings/${RecordingId}/resume`, '{"UserIds":0}', { 'content-type': json })).status, 400)
  const list = await call<{ Recordings: unknown[] }>(url, '/v1/recordings?Cursor=&Status=&SdkAppId=&Limit=', { token })
  assert.equal(list.status, 200, JSON.stringify(list.body))
  assert.equal((await call(url, '/v1/recordings?Limit=0', { token })).status, 400)
  const app = (DefaultStore: unknown): Promise<Answer> =>
    call(url, `/operator/tenants/${tenantId}/apps/1400000077`, { method: 'PUT', token: adminToken, body: { ...appOf(world), Engine: '', CloudEndpoint: null, DefaultStore } })
  for (const DefaultStore of [null, [], { Directory: '/srv', SecretId: '' }, { Bucket: bucket, Region: 'ap-guangzhou', SecretId: '', SecretKey: '', Path: null }]) {
    const answer = await app(DefaultStore)
    assert.equal(answer.status, 200, JSON.stringify([DefaultStore, answer.body]))
  }
  assert.equal((await app({ Bucket: bucket })).status, 400)
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
