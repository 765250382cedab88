import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import rateLimitOfOthers from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import Fastify, { type InjectOptions } from 'fastify'
import fp from 'fastify-plugin'
import adminAuth from '../../../plugins/admin-auth.ts'
import auth from '../../../plugins/auth.ts'
import callbackMetrics, { type CallbackMetricsOptions } from '../../../plugins/callback-metrics.ts'
import idempotency from '../../../plugins/idempotency.ts'
import metrics from '../../../plugins/metrics.ts'
import openapi from '../../../plugins/openapi.ts'
import problemDetails from '../../../plugins/problem-details.ts'
import rateLimit from '../../../plugins/rate-limit.ts'
import trtcSign from '../../../plugins/trtc-sign.ts'
import { createApiKey } from '../../../src/core/api-key.ts'
import { createSeal } from '../../../src/core/seal.ts'
import { metricsRoutes } from '../../../src/routes/metrics.ts'
import { openDatabase } from '../../../src/state/database.ts'
import { insertTenant } from '../../../src/state/tenants.ts'
import { signBody } from '../../../src/trtc/sign.ts'
import { putEmptyDatabase } from '../../helpers/embedded-database.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { temporaryFolder } from '../../helpers/world.ts'

const nowMs = 1_767_225_601_250
const clock = { now: () => nowMs }
const adminToken = 'operator-token-for-tests'
/** What an application may well call its own things. */
const taken = {
  requests: ['tenant', 'sdkAppId', 'failedLogins', 'idempotency', 'scope'],
  instances: ['metrics', 'openapi'],
  plugins: ['admin-auth', 'auth', 'idempotency', 'metrics', 'openapi', 'problem-details', 'rate-limit', 'trtc-sign']
}

test('in an application that has decorators and plugins of such names itself ours work, and leave its own alone', async (t) => {
  const dataDir = await temporaryFolder(t)
  await putEmptyDatabase(dataDir)
  const database = await openDatabase({ dataDir, onError: (error) => { throw error } })
  closeAfter(t, () => database.close())
  const { kysely } = database
  await insertTenant(kysely, { id: 'ten_1', name: 'school', sealedCallbackSecret: '', createdMs: 0 })
  const { key, hash } = createApiKey()

  const host = Fastify()
  closeAfter(t, () => host.close())
  for (const name of taken.requests) host.decorateRequest(name, 'theirs')
  for (const name of taken.instances) host.decorate(name, 'theirs')
  for (const name of taken.plugins) host.register(fp(async () => undefined, { name }))
  host.register(swagger, { openapi: { info: { title: 'Theirs', version: '7' } } })
  host.register(rateLimitOfOthers, { global: false, max: 1, keyGenerator: () => 'everybody' })
  host.register(async (routes) => {
    routes.get('/theirs', { config: { scope: 'theirs' } as object }, async (request) => [
      ...taken.requests.map((name) => request.getDecorator(name)), ...taken.instances.map((name) => routes.getDecorator(name))
    ])
  })
  host.register(async (gateway) => {
    gateway.register(problemDetails)
    gateway.register(metrics, {
      captureFigures: () => ({ threads: [], refusedConnections: {}, refusedTracks: 0 }),
      relayFigures: async () => ({ sourcesWithoutPush: 0, unconfirmedMembers: 0, stopsWaiting: 0, blindMs: 0 }),
      callFigures: () => ({ waiting: 0, refusedTotal: 0 }),
      eventFigures: () => ({ waiting: 0, journaledTotal: 0, turnedAwayTotal: 0 })
    })
    const callbackMeasures: CallbackMetricsOptions['callbackMeasures'] = new EventEmitter()
    gateway.register(callbackMetrics, { callbackMeasures, callbackFigures: async () => ({ pending: 0, oldestPendingMs: 0, disabled: {} }) })
    gateway.register(openapi, { version: '1' })
    gateway.register(async (trtc) => {
      trtc.register(trtcSign, { callbackKey: async () => 'callback-key', clock, maxAgeMs: 1_000 })
      trtc.post('/events', async ({ roomtapeSdkAppId }) => roomtapeSdkAppId)
    }, { prefix: '/trtc' })
    gateway.register(async (business) => {
      const lookup = async () => ({ tenantId: 'ten_1', hash, scopes: ['recordings:read', 'recordings:write'] as const, networks: [] })
      business.register(rateLimit, { readsPerMinute: 2, writesPerMinute: 2, failedLoginsPerMinute: 2 })
      business.register(auth, { lookup, clock })
      business.register(idempotency, { kysely, clock, seal: createSeal(Buffer.alloc(32, 7)) })
      business.get('/recordings', { config: { roomtapeScope: 'recordings:read' } }, async ({ roomtapeTenant }) => roomtapeTenant.id)
      business.post('/recordings', { config: { roomtapeScope: 'recordings:write' } }, async () => ({ made: true }))
    }, { prefix: '/v1' })
    gateway.register(async (operator) => {
      operator.register(adminAuth, { tokens: [adminToken] })
      operator.register(metricsRoutes)
    })
  }, { prefix: '/gateway' })
  const ask = (url: string, options: InjectOptions = {}) => host.inject({ url, headers: { authorization: `Bearer ${key}` }, ...options })

  const event = JSON.stringify({ CallbackTs: nowMs })
  const signed = { sdkappid: '1400000001', sign: signBody(Buffer.from(event), 'callback-key') }
  assert.equal((await ask('/gateway/trtc/events', { method: 'POST', headers: signed, payload: event })).body, '1400000001')
  for (const replayed of [undefined, 'true']) {
    const answer = await ask('/gateway/v1/recordings', { method: 'POST', headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'k' }, payload: {} })
    assert.deepEqual([answer.statusCode, answer.headers['idempotent-replayed'], answer.json()], [200, replayed, { made: true }])
  }
  const reads = [await ask('/gateway/v1/recordings'), await ask('/gateway/v1/recordings'), await ask('/gateway/v1/recordings')]
  assert.deepEqual(reads.map(({ statusCode }) => statusCode), [200, 200, 429], 'by our limits')
  assert.deepEqual(reads.map(({ headers }) => headers['ratelimit-policy']), Array(3).fill('"read";q=2;w=60'))
  assert.equal(reads[0]?.body, 'ten_1')
  const scrape = await ask('/gateway/metrics', { headers: { authorization: `Bearer ${adminToken}` } })
  assert.match(scrape.body, /^roomtape_http_request_duration_seconds_count.* 2$/m)
  const ours = (await ask('/gateway/openapi.json')).json<{ info: { title: string }, paths: object }>()
  assert.deepEqual([ours.info.title, Object.keys(ours.paths)], ['Roomtape', ['/gateway/trtc/events', '/gateway/v1/recordings']])

  assert.deepEqual((await ask('/theirs')).json(), Array(7).fill('theirs'))
  assert.equal(host.swagger().info.title, 'Theirs')
})
