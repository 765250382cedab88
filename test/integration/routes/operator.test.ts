import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { scopes } from '../../../src/core/api-key.ts'
import { takeSpool } from '../../../src/spool/lock.ts'
import { appOf, call, sdkAppId, startWorld, temporaryFolder, type Answer } from '../../helpers/world.ts'

const metricsToken = 'a-token-that-only-reads-metrics'
const world = await startWorld({ after }, { env: { CAPTURE_WORKERS: '1', METRICS_TOKEN: metricsToken } })
const { url, adminToken, tenantId } = world

type Body = Record<string, unknown>

function operator (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer<Body>> {
  return call<Body>(url, `/operator${path}`, { method, token: adminToken, body })
}

async function newTenant (Name = 'tenant'): Promise<string> {
  return String((await operator('POST', '/tenants', { Name })).body.TenantId)
}

test('a tenant is made with a callback secret that is shown this once', async () => {
  const made = await operator('POST', '/tenants', { Name: '学校' })
  const list = await operator('GET', '/tenants')

  assert.equal(made.status, 201)
  const { CallbackSecret, ...shown } = made.body
  assert.deepEqual((list.body.Tenants as Body[]).find(({ TenantId }) => TenantId === made.body.TenantId), shown)
  assert.doesNotMatch(JSON.stringify(list.body), /whsec_/)
  const webhook = new Webhook(String(CallbackSecret))
  const sentAt = new Date()
  assert.deepEqual(webhook.verify('{}', { 'webhook-id': 'a', 'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)), 'webhook-signature': webhook.sign('a', sentAt, '{}') }), {})
})

test('an API key is shown this once, and told apart by its last four', async () => {
  const tenant = await newTenant()
  const made = await operator('POST', `/tenants/${tenant}/keys`, { Name: 'backend', AllowNetworks: ['192.0.2.0/24'], ExpiresMs: 2_000_000_000_000 })
  const { body: { Keys } } = await operator('GET', `/tenants/${tenant}/keys`)

  const { Key, ...shown } = made.body
  assert.deepEqual(Keys, [shown])
  assert.equal(shown.Last4, String(Key).slice(-4))
  assert.deepEqual([shown.Scopes, shown.AllowNetworks, shown.ExpiresMs, shown.RevokedMs], [[...scopes], ['192.0.2.0/24'], 2_000_000_000_000, null])
  assert.equal((await operator('DELETE', `/tenants/${tenant}/keys/${String(shown.KeyId)}`)).status, 204)
  const [revoked] = (await operator('GET', `/tenants/${tenant}/keys`)).body.Keys as Body[]
  assert.ok(Number(revoked?.RevokedMs) > 0)
  assert.equal((await operator('DELETE', `/tenants/${tenantId}/keys/${String(shown.KeyId)}`)).status, 404, 'it is not that tenant\'s')
})

test('an app shows none of its secrets, is replaced by its own tenant, and taken by no other', async () => {
  const path = `/tenants/${tenantId}/apps/1400000010`
  const first = await operator('PUT', path, appOf(world))
  const again = await operator('PUT', path, { ...appOf(world), CallbackKey: 'another' })
  const taken = await operator('PUT', `/tenants/${await newTenant()}/apps/1400000010`, appOf(world))
  const list = await operator('GET', `/tenants/${tenantId}/apps`)

  assert.deepEqual([first.status, again.status, taken.status], [200, 200, 409])
  assert.equal(taken.body.Code, 'ResourceInUse')
  assert.equal(again.body.CreatedMs, first.body.CreatedMs)
  assert.deepEqual((list.body.Apps as Body[]).map(({ SdkAppId }) => SdkAppId), [sdkAppId, 1_400_000_010])
  const shown = JSON.stringify([first.body, list.body])
  for (const secret of [world.sdkSecretKey, world.callbackKey, world.cloudKeys.secretKey, world.cosKeys.secretKey]) assert.equal(shown.includes(secret), false)
})

test('a folder serves as a store', async (t) => {
  const tenant = await newTenant()
  const folder = await temporaryFolder(t)
  const { body: { Key } } = await operator('POST', `/tenants/${tenant}/keys`, {})
  const app = await operator('PUT', `/tenants/${tenant}/apps/1400000011`, { ...appOf(world), DefaultStore: { Directory: folder } })
  const start = await call(url, '/v1/recordings', { method: 'POST', token: String(Key), body: { SdkAppId: 1_400_000_011, RoomId: 1, UserId: 'rec_1' } })

  assert.deepEqual([app.status, start.status], [200, 202], JSON.stringify(start.body))
})

test('what the operator gets wrong is refused by name', async () => {
  const app = appOf(world)
  const wrong: ['POST' | 'PUT', string, unknown, number, string][] = [
    ['POST', '/tenants', {}, 400, '#/Name'],
    ['POST', '/tenants', { Name: '' }, 400, '#/Name'],
    ['POST', '/tenants', { Name: 'a\u0000b' }, 400, '#/Name'],
    ['POST', `/tenants/${tenantId}/keys`, { Scopes: ['everything'] }, 400, '#/Scopes/0'],
    ['POST', `/tenants/${tenantId}/keys`, { AllowNetworks: ['10.0.0.0/33'] }, 400, '10.0.0.0/33'],
    ['POST', '/tenants/%00/keys', {}, 400, 'params/TenantId'],
    ['POST', '/tenants/ten_unknown/keys', {}, 404, 'ten_unknown'],
    ['PUT', `/tenants/${tenantId}/apps/0`, app, 400, 'params/SdkAppId'],
    ['PUT', '/tenants/ten_unknown/apps/5', app, 404, 'ten_unknown'],
    ['PUT', `/tenants/${tenantId}/apps/5`, { ...app, CallbackKey: undefined }, 400, '#/CallbackKey'],
    ['PUT', `/tenants/${tenantId}/apps/5`, { ...app, CallbackKey: 'with space' }, 400, '#/CallbackKey'],
    ['PUT', `/tenants/${tenantId}/apps/5`, { ...app, Engine: 'browser' }, 400, '#/Engine'],
    ['PUT', `/tenants/${tenantId}/apps/5`, { ...app, DefaultStore: { Directory: 'relative' } }, 400, '#/DefaultStore']
  ]

  for (const [method, path, body, status, named] of wrong) {
    const answer = await operator(method, path, body)
    assert.equal(answer.status, status, `${path}: ${JSON.stringify(answer.body)}`)
    assert.ok(JSON.stringify(answer.body).includes(named), `${path}: ${JSON.stringify(answer.body)}`)
  }
})

test('nobody but the operator comes in here', async () => {
  for (const token of [undefined, world.key, adminToken.slice(0, -1), `${adminToken}x`]) {
    const { status, body } = await call(url, '/operator/tenants', token === undefined ? {} : { token })
    assert.deepEqual([status, body.Code], [401, 'AuthFailure.InvalidKey'])
  }
})

test('a gateway that is well says so to anybody, and describes every call it takes', async () => {
  const [live, ready, described] = [await call(url, '/livez'), await call(url, '/readyz'), await call<{ paths: Body }>(url, '/openapi.json')]

  assert.deepEqual([live.status, live.body], [200, { Status: 'ok' }])
  assert.equal(ready.status, 200)
  assert.deepEqual([...new Set(Object.values(ready.body.Checks as Body))], ['ok'])
  assert.deepEqual(Object.keys(described.body.paths).sort(), [
    '/livez', '/operator/spools', '/operator/spools/finish', '/operator/spools/{SpoolId}/forget', '/operator/tenants',
    '/operator/tenants/{TenantId}/apps', '/operator/tenants/{TenantId}/apps/{SdkAppId}', '/operator/tenants/{TenantId}/keys',
    '/operator/tenants/{TenantId}/keys/{KeyId}', '/operator/tenants/{TenantId}/role-stores', '/readyz', '/trtc/events',
    '/v1/deliveries', '/v1/deliveries/{DeliveryId}', '/v1/deliveries/{DeliveryId}/replay', '/v1/endpoints', '/v1/endpoints/{EndpointId}',
    '/v1/endpoints/{EndpointId}/replay', '/v1/endpoints/{EndpointId}/secret/rotate', '/v1/endpoints/{EndpointId}/test', '/v1/events',
    '/v1/recordings', '/v1/recordings/{RecordingId}', '/v1/recordings/{RecordingId}/pause',
    '/v1/recordings/{RecordingId}/resume', '/v1/recordings/{RecordingId}/stop', '/v1/recordings/{RecordingId}/timeline'
  ])
})

test('what is not there is not found, in the same form as any failure', async () => {
  for (const path of ['/', '/v1', '/v1/recording', '/operator', '/trtc/event', '/livez/x']) {
    const { status, headers, body } = await call(url, path, { token: world.key })
    assert.ok(status === 404 || status === 401, `${path}: ${status}`)
    assert.match(String(headers['content-type']), /^application\/problem\+json/)
    assert.equal(body.RequestId, headers['request-id'])
  }
})

test('METRICS_TOKEN reads the metrics and nothing else; ADMIN_TOKEN reads them too', async () => {
  const statusOf = async (path: string, token: string) => (await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } })).status

  assert.deepEqual(await Promise.all([statusOf('/metrics', metricsToken), statusOf('/metrics', adminToken), statusOf('/metrics', world.key)]), [200, 200, 401])
  assert.equal(await statusOf('/operator/tenants', metricsToken), 401)
})

test('a spool that cannot be finished or forgotten is refused with the reason, and the gateway goes on recording into its own', async (t) => {
  const own = join(world.dataDir, 'spool')
  const [here] = (await operator('GET', '/spools')).body.Spools as Array<{ SpoolId: string, State: string, Path: string }>
  assert.deepEqual([here?.State, here?.Path], ['Here', own])
  const folder = await temporaryFolder(t)

  const answers = [
    await operator('POST', '/spools/finish', { Path: own }),
    await operator('POST', '/spools/finish', { Path: folder }),
    await operator('POST', '/spools/finish', { Path: join(folder, 'absent') }),
    await operator('POST', '/spools/finish', { Path: 'relative' }),
    await operator('POST', `/spools/${here!.SpoolId}/forget`, {}),
    await operator('POST', '/spools/spl_unknown/forget', {})
  ]

  assert.deepEqual(answers.map(({ status }) => status), [409, 404, 404, 400, 409, 404], JSON.stringify(answers.map(({ body }) => body)))
  assert.match(String(answers[0]!.body.detail), new RegExp(`another process works in ${own}`))
  assert.match(String(answers[1]!.body.detail), /is no spool/)
  assert.throws(() => takeSpool(own, { isLocked: false }), { error: 'DATA_DIR_IN_USE' }, 'its lock is held still')
})
