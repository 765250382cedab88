import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { request } from 'undici'
import { mintUserSig } from '../../../src/trtc/user-sig.ts'
import { appOf, bucket, call, eventually, sdkAppId, startWorld, type Answer } from '../../helpers/world.ts'

interface Problem { title: string, status: number, detail: string, Code: string, RequestId: string, Errors?: { Pointer: string, Detail: string }[] }
interface Started { RequestId: string, RecordingId: string, Status: string, Message: string }
interface List { Recordings: { RecordingId: string, UserId: string, SdkAppId: number }[], NextCursor: string | null }

const world = await startWorld({ after }, { env: { CAPTURE_WORKERS: '1', ROOM_RECORDINGS_MAX: '5' } })
const { url, key, adminToken, tenantId } = world
const cosConfig = { SecretId: world.cosKeys.secretId, SecretKey: world.cosKeys.secretKey, Region: 'ap-guangzhou', Bucket: bucket, Path: '/own/' }
const valid = { SdkAppId: sdkAppId, StrRoomId: 'room', UserId: 'rec_1' }

function post<Body = Started> (body: unknown, headers: Record<string, string> = {}, token = key): Promise<Answer<Body>> {
  return call<Body>(url, '/v1/recordings', { method: 'POST', token, body, headers })
}

async function count (token = key): Promise<number> {
  return (await call<List>(url, '/v1/recordings?Limit=100', { token })).body.Recordings.length
}

async function newKey (options: object = {}, tenant = tenantId): Promise<{ Key: string, KeyId: string }> {
  const { status, body } = await call<{ Key: string, KeyId: string }>(url, `/operator/tenants/${tenant}/keys`, { method: 'POST', token: adminToken, body: options })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

async function otherTenant (): Promise<{ TenantId: string, key: string }> {
  const { body: { TenantId } } = await call<{ TenantId: string }>(url, '/operator/tenants', { method: 'POST', token: adminToken, body: { Name: 'neighbour' } })
  return { TenantId, key: (await newKey({}, TenantId)).Key }
}

test('a start is answered as the template did, and tells where the recording is', async () => {
  const { status, headers, body } = await post({ ...valid, StrRoomId: 'answered', CosConfig: cosConfig, Metadata: { Lesson: 7 } })

  assert.equal(status, 202)
  assert.deepEqual(body, { RequestId: headers['x-scf-reqid'], RecordingId: body.RecordingId, Status: 'Pending', Message: 'Async run task submitted' })
  const location = String(headers.location)
  assert.equal(location, `/v1/recordings/${body.RecordingId}`)
  const { body: detail } = await call(url, location, { token: key })
  assert.deepEqual([detail.RecordingId, detail.StrRoomId, detail.RoomId, detail.UserId, detail.Metadata], [body.RecordingId, 'answered', 0, 'rec_1', { Lesson: 7 }])
  assert.doesNotMatch(JSON.stringify(detail), new RegExp(world.cosKeys.secretKey))
})

test('RoomId wins over StrRoomId', async () => {
  const { body } = await post({ ...valid, RoomId: 4711, StrRoomId: 'ignored' })
  const { body: detail } = await call(url, `/v1/recordings/${body.RecordingId}`, { token: key })

  assert.deepEqual([detail.RoomId, detail.StrRoomId], [4711, ''])
})

test('the same recorder in the same room is given its running recording, another recorder one of its own', async () => {
  const first = await post({ ...valid, StrRoomId: 'natural' })
  const second = await post({ ...valid, StrRoomId: 'natural', Metadata: { other: true } })
  const [left, right] = await Promise.all([1, 2].map(() => post({ ...valid, StrRoomId: 'natural', UserId: 'rec_2' })))

  assert.deepEqual([first.status, second.status], [202, 200])
  assert.equal(second.body.RecordingId, first.body.RecordingId)
  assert.deepEqual([left?.status, right?.status].sort(), [200, 202], 'also when both come at once')
  assert.equal(left?.body.RecordingId, right?.body.RecordingId)
  assert.notEqual(left?.body.RecordingId, first.body.RecordingId)
})

test('a room has no more recordings than the operator allows, however many are asked for at once; another room, and one that has ended, have place', async () => {
  const starts = await Promise.all(Array.from({ length: 8 }, (_, n) => post({ ...valid, StrRoomId: 'full', UserId: `rec_${n}` })))
  const begun = starts.filter(({ status }) => status === 202)
  const refused = starts.find(({ status }) => status !== 202)?.body as unknown as Problem
  const elsewhere = await post({ ...valid, StrRoomId: 'full-2' })
  await call(url, `/v1/recordings/${begun[0]!.body.RecordingId}/stop`, { method: 'POST', token: key })
  const after = await eventually(async () => {
    const answer = await post({ ...valid, StrRoomId: 'full', UserId: 'rec_after' })
    return answer.status === 202 ? answer : undefined
  })

  assert.deepEqual([begun.length, elsewhere.status, after.status], [5, 202, 202])
  assert.deepEqual([refused.status, refused.Code], [409, 'LimitExceeded.RoomRecordings'])
})

test('a request with an Idempotency-Key is done once, and answered each time', async () => {
  const body = { ...valid, StrRoomId: 'idempotent' }
  const headers = { 'idempotency-key': 'k-1' }
  const before = await count()

  const [first, again] = [await post(body, headers), await post({ UserId: 'rec_1', StrRoomId: 'idempotent', SdkAppId: sdkAppId }, headers)]
  const other = await post<Problem>({ ...body, UserId: 'rec_9' }, headers)
  const elsewhere = await post(body, headers, (await otherTenant()).key)

  assert.deepEqual([first.status, again.status], [202, 202])
  assert.deepEqual(again.body, first.body)
  assert.deepEqual([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']], [undefined, 'true'])
  assert.equal(again.headers.location, first.headers.location)
  assert.deepEqual([other.status, other.body.Code], [422, 'InvalidParameter.IdempotencyKey'])
  assert.equal(elsewhere.headers['idempotent-replayed'], undefined, 'a key is its tenant\'s own')
  assert.equal(await count(), before + 1)
})

test('two requests with one Idempotency-Key at the same time are never done twice', async () => {
  const before = await count()
  const answers = await Promise.all([1, 2, 3].map(() => post({ ...valid, StrRoomId: 'at-once' }, { 'idempotency-key': 'k-2' })))

  for (const { status, headers } of answers) assert.ok(status === 202 || (status === 409 && headers['retry-after'] === '1'), String(status))
  assert.ok(answers.some(({ status }) => status === 202))
  assert.equal(await count(), before + 1)
})

test('a refusal is not kept for an Idempotency-Key: once the operator has healed the cause the same request is done', async () => {
  const SdkAppId = 1_400_000_055
  const body = { ...valid, SdkAppId, StrRoomId: 'healed' }
  const headers = { 'idempotency-key': 'k-3' }
  const put = (DefaultStore: unknown): Promise<Answer> =>
    call(url, `/operator/tenants/${tenantId}/apps/${SdkAppId}`, { method: 'PUT', token: adminToken, body: { ...appOf(world), DefaultStore } })

  assert.equal((await post<Problem>(body, headers)).body.Code, 'InvalidParameter.SdkAppId')
  await put(undefined)
  assert.equal((await post<Problem>(body, headers)).body.Code, 'MissingParameter.CosConfig')
  await put({ ...appOf(world).DefaultStore, SecretKey: 'wrong' })
  assert.equal((await post<Problem>(body, headers)).body.Code, 'InvalidParameter.CosConfig')
  await put(appOf(world).DefaultStore)
  const done = await post<Problem>(body, headers)
  assert.equal(done.status, 202, JSON.stringify(done.body))
  await put(undefined)
  const again = await post<Problem>(body, headers)
  assert.deepEqual([again.status, again.headers['idempotent-replayed'], again.body], [202, 'true', done.body])
})

const wrong: [string, object, number, string, string | RegExp][] = [
  ['no SdkAppId', { SdkAppId: undefined }, 400, 'InvalidParameter', '#/SdkAppId'],
  ['text that is no number', { SdkAppId: '14e8' }, 400, 'InvalidParameter', '#/SdkAppId'],
  ['a room number out of range', { RoomId: 4_294_967_296 }, 400, 'InvalidParameter', '#/RoomId'],
  ['an empty room', { StrRoomId: '' }, 400, 'InvalidParameter', /RoomId or StrRoomId/],
  ['no room', { StrRoomId: undefined }, 400, 'InvalidParameter', /RoomId or StrRoomId/],
  ['a UserId with a slash', { UserId: '../x' }, 400, 'InvalidParameter', '#/UserId'],
  ['a field nobody knows', { Segments: 1 }, 400, 'InvalidParameter', '#/Segments'],
  ['a field nobody knows, further down', { Subscribe: { Users: [] } }, 400, 'InvalidParameter', '#/Subscribe/Users'],
  ['a list that is none', { Subscribe: { UserIds: 'a' } }, 400, 'InvalidParameter', '#/Subscribe/UserIds'],
  ['a policy without label', { Policies: [{ UserIds: ['a'] }] }, 400, 'InvalidParameter', '#/Policies/0/Label'],
  ['a label that no database takes', { Policies: [{ UserIds: ['a'], Label: '\0' }] }, 400, 'InvalidParameter', /U\+0000/],
  ['metadata that no database takes', { Metadata: { half: '\ud800' } }, 400, 'InvalidParameter', /half a surrogate/],
  ['less than no time', { MaxDurationSeconds: -1 }, 400, 'InvalidParameter', '#/MaxDurationSeconds'],
  ['metadata of more than 4 kB', { Metadata: { text: 'x'.repeat(4_096) } }, 400, 'InvalidParameter', /Metadata/],
  ['a bucket without its APPID', { CosConfig: { ...cosConfig, Bucket: 'audio' } }, 400, 'InvalidParameter', '#/CosConfig/Bucket'],
  ['a path that leads up', { CosConfig: { ...cosConfig, Path: 'a/../b' } }, 400, 'InvalidParameter', /CosConfig\.Path/],
  ['video', { Mode: '01' }, 400, 'UnsupportedMode', /Mode '01'/],
  ['another format', { Output: { Format: 'mp3' } }, 400, 'UnsupportedOutput', /mp3/],
  ['segments of a second', { Output: { SegmentSeconds: 1 } }, 400, 'UnsupportedOutput', /SegmentSeconds must be 0 or 2 to 600/],
  ['segments of an hour', { Output: { SegmentSeconds: 3600 } }, 400, 'UnsupportedOutput', /SegmentSeconds/],
  ['somebody else\'s SdkAppId', { SdkAppId: 1_400_000_999 }, 400, 'InvalidParameter.SdkAppId', /1400000999/],
  ['a UserSig of another key', { UserSig: mintUserSig({ sdkAppId, secretKey: 'x', userId: 'rec_1', expireSeconds: 60, nowMs: Date.now() }) }, 400, 'InvalidParameter.UserSig', /another key/],
  ['a UserSig of another user', { UserSig: mintUserSig({ sdkAppId, secretKey: world.sdkSecretKey, userId: 'x', expireSeconds: 60, nowMs: Date.now() }) }, 400, 'InvalidParameter.UserSig', /another user/],
  ['a UserSig that has expired', { UserSig: mintUserSig({ sdkAppId, secretKey: world.sdkSecretKey, userId: 'rec_1', expireSeconds: 60, nowMs: 0 }) }, 400, 'InvalidParameter.UserSig', /expired/],
  ['a UserSig that is none', { UserSig: 'x' }, 400, 'InvalidParameter.UserSig', /malformed/],
  ['a bucket that does not exist', { CosConfig: { ...cosConfig, Bucket: 'other-1250000000' } }, 422, 'InvalidParameter.CosConfig', /NoSuchBucket/],
  ['a bucket that refuses the key', { CosConfig: { ...cosConfig, SecretKey: 'wrong' } }, 422, 'InvalidParameter.CosConfig', /SignatureDoesNotMatch/],
  ['a bucket without keys', { CosConfig: { Bucket: bucket, Region: 'ap-guangzhou' } }, 403, 'UnauthorizedOperation.Store', /role-stores/],
  ['half a pair of keys', { CosConfig: { ...cosConfig, SecretKey: undefined } }, 422, 'InvalidParameter.CosConfig', /SecretId and SecretKey/],
  ...['http://10.0.0.1/', 'https://192.168.1.1/x', 'https://[fd00::1]/', 'http://169.254.169.254/latest', 'https://user:pw@example.com/',
    'ftp://example.com/', 'not a url'].map((Callback): typeof wrong[number] =>
    [`a callback to ${Callback}`, { Callback }, 422, 'InvalidParameter.Callback', /a callback URL must/])
]

for (const [name, change, status, code, named] of wrong) {
  test(`a start with ${name} is refused by name, and nothing is recorded`, async () => {
    const before = await count()
    const answer = await post<Problem>({ ...valid, StrRoomId: 'refused', ...change })

    assert.equal(answer.status, status, JSON.stringify(answer.body))
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
    assert.equal(answer.body.Code, code)
    assert.equal(answer.body.RequestId, answer.headers['request-id'])
    if (typeof named === 'string') assert.ok(answer.body.Errors?.some(({ Pointer }) => Pointer === named), JSON.stringify(answer.body.Errors))
    else assert.match(answer.body.detail, named)
    assert.doesNotMatch(JSON.stringify(answer.body), / {4}at |\.ts:/)
    assert.equal(await count(), before)
  })
}

test('what is no JSON, no JSON by its type, or more than 64 kB is refused without a word of it', async () => {
  const send = async (body: string, type = 'application/json'): Promise<[number, string, string]> => {
    const answer = await request(new URL('/v1/recordings', url), { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': type }, body })
    const text = await answer.body.text()
    return [answer.statusCode, (JSON.parse(text) as Problem).Code, text]
  }

  const broken = await send('{"UserSig":"confidential",}')
  assert.deepEqual(broken.slice(0, 2), [400, 'InvalidParameter.Body'])
  assert.doesNotMatch(broken[2], /confidential/)
  assert.deepEqual((await send('<xml/>', 'text/xml')).slice(0, 2), [415, 'UnsupportedMediaType'])
  assert.deepEqual((await send('')).slice(0, 2), [400, 'InvalidParameter.Body'])
  assert.deepEqual((await send('[]')).slice(0, 2), [400, 'InvalidParameter'])
  assert.deepEqual((await send(JSON.stringify({ ...valid, Metadata: { x: 'x'.repeat(65_536) } }))).slice(0, 2), [413, 'RequestSizeLimitExceeded'])
})

test('a key that is unknown, revoked, expired, without the scope or from elsewhere opens nothing', async () => {
  const revoked = await newKey()
  assert.equal((await call(url, '/v1/recordings', { token: revoked.Key })).status, 200)
  const path = `/operator/tenants/${tenantId}/keys/${revoked.KeyId}`
  assert.equal((await call(url, path, { method: 'DELETE', token: adminToken })).status, 204)
  const expired = await newKey({ ExpiresMs: Date.now() })
  const reading = await newKey({ Scopes: ['recordings:read'] })
  const distant = await newKey({ AllowNetworks: ['10.0.0.0/8'] })
  const near = await newKey({ AllowNetworks: ['127.0.0.1'] })
  const answer = async (token: string): Promise<[number, string | undefined]> => {
    const { status, body } = await post<Problem>({ ...valid, StrRoomId: 'by-key' }, {}, token)
    return [status, body.Code]
  }

  assert.deepEqual(await answer('rt_live_unknown'), [401, 'AuthFailure.InvalidKey'])
  assert.deepEqual(await answer(adminToken), [401, 'AuthFailure.InvalidKey'], 'the operator is no tenant')
  assert.deepEqual(await answer(revoked.Key), [401, 'AuthFailure.InvalidKey'])
  assert.deepEqual(await answer(expired.Key), [401, 'AuthFailure.InvalidKey'])
  assert.deepEqual(await answer(reading.Key), [403, 'UnauthorizedOperation.Scope'])
  assert.deepEqual(await answer(distant.Key), [403, 'UnauthorizedOperation.Address'])
  assert.deepEqual(await answer(near.Key), [202, undefined])
  assert.equal((await call(url, '/v1/recordings', { token: reading.Key })).status, 200)
})

test('another tenant sees none of it: not in the list, not by id, and stops nothing', async () => {
  const { body: { RecordingId } } = await post({ ...valid, StrRoomId: 'private' })
  const stranger = await otherTenant()

  assert.equal(await count(stranger.key), 0)
  for (const [method, path] of [['GET', ''], ['GET', '/timeline'], ['POST', '/stop'], ['POST', '/pause'], ['POST', '/resume']] as const) {
    const { status, body } = await call<Problem>(url, `/v1/recordings/${RecordingId}${path}`, { method, token: stranger.key })
    assert.deepEqual([status, body.Code], [404, 'ResourceNotFound'])
  }
  const foreign = await post<Problem>({ ...valid, StrRoomId: 'private' }, {}, stranger.key)
  assert.deepEqual([foreign.status, foreign.body.Code], [400, 'InvalidParameter.SdkAppId'])
  assert.equal((await call(url, `/v1/recordings/${RecordingId}`, { token: key })).body.Reason, null)
})

test('a pause is asked for as often as one likes, shows in the recording, and ends by a resume of the same', async () => {
  const { body: { RecordingId } } = await post({ ...valid, StrRoomId: 'pausing' })
  const ask = async (what: string, body?: object, headers: Record<string, string> = {}) =>
    call<{ Paused: boolean, Code?: string }>(url, `/v1/recordings/${RecordingId}/${what}`, { method: 'POST', token: key, body, headers })
  const paused = async (): Promise<unknown> => (await call(url, `/v1/recordings/${RecordingId}`, { token: key })).body.Paused

  for (const [what, body, isPaused] of [
    ['resume', undefined, false], ['pause', undefined, true], ['pause', {}, true], ['pause', { UserIds: ['nobody-yet'] }, true],
    ['resume', { UserIds: ['nobody-yet'] }, true], ['resume', {}, false], ['pause', { UserIds: ['nobody-yet'] }, false]
  ] as const) {
    const answer = await ask(what, body)
    assert.deepEqual([answer.status, answer.body.Paused, await paused()], [202, isPaused, isPaused], `${what} ${JSON.stringify(body)}`)
  }
  const headers = { 'idempotency-key': 'pause-1' }
  const first = await ask('pause', undefined, headers)
  await ask('resume')
  const again = await ask('pause', undefined, headers)
  assert.deepEqual([again.body, again.headers['idempotent-replayed'], await paused()], [first.body, 'true', false], 'the first answer, and nothing is done')

  for (const body of [{ UserIds: [] }, { UserIds: [''] }, { UserIds: 'anna' }, { Users: ['anna'] }]) assert.equal((await ask('pause', body)).status, 400, JSON.stringify(body))
  await call(url, `/v1/recordings/${RecordingId}/stop`, { method: 'POST', token: key })
  for (const what of ['pause', 'resume']) {
    const { status, body } = await ask(what)
    assert.deepEqual([status, body.Code], [409, 'ResourceInUse'])
  }
})

test('a list comes in pages, newest first, and each recording once', async () => {
  const pager = await otherTenant()
  const own = 1_400_000_003
  const app = await call(url, `/operator/tenants/${pager.TenantId}/apps/${own}`, { method: 'PUT', token: adminToken, body: appOf(world) })
  assert.equal(app.status, 200)
  const ids: string[] = []
  for (let n = 1; n <= 5; n++) ids.push((await post({ ...valid, SdkAppId: own, UserId: `rec_${n}` }, {}, pager.key)).body.RecordingId)
  const page = async (query: string) => (await call<List>(url, `/v1/recordings?${query}`, { token: pager.key })).body

  const seen: string[][] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { Recordings, NextCursor }: List = await page(`Limit=2${cursor === '' ? '' : `&Cursor=${cursor}`}`)
    seen.push(Recordings.map(({ RecordingId }) => RecordingId))
    cursor = NextCursor
  }

  assert.deepEqual(seen.map(({ length }) => length), [2, 2, 1])
  assert.deepEqual(seen.flat(), ids.reverse())
  assert.equal((await page('Status=Completed')).Recordings.length, 0)
  assert.equal((await page(`SdkAppId=${own}`)).Recordings.length, 5)
  for (const [query, pointer] of [['Limit=0', 'querystring/Limit'], ['Limit=x', 'querystring/Limit'], ['Status=Done', 'querystring/Status'], ['Page=2', 'querystring/Page']]) {
    const { status, body } = await call<Problem>(url, `/v1/recordings?${query!}`, { token: pager.key })
    assert.deepEqual([status, body.Errors?.[0]?.Pointer], [400, pointer])
  }
})

test('a recording that does not exist is not found', async () => {
  for (const id of ['rec_01JGAVE8Q2ZK3T5M7N9P1R4S6V', 'x']) {
    assert.equal((await call(url, `/v1/recordings/${id}`, { token: key })).status, 404)
  }
})

test('ids that cannot be are refused by name', async () => {
  for (const [path, pointer] of [['/%00', 'params/RecordingId'], ['?Cursor=%00', 'querystring/Cursor'], [`/${'a'.repeat(65)}`, 'params/RecordingId']]) {
    const { status, body } = await call<Problem>(url, `/v1/recordings${path!}`, { token: key })
    assert.deepEqual([status, body.Errors?.[0]?.Pointer], [400, pointer])
  }
})

test('metadata comes back as it went in, whatever characters it holds', async () => {
  const Metadata = { text: '课堂 🎓', written: '\\u0000 \\ud800', deep: [{ '': null }] }
  const { status, body } = await post({ ...valid, StrRoomId: 'metadata', Metadata })

  assert.equal(status, 202, JSON.stringify(body))
  assert.deepEqual((await call(url, `/v1/recordings/${body.RecordingId}`, { token: key })).body.Metadata, Metadata)
})
