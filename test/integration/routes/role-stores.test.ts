import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startCosServer } from '../../../src/sandbox/cos-server.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { appOf, bucket, call, sdkAppId, startWorld, type Answer } from '../../helpers/world.ts'

interface RoleStore { Bucket: string, Region: string, Path?: unknown }
type Body = Record<string, unknown>

const scope = { after }
const other = 'other-1250000000'
const Region = 'ap-guangzhou'
/** The machine's role, which reaches every bucket. */
const cos = await startCosServer({ buckets: [bucket, other], credentials: [], role: { name: 'recorder', lifetimeSeconds: 3_600 } })
closeAfter(scope, () => cos.close())
const world = await startWorld(scope, { env: { CAPTURE_WORKERS: '1', COS_ENDPOINT: cos.url, METADATA_URL: cos.url } })
const { url, adminToken } = world
let apps = sdkAppId

function operator (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<Answer<Body>> {
  return call(url, `/operator/tenants${path}`, { method, token: adminToken, body })
}

/** A tenant with an app of this default store. */
async function tenantWith (DefaultStore: object | null) {
  const TenantId = String((await operator('POST', '', { Name: 'tenant' })).body.TenantId)
  const token = String((await operator('POST', `/${TenantId}/keys`, {})).body.Key)
  const SdkAppId = ++apps
  const app = await operator('PUT', `/${TenantId}/apps/${SdkAppId}`, { ...appOf(world), DefaultStore })
  assert.equal(app.status, 200, JSON.stringify(app.body))
  return {
    TenantId,
    put: (stores: unknown) => operator('PUT', `/${TenantId}/role-stores`, stores),
    /** @returns the answer's `Code`; '' when it has started */
    async start (CosConfig?: object): Promise<string> {
      const body = { SdkAppId, StrRoomId: 'room', UserId: 'rec_1', ...CosConfig && { CosConfig } }
      const answer = await call<{ RecordingId?: string, Code?: string, detail?: string }>(url, '/v1/recordings', { method: 'POST', token, body })
      if (answer.status === 202) await call(url, `/v1/recordings/${String(answer.body.RecordingId)}/stop`, { method: 'POST', token })
      if (answer.status === 403) assert.ok(answer.body.detail?.includes(`PUT /operator/tenants/${TenantId}/role-stores`), answer.body.detail)
      return answer.body.Code ?? ''
    }
  }
}

test('without keys a recording goes where the operator said, by whole segments of the path, and nothing else is asked', async () => {
  const tenant = await tenantWith(null)
  const asked = cos.log.length
  const refused = 'UnauthorizedOperation.Store'

  assert.equal(await tenant.start({ Bucket: bucket, Region, Path: 'lessons' }), refused)
  assert.equal(await tenant.start({ Bucket: bucket, Region, Path: 'lessons', SecretId: '', SecretKey: null, SecurityToken: 'x' }), refused)
  assert.equal((await tenant.put([{ Bucket: bucket, Region, Path: '/lessons/a/' }])).status, 200)
  for (const Path of ['lessons', 'lessons/ab', 'lessons/a2/a', 'a', '', '/', 'x/lessons/a', 'lessons//a', 'Lessons/a']) {
    assert.equal(await tenant.start({ Bucket: bucket, Region, Path }), refused, Path)
  }
  assert.equal(await tenant.start({ Bucket: bucket, Region: 'ap-beijing', Path: 'lessons/a' }), refused)
  assert.equal(await tenant.start({ Bucket: other, Region, Path: 'lessons/a' }), refused)
  assert.equal(await (await tenantWith(null)).start({ Bucket: bucket, Region, Path: 'lessons/a' }), refused, 'it is listed for another tenant')
  assert.equal(cos.log.length, asked, 'no bucket was asked')

  for (const Path of ['lessons/a', '/lessons/a/', 'lessons/a/b', 'lessons/a/b/c/']) assert.equal(await tenant.start({ Bucket: bucket, Region, Path }), '', Path)
  assert.ok(cos.log.length > asked)
  await tenant.put([{ Bucket: other, Region }])
  for (const Path of ['', '/', 'any/where']) assert.equal(await tenant.start({ Bucket: other, Region, Path }), '', Path)
  assert.equal(await tenant.start({ Bucket: bucket, Region, Path: 'lessons/a' }), refused, 'no longer listed')
})

test('a default store that the operator saved without keys is written to by the role, and opens nothing beside it', async () => {
  const tenant = await tenantWith({ Bucket: bucket, Region, Path: 'default' })

  assert.equal(await tenant.start(), '')
  assert.equal(await tenant.start({ Bucket: bucket, Region, Path: '/default/' }), '', 'the same, by name')
  for (const Path of ['', 'default/a', 'default2']) assert.equal(await tenant.start({ Bucket: bucket, Region, Path }), 'UnauthorizedOperation.Store', Path)
  const withKeys = await tenantWith({ Bucket: bucket, Region, Path: 'default', SecretId: 'AKIDx', SecretKey: 'x' })
  assert.equal(await withKeys.start({ Bucket: bucket, Region, Path: 'default' }), 'UnauthorizedOperation.Store')
})

test('with keys of its own a tenant needs nothing listed', async () => {
  const keys = { SecretId: 'AKIDx', SecretKey: 'x' }

  assert.equal(await (await tenantWith(null)).start({ Bucket: bucket, Region, ...keys }), 'InvalidParameter.CosConfig', 'it is the bucket that refuses them')
})

test('a list is read as it was put, each place once, and put again whole', async () => {
  const { TenantId, put } = await tenantWith(null)
  const read = async (): Promise<RoleStore[]> => (await operator('GET', `/${TenantId}/role-stores`)).body.RoleStores as RoleStore[]
  const all = [{ Bucket: bucket, Region, Path: '' }, { Bucket: bucket, Region, Path: 'a/b' }, { Bucket: other, Region, Path: '' }]

  assert.deepEqual(await read(), [])
  const answer = await put([{ Bucket: other, Region, Path: '/' }, { Bucket: bucket, Region, Path: 'a/b/' }, { Bucket: bucket, Region, Path: null }, { Bucket: bucket, Region, Path: '/a/b' }])
  assert.deepEqual([answer.status, answer.body, await read()], [200, { RoleStores: all }, all])
  assert.deepEqual((await put(all.slice(1))).body.RoleStores, all.slice(1))
  for (const [wrong, named] of [
    [[{ Bucket: 'audio', Region }], '#/0/Bucket'], [[{ Bucket: bucket }], '#/0/Region'], [[{ Bucket: bucket, Region, Path: 'a/../b' }], 'Path'],
    [[{ Bucket: bucket, Region, SecretId: 'x' }], '#/0/SecretId'], [{ Bucket: bucket, Region }, '#']
  ] as const) {
    const { status, body } = await put(wrong)
    assert.equal(status, 400)
    assert.ok(JSON.stringify(body).includes(named), JSON.stringify(body))
  }
  assert.deepEqual(await read(), all.slice(1), 'what is refused changes nothing')
  assert.deepEqual((await put([])).body.RoleStores, [])
  for (const method of ['GET', 'PUT'] as const) assert.equal((await operator(method, '/ten_unknown/role-stores', method === 'PUT' ? [] : undefined)).status, 404)
})
