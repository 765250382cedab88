import assert from 'node:assert/strict'
import { after, test, type TestContext } from 'node:test'
import { startReceiver, type Receiver } from '../../../src/sandbox/receiver.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { call, eventually, patienceMs, startWorld, type Answer } from '../../helpers/world.ts'

type Body = Record<string, unknown>
interface Delivery extends Body { DeliveryId: string, EventId: string, State: string, Type: string }
interface Attempt extends Body { Number: number, Cause: string }

const world = await startWorld({ after }, { env: { CAPTURE_WORKERS: '1', RATE_LIMIT_WRITES_PER_MINUTE: '10000', RATE_LIMIT_READS_PER_MINUTE: '10000' } })
const { url, key, adminToken } = world
const signal = (): AbortSignal => AbortSignal.timeout(patienceMs)
let rooms = 0

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
interface Asked { body?: unknown, token?: string, headers?: Record<string, string> }

function ask<Answered = Body> (method: Method, path: string, { body, token = key, headers = {} }: Asked = {}): Promise<Answer<Answered>> {
  return call<Answered>(url, `/v1${path}`, { method, token, headers, body })
}

/** A tenant of its own, since a tenant has 20 endpoints. @returns its key */
async function otherTenant (): Promise<string> {
  const operator = { method: 'POST', token: adminToken } as const
  const { body: { TenantId } } = await call(url, '/operator/tenants', { ...operator, body: { Name: 'other' } })
  const { body: { Key } } = await call(url, `/operator/tenants/${String(TenantId)}/keys`, { ...operator, body: {} })
  return String(Key)
}

async function receive (t: TestContext): Promise<Receiver> {
  const receiver = await startReceiver()
  closeAfter(t, () => receiver.close())
  return receiver
}

/** Adds an endpoint until the test ends. */
async function added (t: TestContext, body: Body): Promise<Body & { EndpointId: string, Secret: string }> {
  const answer = await ask<Body & { EndpointId: string, Secret: string }>('POST', '/endpoints', { body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  closeAfter(t, () => ask('DELETE', `/endpoints/${answer.body.EndpointId}`))
  return answer.body
}

/** A recording that ends at once, and so has an event. @returns its id */
async function ended (room = 'room'): Promise<string> {
  const recordingId = await world.start(`${room}-${++rooms}`, { Callback: '' })
  await world.stop(recordingId)
  return recordingId
}

async function deliveries (query: string): Promise<Delivery[]> {
  const answer = await ask<{ Deliveries: Delivery[] }>('GET', `/deliveries?${query}`)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body.Deliveries
}

/** The one delivery of a recording to an endpoint, when it is in that state. */
function deliveryIn (state: string, endpointId: string, recordingId: string): Promise<Delivery> {
  return eventually(async () => (await deliveries(`Endpoint=${endpointId}&RecordingId=${recordingId}`)).find(({ State }) => State === state))
}

test('an endpoint is added with a secret that is shown this once, gets what it asks for, and shows how it fares', async (t) => {
  const receiver = await receive(t)
  const { Secret, ...shown } = await added(t, {
    Url: receiver.url, Types: ['recording.*'], Filters: { UserIds: ['kid_*'], SdkAppIds: [1_400_000_001] }, Schedule: [1, 86_400], Headers: { 'X-Team': 'moderation' }
  })
  receiver.trust(Secret)
  const recordingId = await ended()
  const { body, signature, headers } = await receiver.next(() => true, { signal: signal() })
  const { DeliveryId } = await deliveryIn('delivered', shown.EndpointId, recordingId)
  const one = await ask('GET', `/endpoints/${shown.EndpointId}`)
  const { body: delivery } = await ask<Delivery & { AttemptList: Attempt[] }>('GET', `/deliveries/${DeliveryId}`)

  assert.deepEqual([(body as Body).RecordingId, signature, headers['x-team']], [recordingId, 'valid', 'moderation'])
  const { CreatedMs, UpdatedMs, EndpointId, ...rest } = shown
  assert.deepEqual(rest, {
    Url: receiver.url,
    Pull: false,
    Hidden: false,
    Types: ['recording.*'],
    Filters: { UserIds: ['kid_*'], SdkAppIds: [1_400_000_001] },
    Schedule: [1, 86_400],
    HeaderNames: ['x-team'],
    CallbackFormat: 'full',
    Enabled: true,
    DisabledMs: null,
    DisabledReason: null,
    BreakerOpen: false,
    NextProbeMs: null,
    FailingSinceMs: null,
    LastSuccessMs: null,
    WaitingCount: 0,
    HeldCount: 0
  })
  assert.equal(CreatedMs, UpdatedMs)
  const { LastSuccessMs, ...same } = one.body
  assert.ok(Number(LastSuccessMs) > 0)
  assert.deepEqual({ ...same, LastSuccessMs: null }, shown)
  assert.deepEqual([one.headers.etag, one.body.EndpointId], ['"1"', EndpointId])
  assert.doesNotMatch(JSON.stringify(one.body), /moderation|whsec_/)
  const { AttemptList: [attempt], ...state } = delivery
  assert.partialDeepStrictEqual(state, { EndpointId, RecordingId: recordingId, State: 'delivered', Attempts: 1, LastStatus: 200, NextAttemptMs: null })
  assert.partialDeepStrictEqual(attempt, { Number: 1, Cause: 'schedule', Status: 200, Reason: null, Body: '', Cut: false })
})

test('one that is not enabled holds what comes and what waits, until it is enabled and that is replayed; deleted, it cancels them', async (t) => {
  const receiver = await receive(t)
  const { EndpointId } = await added(t, { Url: receiver.url, Types: ['recording.completed', 'recording.failed'], Filters: { Rooms: ['held-*'] }, Schedule: [86_400] })
  receiver.replyNext({ status: 500, body: 'no room' })
  const waiting = await ended('held')
  const { DeliveryId } = await eventually(async () => (await deliveries(`Endpoint=${EndpointId}`)).find(({ Attempts }) => Attempts === 1))
  const { body: early } = await ask('POST', `/deliveries/${DeliveryId}/replay`)
  const off = await ask('PATCH', `/endpoints/${EndpointId}`, { body: { Enabled: false } })
  const held = await ended('held')
  await deliveryIn('held', EndpointId, held)
  const refused = [await ask('POST', `/deliveries/${DeliveryId}/replay`), await ask('POST', `/endpoints/${EndpointId}/replay`)]
  const on = await ask('PATCH', `/endpoints/${EndpointId}`, { body: { Enabled: true } })
  const bulk = await ask('POST', `/endpoints/${EndpointId}/replay`, { body: { Types: ['recording.*'], SinceMs: 1 } })
  await Promise.all([waiting, held].map((recordingId) => deliveryIn('delivered', EndpointId, recordingId)))
  const { body: { AttemptList } } = await ask<{ AttemptList: Attempt[] }>('GET', `/deliveries/${DeliveryId}`)
  const single = await ask('POST', `/deliveries/${DeliveryId}/replay`)
  const thrice = await eventually(async () => {
    const { body } = await ask<{ State: string, AttemptList: Attempt[] }>('GET', `/deliveries/${DeliveryId}`)
    return body.State === 'delivered' && body.AttemptList.length === 3 ? body.AttemptList : undefined
  })

  assert.equal(early.Code, 'ResourceInUse')
  assert.partialDeepStrictEqual(off.body, { Enabled: false, DisabledReason: null, WaitingCount: 0, HeldCount: 1 })
  assert.deepEqual(refused.map(({ status }) => status), [409, 409])
  assert.partialDeepStrictEqual(on.body, { Enabled: true, DisabledMs: null, HeldCount: 2, FailingSinceMs: null })
  assert.deepEqual([bulk.status, bulk.body.Count, typeof bulk.body.JobId], [202, 2, 'string'])
  assert.deepEqual(AttemptList.map(({ Cause, Status, Reason, Body }) => [Cause, Status, Reason, Body]), [['schedule', 500, 'server_error', 'no room'], ['bulk', 200, null, '']])
  assert.equal(single.status, 202)
  assert.equal(thrice.at(-1)?.Cause, 'manual')
  assert.equal(new Set(receiver.attempts().map(({ id }) => id)).size, 2, 'the same event keeps its id')

  await ask('PATCH', `/endpoints/${EndpointId}`, { body: { Enabled: false } })
  const last = await ended('held')
  await deliveryIn('held', EndpointId, last)
  assert.equal((await ask('DELETE', `/endpoints/${EndpointId}`)).status, 204)
  const { DeliveryId: gone } = await deliveryIn('cancelled', EndpointId, last)
  assert.deepEqual((await Promise.all([ask('GET', `/endpoints/${EndpointId}`), ask('DELETE', `/endpoints/${EndpointId}`), ask('POST', `/deliveries/${gone}/replay`)])).map(({ status }) => status), [404, 404, 409])
})

test('a URL that is changed holds for what waits, which is sent there at once', async (t) => {
  const [before, now] = [await receive(t), await receive(t)]
  const { EndpointId } = await added(t, { Url: before.url, Schedule: [86_400], Headers: { 'x-one': '1', 'x-two': '2' } })
  before.replyNext({ status: 503 })
  const recordingId = await ended()
  await eventually(async () => (await deliveries(`Endpoint=${EndpointId}`)).find(({ Attempts }) => Attempts === 1))

  const changed = await ask('PATCH', `/endpoints/${EndpointId}`, { body: { Url: `${now.url}?token=1`, Headers: { 'X-One': '', 'x-three': '3' } } })
  const { headers } = await now.next(({ body }) => (body as Body).RecordingId === recordingId, { signal: signal() })

  assert.partialDeepStrictEqual(changed.body, { Url: `${now.url}?token=1`, HeaderNames: ['x-two', 'x-three'], Schedule: [86_400] })
  assert.deepEqual([headers['x-one'], headers['x-two'], headers['x-three']], [undefined, '2', '3'])
})

test('a secret is rotated: both sign until the old one ends, three at most, and a leak ends them all', async (t) => {
  const receiver = await receive(t)
  const { EndpointId, Secret } = await added(t, { Url: receiver.url })
  const rotate = (body?: Body, headers = {}): Promise<Answer> => ask('POST', `/endpoints/${EndpointId}/secret/rotate`, { body, headers })
  const signatures = async (): Promise<number> => {
    await ask('POST', `/endpoints/${EndpointId}/test`)
    return String(receiver.attempts().at(-1)?.headers['webhook-signature']).split(' ').length
  }

  const second = await rotate()
  const both = await signatures()
  receiver.trust(Secret)
  const known = (await ask('POST', `/endpoints/${EndpointId}/test`)).body.Status
  const again = await rotate({ ExpireOldSeconds: 604_800 }, { 'idempotency-key': 'once', 'if-match': '"2"' })
  const replayed = await rotate({ ExpireOldSeconds: 604_800 }, { 'idempotency-key': 'once', 'if-match': '"2"' })
  const all = await signatures()
  const fourth = await rotate({})
  const leaked = await rotate({ ExpireOldSeconds: 0 })
  const alone = await signatures()

  assert.deepEqual([second.status, both, known], [200, 2, 200])
  assert.ok(String(second.body.Secret).startsWith('whsec_') && second.body.Secret !== Secret)
  assert.deepEqual(replayed.body, again.body)
  assert.deepEqual([again.headers.etag, replayed.headers.etag, all], ['"3"', '"3"', 3])
  assert.deepEqual([fourth.status, leaked.status, alone], [409, 200, 1])
  assert.match(String(fourth.body.detail), /the oldest ends at \d{4}-/)
})

test('a test is sent at once and answers with the attempt, whether the endpoint is enabled or not', async (t) => {
  const receiver = await receive(t)
  const { EndpointId, Secret } = await added(t, { Url: receiver.url, Enabled: false, CallbackFormat: 'template' })
  receiver.trust(Secret)
  receiver.replyNext({ status: 503, headers: { 'retry-after': '7', 'set-cookie': 'a=b' }, body: 'x'.repeat(9_000) })

  const failed = await ask('POST', `/endpoints/${EndpointId}/test`)
  const taken = await ask('POST', `/endpoints/${EndpointId}/test`)
  const { body } = await receiver.next(() => true, { signal: signal() })
  const nobody = await added(t, { Url: 'http://127.0.0.1:1/' })
  const refused = await ask('POST', `/endpoints/${nobody.EndpointId}/test`)

  assert.partialDeepStrictEqual(failed.body, { Delivered: false, Status: 503, Reason: 'overloaded', Body: 'x'.repeat(8_192), Cut: true })
  assert.equal((failed.body.Headers as Body)['retry-after'], '7')
  assert.equal('set-cookie' in (failed.body.Headers as Body), false)
  assert.partialDeepStrictEqual(taken.body, { Delivered: true, Status: 200, Reason: null })
  assert.deepEqual(body, { Id: taken.body.EventId, Type: 'test.ping', TimestampMs: (body as Body).TimestampMs, SchemaVersion: 1 })
  assert.partialDeepStrictEqual(refused.body, { Delivered: false, Status: null, Reason: 'refused', Body: null })
  assert.deepEqual(await deliveries(`Endpoint=${EndpointId}`), [], 'it is no delivery')
})

test('If-Match lets through only who has seen the endpoint as it is', async (t) => {
  const { EndpointId } = await added(t, { Url: 'https://hooks.example.com/' })
  const patch = (match: string): Promise<Answer> => ask('PATCH', `/endpoints/${EndpointId}`, { body: { Types: ['segment.*'] }, headers: { 'if-match': match } })

  const statuses = []
  for (const match of ['"1"', '"1"', 'W/"2"', '2', '"7", "2"', '*']) statuses.push((await patch(match)).status)
  const stale = await ask('DELETE', `/endpoints/${EndpointId}`, { headers: { 'if-match': '"1"' } })
  const rotated = await ask('POST', `/endpoints/${EndpointId}/secret/rotate`, { headers: { 'if-match': '"1"' } })

  assert.deepEqual(statuses, [200, 412, 412, 412, 200, 200])
  assert.deepEqual([stale.status, stale.body.Code, rotated.status], [412, 'FailedOperation.Precondition', 412])
  assert.equal((await ask('DELETE', `/endpoints/${EndpointId}`, { headers: { 'if-match': '"4"' } })).status, 204)
})

test('a tenant has twenty endpoints, also when it adds them at once, and pages through them', async () => {
  const token = await otherTenant()
  const answers = await Promise.all(Array.from({ length: 24 }, () => ask('POST', '/endpoints', { token, body: { Url: 'https://hooks.example.com/' } })))
  const first = await ask<{ Endpoints: Body[], NextCursor: string }>('GET', '/endpoints?Limit=15', { token })
  const second = await ask<{ Endpoints: Body[], NextCursor: null }>('GET', `/endpoints?Limit=15&Cursor=${first.body.NextCursor}`, { token })

  const refused = answers.filter(({ status }) => status !== 201)
  assert.deepEqual(refused.map(({ status, body }) => [status, body.Code]), Array(4).fill([409, 'LimitExceeded.Endpoints']))
  assert.deepEqual([first.body.Endpoints.length, second.body.Endpoints.length, second.body.NextCursor], [15, 5, null])
  assert.equal(new Set([...first.body.Endpoints, ...second.body.Endpoints].map(({ EndpointId }) => EndpointId)).size, 20)
})

test("a Callback's hidden endpoint is listed apart without its query, can be tried and replayed, and not be changed", async () => {
  const recordingId = await world.start(`room-${++rooms}`, { Callback: `${world.receiver.url}?lesson=7` })
  await world.stop(recordingId)
  await world.ended(recordingId)
  const { body: { Endpoints } } = await ask<{ Endpoints: Body[] }>('GET', '/endpoints?Hidden=true')
  const [hidden] = Endpoints
  const id = String(hidden?.EndpointId)
  const changes = [ask('PATCH', `/endpoints/${id}`, { body: { Enabled: false } }), ask('DELETE', `/endpoints/${id}`), ask('POST', `/endpoints/${id}/secret/rotate`)]

  assert.equal(Endpoints.length, 1)
  assert.partialDeepStrictEqual(hidden, { Url: world.receiver.url, Hidden: true, Enabled: true, DisabledReason: null, Types: ['*'] })
  assert.deepEqual((await Promise.all(changes)).map(({ status }) => status), [409, 409, 409])
  assert.partialDeepStrictEqual((await ask('POST', `/endpoints/${id}/test`)).body, { Delivered: true, Status: 200 })
  assert.equal((await ask('POST', `/endpoints/${id}/replay`)).status, 202)
  const mine = await ask<{ Endpoints: Body[] }>('GET', '/endpoints')
  assert.equal(mine.body.Endpoints.some(({ EndpointId }) => EndpointId === id), false)
})

test("another tenant's endpoints and deliveries are none, and an old key may do only what it might", async (t) => {
  const receiver = await receive(t)
  const { EndpointId } = await added(t, { Url: receiver.url })
  const { EndpointId: pulled } = await added(t, { Pull: true })
  const { DeliveryId } = await deliveryIn('delivered', EndpointId, await ended())
  const token = await otherTenant()
  const calls: [Method, string, Body?][] = [
    ['GET', `/endpoints/${EndpointId}`], ['PATCH', `/endpoints/${EndpointId}`, { Enabled: false }], ['DELETE', `/endpoints/${EndpointId}`],
    ['POST', `/endpoints/${EndpointId}/test`], ['POST', `/endpoints/${EndpointId}/secret/rotate`], ['POST', `/endpoints/${EndpointId}/replay`],
    ['GET', `/deliveries/${DeliveryId}`], ['POST', `/deliveries/${DeliveryId}/replay`], ['GET', `/events?Endpoint=${pulled}`]
  ]

  for (const [method, path, body] of calls) assert.equal((await ask(method, path, { token, body })).status, 404, path)
  assert.deepEqual((await ask('GET', `/deliveries?Endpoint=${EndpointId}`, { token })).body.Deliveries, [])
  assert.deepEqual((await ask('GET', '/endpoints', { token })).body.Endpoints, [])

  const { body: { Key } } = await call(url, `/operator/tenants/${world.tenantId}/keys`, {
    method: 'POST', token: adminToken, body: { Scopes: ['recordings:read', 'recordings:write'] }
  })
  for (const [method, path, body] of calls) assert.equal((await ask(method, path, { token: String(Key), body })).status, 403, path)
})

test('whatever is sent as an endpoint, a filter or a place is taken or refused by name, and never a fault of ours', async (t) => {
  const long = 'x'.repeat(8_192)
  const Url = 'https://hooks.example.com/'
  const { EndpointId } = await added(t, { Url })
  const { EndpointId: pulled } = await added(t, { Pull: true })
  const strange: unknown[] = [7, -1, 1.5, 1e300, true, [], {}, [null], [{}], { a: [] }, '\u0000', '\ud800', long, ['\u0000'], ['\ud800'], [long], 'x']
  const names = ['Url', 'Types', 'Filters', 'Schedule', 'Headers', 'Enabled', 'Pull', 'CallbackFormat']
  for (const name of names) {
    for (const value of strange) {
      for (const [method, path, body] of [['POST', '/endpoints', { Url, [name]: value }], ['PATCH', `/endpoints/${EndpointId}`, { [name]: value }]] as const) {
        const answer = await ask(method, path, { body })
        assert.ok(answer.status < 500, `${method} ${name} ${JSON.stringify(value).slice(0, 40)}: ${answer.status}`)
        if (answer.status === 201) await ask('DELETE', `/endpoints/${String(answer.body.EndpointId)}`)
      }
    }
  }
  for (const name of ['UserIds', 'Labels', 'Rooms', 'SdkAppIds']) {
    for (const value of strange) assert.ok((await ask('PATCH', `/endpoints/${EndpointId}`, { body: { Filters: { [name]: value } } })).status < 500, name)
  }
  const headers: [unknown, number][] = [
    [{ Host: 'a' }, 400], [{ 'content-LENGTH': '1' }, 400], [{ Connection: 'close' }, 400], [{ 'transfer-encoding': 'chunked' }, 400], [{ 'Content-Type': 'text/xml' }, 400],
    [{ 'user-agent': 'a' }, 400], [{ 'webhook-id': 'a' }, 400], [{ 'Webhook-Other': 'a' }, 400], [{ 'X-Attempt': '1' }, 400], [{ expect: '100-continue' }, 400],
    [{ 'x-a': 'b\r\nx-c: d' }, 400], [{ 'x-a': 'b\n' }, 400], [{ 'x a': 'b' }, 400], [{ 'x-a\n': 'b' }, 400], [{ '': 'b' }, 400], [{ 'x-a': '课' }, 400], [{ 'x-a': '\u0000' }, 400], [{ 'x-a': 7 }, 400],
    [{ 'x-a': long }, 400], [Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`x-${index}`, 'a'])), 400], [{ 'x-a': long.slice(0, 4_096), 'x-b': long.slice(0, 4_096) }, 400],
    [{ __proto__: null, 'x-a': null }, 200], [{ Authorization: 'Bearer a b' }, 200], [{ 'x-a': '' }, 200], [{}, 200], [[], 200], [null, 200]
  ]
  for (const [Headers, status] of headers) {
    assert.equal((await ask('PATCH', `/endpoints/${EndpointId}`, { body: { Headers } })).status, status, JSON.stringify(Headers).slice(0, 60))
  }
  const refused: Body[] = [{}, { Url: 'ftp://hooks.example.com/' }, { Url: 'https://10.0.0.1/' }, { Url: 'https://a:b@hooks.example.com/' }, { Pull: true, Url }, { Pull: true, Headers: { 'x-a': 'b' } },
    { Url, Schedule: Array(21).fill(1) }, { Url, Schedule: [0] }, { Url, Schedule: [86_401] }, { Url, Schedule: 'never' }, { Url, Types: [] }, { Url, Types: ['a*b'] }, { Url, Unknown: 1 }]
  for (const body of refused) {
    const { status } = await ask('POST', '/endpoints', { body })
    assert.ok(status === 400 || status === 422, `${JSON.stringify(body)}: ${status}`)
  }
  const zero = await ask('PATCH', `/endpoints/${EndpointId}`, { body: { Url: '', Types: null, Filters: {}, Schedule: null, Headers: [], CallbackFormat: '' } })
  assert.equal(zero.status, 200, JSON.stringify(zero.body))
  const cleared = await ask('PATCH', `/endpoints/${EndpointId}`, { body: { Filters: { UserIds: [] }, Schedule: [] } })
  assert.partialDeepStrictEqual(cleared.body, { Url, Filters: {}, Schedule: null, CallbackFormat: 'full' })

  for (const query of ['Limit=0', 'Limit=', 'Limit=101', 'Limit=x', 'Cursor=%00', `Cursor=${long}`, 'Endpoint=%00', 'State=lost', 'Type=%00', 'SinceMs=x', 'SinceMs=1e300', 'UntilMs=-1', 'UntilMs=9007199254740993', 'RecordingId=a%20b', 'Nothing=1']) {
    assert.ok((await ask('GET', `/deliveries?${query}`)).status < 500, query)
    assert.ok((await ask('GET', `/endpoints?${query}`)).status < 500, query)
  }
  for (const after of ['-1', 'x', '1.5', '1e300', '9007199254740993', '%00', '1']) assert.equal((await ask('GET', `/events?Endpoint=${pulled}&After=${after}`)).status, 400, after)
  for (const [endpoint, status] of [['', 400], ['ep_1', 404], ['%00', 400], [EndpointId, 409]] as const) assert.equal((await ask('GET', `/events?Endpoint=${endpoint}`)).status, status, endpoint)
  for (const path of ['/endpoints/%00', '/deliveries/%00', `/endpoints/${long}`, `/deliveries/${long}`]) assert.ok((await ask('GET', path)).status < 500, path)
  const replays: [unknown, number][] = [
    [{ SinceMs: 1e300 }, 400], [{ UntilMs: 'x' }, 400], [{ States: ['waiting'] }, 400], [{ States: [] }, 400], [{ Types: ['\u0000'] }, 400],
    [{ SinceMs: '1', UntilMs: '0', Types: null }, 202], [null, 202], [undefined, 202]
  ]
  for (const [body, status] of replays) assert.equal((await ask('POST', `/endpoints/${EndpointId}/replay`, { body })).status, status, JSON.stringify(body))
  for (const seconds of [-1, 604_801, 1.5, 'x']) assert.equal((await ask('POST', `/endpoints/${EndpointId}/secret/rotate`, { body: { ExpireOldSeconds: seconds } })).status, 400)
  for (const path of ['test', 'secret/rotate']) assert.equal((await ask('POST', `/endpoints/${pulled}/${path}`)).status, 409)
})
