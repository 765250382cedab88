import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import adminAuth from '../../../plugins/admin-auth.ts'
import auth, { type StoredKey } from '../../../plugins/auth.ts'
import problemDetails from '../../../plugins/problem-details.ts'
import { createApiKey } from '../../../src/core/api-key.ts'

const nowMs = 1_767_225_601_250

function build (t: TestContext): { app: FastifyInstance, issue: (key?: Partial<StoredKey>) => string, asked: string[] } {
  const keys = new Map<string, StoredKey>()
  const asked: string[] = []
  const app = Fastify()
  t.after(() => app.close())
  app.register(problemDetails)
  app.register(async (business) => {
    business.register(auth, { lookup: async (keyId) => { asked.push(keyId); return keys.get(keyId) }, clock: { now: () => nowMs } })
    business.get('/recordings', { config: { roomtapeScope: 'recordings:read' } }, async ({ roomtapeTenant }) => roomtapeTenant)
    business.post('/recordings', { config: { roomtapeScope: 'recordings:write' } }, async () => ({}))
  }, { prefix: '/v1' })
  app.get('/open', async () => ({}))
  return {
    app,
    asked,
    issue: (key = {}) => {
      const made = createApiKey()
      keys.set(made.keyId, { tenantId: 'ten_1', hash: made.hash, scopes: ['recordings:read'], networks: [], ...key })
      return made.key
    }
  }
}

function get (app: FastifyInstance, headers: Record<string, string>, remoteAddress = '192.0.2.7'): Promise<LightMyRequestResponse> {
  return app.inject({ url: '/v1/recordings', headers, remoteAddress })
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })

test('a key names its tenant, in either header', async (t) => {
  const { app, issue } = build(t)
  const key = issue()
  const tenant = { id: 'ten_1', keyId: key.split('_')[2], scopes: ['recordings:read'] }

  for (const headers of [bearer(key), { authorization: `bearer  ${key}` }, { 'x-api-key': key }, { ...bearer(key), 'x-api-key': key }]) {
    const response = await get(app, headers)
    assert.deepEqual([response.statusCode, response.json()], [200, tenant], JSON.stringify(headers))
  }
})

test('unknown, wrong, revoked and expired keys are told apart by nobody', async (t) => {
  const { app, issue, asked } = build(t)
  const good = issue()
  const wrong = [
    createApiKey().key,
    issue({ hash: createApiKey().hash }),
    issue({ revokedAtMs: nowMs - 1 }),
    issue({ revokedAtMs: nowMs + 1 }),
    issue({ expiresAtMs: nowMs }),
    `${good.slice(0, -1)}${good.endsWith('0') ? '1' : '0'}`,
    'rt_live_x'
  ]

  const documents = new Set<string>()
  for (const key of wrong) {
    const response = await get(app, bearer(key))
    assert.equal(response.statusCode, 401)
    assert.equal(response.headers['www-authenticate'], 'Bearer realm="roomtape", error="invalid_token"')
    assert.equal(response.body.includes(key), false)
    documents.add(JSON.stringify({ ...response.json<object>(), RequestId: '' }))
  }

  assert.equal(documents.size, 1)
  assert.equal(asked.length, 5, 'a key that cannot be one costs no look-up')
  assert.equal((await get(app, bearer(issue({ expiresAtMs: nowMs + 1 })))).statusCode, 200)
})

test('no key, another scheme or two keys that differ are no login', async (t) => {
  const { app, issue } = build(t)
  const [one, two] = [issue(), issue()]

  const noLogins: Record<string, string>[] = [
    {}, { authorization: `Basic ${one}` }, { authorization: 'Bearer' }, { ...bearer(one), 'x-api-key': two }, { authorization: 'Basic eDp5', 'x-api-key': one }
  ]
  for (const headers of noLogins) {
    const response = await get(app, headers)
    assert.deepEqual([response.statusCode, response.headers['www-authenticate']], [401, 'Bearer realm="roomtape"'], JSON.stringify(headers))
  }
  assert.equal((await app.inject({ url: `/v1/recordings?key=${one}` })).statusCode, 401)
})

test('a missing scope is named', async (t) => {
  const { app, issue } = build(t)

  const response = await app.inject({ method: 'POST', url: '/v1/recordings', headers: bearer(issue()) })

  assert.equal(response.statusCode, 403)
  assert.match(response.json<{ detail: string }>().detail, /recordings:write/)
})

test('a key with networks works from there only', async (t) => {
  const { app, issue } = build(t)
  const headers = bearer(issue({ networks: ['192.0.2.0/24', '2001:db8::/32'] }))

  for (const inside of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::9']) assert.equal((await get(app, headers, inside)).statusCode, 200, inside)
  for (const outside of ['192.0.3.7', '2001:db9::9']) {
    const response = await get(app, headers, outside)
    assert.deepEqual([response.statusCode, response.json<{ Code: string }>().Code], [403, 'UnauthorizedOperation.Address'], outside)
  }
})

test('a route below auth without a scope stops the start', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  app.register(auth, { lookup: async () => undefined, clock: { now: () => nowMs } })
  app.register(async (routes) => { routes.get('/forgotten', async () => ({})) })

  await assert.rejects(async () => { await app.ready() }, { message: /GET \/forgotten is below auth and names no scope/ })
})

test('other scopes stay open', async (t) => {
  const { app } = build(t)

  assert.equal((await app.inject('/open')).statusCode, 200)
})

test('a look-up that fails is our fault, not the caller\'s', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  app.register(problemDetails)
  app.register(auth, { lookup: async () => { throw new Error('connection to db-1 lost') }, clock: { now: () => nowMs } })
  app.register(async (routes) => { routes.get('/x', { config: { roomtapeScope: 'recordings:read' } }, async () => ({})) })

  const response = await app.inject({ url: '/x', headers: bearer(createApiKey().key) })

  assert.equal(response.statusCode, 500)
  assert.doesNotMatch(response.body, /db-1/)
})

test('only the operator\'s token opens the operator\'s scope', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  app.register(problemDetails)
  app.register(adminAuth, { tokens: ['operator-token-for-tests'] })
  app.register(async (admin) => { admin.get('/tenants', async () => []) })
  const statusOf = async (authorization?: string): Promise<number> =>
    (await app.inject({ url: '/tenants', headers: authorization === undefined ? {} : { authorization } })).statusCode

  assert.equal(await statusOf('Bearer operator-token-for-tests'), 200)
  for (const wrong of [undefined, '', 'Bearer', 'Bearer operator-token-for-test', 'Bearer operator-token-for-testsX', 'operator-token-for-tests', 'Basic operator-token-for-tests']) {
    assert.equal(await statusOf(wrong), 401, wrong)
  }
  assert.match(String((await app.inject('/tenants')).headers['www-authenticate']), /^Bearer /)
})
