import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import problemDetails from '../../../plugins/problem-details.ts'
import trtcSign from '../../../plugins/trtc-sign.ts'

const key = 'GatewayCallbackKey2026'
const published = {
  nowMs: 1_767_225_601_250,
  body: '{"EventGroupId":2,"EventType":203,"CallbackTs":1767225601250,"EventInfo":{"RoomId":"room-7f3a","EventTs":1767225601,"EventMsTs":1767225601123,"UserId":"anchor_001"}}',
  sign: 'kb3m5bpoobQzFp8v8ggYOqAqyPuq24LaTIrMttBMlSI='
}
const signOf = (body: string | Buffer): string => createHmac('sha256', key).update(body).digest('base64')

function build (t: TestContext, nowMs = published.nowMs): { app: FastifyInstance, asked: number[], handled: unknown[] } {
  const asked: number[] = []
  const handled: unknown[] = []
  const app = Fastify({ frameworkErrors: () => undefined })
  t.after(() => app.close())
  app.register(problemDetails)
  app.register(async (trtc) => {
    trtc.register(trtcSign, {
      callbackKey: async (sdkAppId) => { asked.push(sdkAppId); return sdkAppId === 1_400_000_001 ? key : undefined },
      clock: { now: () => nowMs },
      maxAgeMs: 300_000
    })
    trtc.post('/events', async ({ roomtapeSdkAppId: sdkAppId, body }) => { handled.push(body); return { code: 0, sdkAppId } })
  }, { prefix: '/trtc' })
  app.post('/echo', async ({ body }) => body)
  return { app, asked, handled }
}

function post (app: FastifyInstance, body: string | Buffer, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
  return app.inject({
    method: 'POST',
    url: '/trtc/events',
    headers: { 'content-type': 'application/json', sdkappid: '1400000001', sign: signOf(body), ...headers },
    payload: body
  })
}

function codeOf (response: LightMyRequestResponse): [number, string] {
  const size = response.raw.req.url === undefined ? 0 : JSON.stringify(response.headers).length + response.body.length
  assert.ok(size < 2000, `an answer of ${size} bytes is too long for TRTC`)
  return [response.statusCode, response.json<{ Code: string }>().Code]
}

const invalid = [401, 'AuthFailure.SignatureFailure']
const stale = [401, 'AuthFailure.SignatureExpire']

test('an event signed over its bytes reaches the route parsed, with the app it belongs to', async (t) => {
  const { app, handled } = build(t)

  const response = await post(app, published.body, { sign: published.sign })

  assert.deepEqual([response.statusCode, response.json()], [200, { code: 0, sdkAppId: 1_400_000_001 }])
  assert.deepEqual(handled, [JSON.parse(published.body)])
})

test('the bytes count, not the JSON: indented bodies pass as they are, reprinted ones do not', async (t) => {
  const { app } = build(t)
  const indented = JSON.stringify(JSON.parse(published.body), null, '\t')

  assert.equal((await post(app, indented)).statusCode, 200)
  assert.deepEqual(codeOf(await post(app, indented, { sign: published.sign })), invalid)
})

test('the content type does not matter', async (t) => {
  const { app } = build(t)

  const readable = ['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8', 'application/octet-stream']
  for (const type of [...readable, ';;;', 'json', '', 'application/', '/json', 'application/json;;charset', 'a/b/c', 'undefined']) {
    assert.equal((await post(app, published.body, { 'content-type': type })).statusCode, 200, type)
  }
})

test('a missing or wrong signature, app or body is one and the same refusal, after the same look-up', async (t) => {
  const { app, asked, handled } = build(t)
  const headers: Record<string, string>[] = [
    { sign: '' }, { sign: 'x' }, { sign: published.sign.slice(0, -1) }, { sign: `${published.sign}=` }, { sdkappid: '1400000002' },
    { sdkappid: '' }, { sdkappid: '0' }, { sdkappid: '01400000001' }, { sdkappid: 'NaN' }, { sdkappid: '14e8' }
  ]

  const documents = new Set<string>()
  for (const header of headers) {
    const response = await post(app, published.body, header)
    assert.deepEqual(codeOf(response), invalid, JSON.stringify(header))
    documents.add(JSON.stringify({ ...response.json<object>(), RequestId: '' }))
  }
  const unsigned = await app.inject({ method: 'POST', url: '/trtc/events', payload: published.body })

  assert.deepEqual(codeOf(unsigned), invalid)
  assert.equal(documents.size, 1)
  assert.equal(asked.length, headers.length + 1)
  assert.deepEqual(handled, [])
})

test('a signature made with the stand-in for a missing key opens nothing', async (t) => {
  const { app } = build(t)
  const sign = createHmac('sha256', 'unknown').update(published.body).digest('base64')

  assert.deepEqual(codeOf(await post(app, published.body, { sdkappid: '1400000002', sign })), invalid)
})

test('an event is fresh within the window on both sides, by either name of its time', async (t) => {
  const { app } = build(t)
  const at = (name: string, offsetMs: number): string => JSON.stringify({ EventType: 203, [name]: published.nowMs + offsetMs })

  for (const name of ['CallbackTs', 'CallbackMsTs']) {
    for (const offsetMs of [-300_000, 0, 300_000]) assert.equal((await post(app, at(name, offsetMs))).statusCode, 200, `${name} ${offsetMs}`)
    for (const offsetMs of [-300_001, 300_001]) assert.deepEqual(codeOf(await post(app, at(name, offsetMs))), stale, `${name} ${offsetMs}`)
  }
})

test('an event that does not say when it was sent is not fresh', async (t) => {
  const { app } = build(t)

  for (const body of ['{}', 'null', '[]', '7', '{"CallbackTs":null}', '{"CallbackTs":"now"}', '{"CallbackTs":""}', '{"CallbackTs":1767225601}']) {
    assert.deepEqual(codeOf(await post(app, body)), stale, body)
  }
})

test('the time of sending may be text, as in some of the vendor pages', async (t) => {
  const { app } = build(t)

  const response = await post(app, `{"CallbackTs":"${published.nowMs}"}`)

  assert.equal(response.statusCode, 200)
})

test('what is signed but no JSON is malformed, and not quoted', async (t) => {
  const { app } = build(t)

  for (const body of ['', '{', 'hunter2', '\0']) {
    const response = await post(app, body)
    assert.deepEqual(codeOf(response), [400, 'InvalidParameter.Body'], body)
    assert.doesNotMatch(response.body, /hunter2/)
  }
})

test('a body over 64 kB is refused before anything is looked up', async (t) => {
  const { app, asked } = build(t)

  assert.deepEqual(codeOf(await post(app, Buffer.alloc(64 * 1024 + 1, ' '))), [413, 'RequestSizeLimitExceeded'])
  assert.deepEqual(asked, [])
})

test('outside its scope bodies are parsed as ever', async (t) => {
  const { app } = build(t)

  assert.deepEqual((await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })).json(), { a: 1 })
})

test('whatever unsigned bytes and headers arrive, nothing reaches the route and the answer stays short', async (t) => {
  const { app, handled } = build(t)
  const header = fc.string({ unit: 'grapheme-ascii' })

  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), header, header, fc.webPath({ size: 'medium' }), async (bytes, sign, sdkappid, path) => {
    const response = await app.inject({
      method: 'POST',
      url: `/trtc/events?${'x'.repeat(1_000)}${path}`,
      headers: { sign, sdkappid, 'request-id': 'x'.repeat(64) },
      payload: Buffer.from(bytes)
    })
    assert.deepEqual(codeOf(response), invalid)
  }), { numRuns: 300 })
  assert.deepEqual(handled, [])
})
