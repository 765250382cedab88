import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import auth, { type StoredKey } from '../../../plugins/auth.ts'
import problemDetails from '../../../plugins/problem-details.ts'
import rateLimit from '../../../plugins/rate-limit.ts'
import { createApiKey } from '../../../src/core/api-key.ts'

const limits = { readsPerMinute: 3, writesPerMinute: 2, failedLoginsPerMinute: 2 }

function build (t: TestContext): { app: FastifyInstance, issue: () => string } {
  const keys = new Map<string, StoredKey>()
  const app = Fastify()
  t.after(() => app.close())
  app.register(problemDetails)
  app.register(async (business) => {
    business.register(rateLimit, limits)
    business.register(auth, { lookup: async (keyId) => keys.get(keyId), clock: { now: () => 0 } })
    business.get('/x', { config: { roomtapeScope: 'recordings:read' } }, async () => ({}))
    business.get('/y', { config: { roomtapeScope: 'recordings:read' } }, async () => ({}))
    business.post('/x', { config: { roomtapeScope: 'recordings:read' } }, async () => ({}))
  })
  return {
    app,
    issue: () => {
      const made = createApiKey()
      keys.set(made.keyId, { tenantId: 'ten_1', hash: made.hash, scopes: ['recordings:read'], networks: [] })
      return made.key
    }
  }
}

interface Call { method?: 'GET' | 'POST', url?: string, key: string, from?: string }

function call (app: FastifyInstance, { method = 'GET', url = '/x', key, from = '192.0.2.7' }: Call): Promise<LightMyRequestResponse> {
  return app.inject({ method, url, headers: { authorization: `Bearer ${key}` }, remoteAddress: from })
}

/** Remaining and seconds of both families of headers, which must say the same. */
function quotaOf ({ headers }: LightMyRequestResponse, policy: string, quota: number): { remaining: number, seconds: number } {
  const [remaining, seconds] = [Number(headers['x-ratelimit-remaining']), Number(headers['x-ratelimit-reset'])]
  assert.equal(Number(headers['x-ratelimit-limit']), quota)
  assert.equal(headers['ratelimit-policy'], `"${policy}";q=${quota};w=60`)
  assert.equal(headers.ratelimit, `"${policy}";r=${remaining};t=${seconds}`)
  assert.ok(seconds > 0 && seconds <= 60)
  return { remaining, seconds }
}

function assertRefused (response: LightMyRequestResponse, policy: string, quota: number): void {
  const { remaining, seconds } = quotaOf(response, policy, quota)
  assert.equal(response.statusCode, 429)
  assert.equal(remaining, 0)
  assert.equal(Number(response.headers['retry-after']), seconds)
  assert.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
  const document = response.json<Record<string, unknown>>()
  assert.equal(document.type, 'https://iana.org/assignments/http-problem-types#quota-exceeded')
  assert.equal(document.Code, 'RequestLimitExceeded')
  assert.deepEqual(document['violated-policies'], [policy])
}

test('a key has so many requests over all routes, and every answer says how many are left', async (t) => {
  const { app, issue } = build(t)
  const key = issue()

  for (const [url, left] of [['/x', 2], ['/y', 1], ['/x', 0]] as const) {
    const response = await call(app, { key, url })
    assert.equal(response.statusCode, 200)
    assert.equal(quotaOf(response, 'read', 3).remaining, left)
  }

  assertRefused(await call(app, { key, from: '198.51.100.1' }), 'read', 3)
})

test('reading does not use up writing, nor one key another', async (t) => {
  const { app, issue } = build(t)
  const [one, two] = [issue(), issue()]

  for (let i = 0; i < 4; i++) await call(app, { key: one })

  assert.equal(quotaOf(await call(app, { key: one, method: 'POST' }), 'write', 2).remaining, 1)
  assert.equal((await call(app, { key: two })).statusCode, 200)
  await call(app, { key: one, method: 'POST' })
  assertRefused(await call(app, { key: one, method: 'POST' }), 'write', 2)
})

test('whatever else fails to log in from its address, a valid key passes; bad ones are refused with how long, from one address or by one key id', async (t) => {
  const { app, issue } = build(t)
  const good = issue()

  for (let i = 0; i < 2; i++) assert.equal((await call(app, { key: createApiKey().key })).statusCode, 401)
  assertRefused(await call(app, { key: createApiKey().key }), 'failed-logins', 2)
  assertRefused(await call(app, { key: 'no key at all' }), 'failed-logins', 2)
  assert.equal((await call(app, { key: good })).statusCode, 200)

  const guess = createApiKey().key
  for (const from of ['192.0.2.21', '192.0.2.22']) assert.equal((await call(app, { key: guess, from })).statusCode, 401)
  assertRefused(await call(app, { key: guess, from: '192.0.2.23' }), 'failed-logins', 2)
  assert.equal((await call(app, { key: createApiKey().key, from: '192.0.2.23' })).statusCode, 401)
})

test('it is said once that proxies are to be named, when requests come by one that is not', async (t) => {
  const lines: string[] = []
  for (const trustProxy of [false, '127.0.0.1']) {
    const app = Fastify({ trustProxy, logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } } })
    t.after(() => app.close())
    app.register(rateLimit, limits)
    app.get('/x', async () => ({}))
    for (let i = 0; i < 3; i++) await app.inject({ url: '/x', headers: { 'x-forwarded-for': '192.0.2.7' } })
  }

  assert.deepEqual(lines.map((line) => (JSON.parse(line) as { msg: string }).msg.includes('TRUSTED_PROXIES')), [true])
})

test('addresses of one IPv6 network count as one', async (t) => {
  const { app } = build(t)

  for (const from of ['2001:db8::1', '2001:db8::2:2']) assert.equal((await call(app, { key: 'wrong', from })).statusCode, 401)

  assert.equal((await call(app, { key: 'wrong', from: '2001:db8::3' })).statusCode, 429)
  assert.equal((await call(app, { key: 'wrong', from: '2001:db8:0:1::1' })).statusCode, 401)
})

test('successful logins are not failed ones', async (t) => {
  const { app, issue } = build(t)

  for (let i = 0; i < 5; i++) assert.equal((await call(app, { key: issue() })).statusCode, 200)
})

test('the wrong order of plugins stops the start', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  app.register(auth, { lookup: async () => undefined, clock: { now: () => 0 } })
  app.register(rateLimit, limits)

  await assert.rejects(async () => { await app.ready() }, { message: 'rate-limit must be registered before auth and admin-auth' })
})
