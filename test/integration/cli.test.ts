import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { version } from '../../src/core/version.ts'
import { startReceiver } from '../../src/sandbox/receiver.ts'
import { spawnGateway } from '../helpers/gateway-process.ts'
import { closeAfter } from '../helpers/scope.ts'
import { call, temporaryFolder } from '../helpers/world.ts'

const bin = join(import.meta.dirname, '../../bin/roomtape.js')
const scope = { after }
const dataDir = await temporaryFolder(scope)
const env = { DATA_DIR: dataDir, PORT: '0', RTMP_HOST: '127.0.0.1', RTMP_PORT: '0', CAPTURE_WORKERS: '1', CALLBACK_ALLOW_NETWORKS: '127.0.0.1' }
const gateway = await spawnGateway(scope, env)

interface Run { code: number | string | null | undefined, stdout: string, stderr: string }

function roomtape (args: string[], more: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...more }, timeout: 30_000 }
    execFile(process.execPath, [bin, ...args], options, (error, stdout, stderr) => { resolve({ code: error === null ? 0 : error.code, stdout, stderr }) })
  })
}

async function made<Body> (args: string[], more?: Record<string, string>): Promise<Body> {
  const { code, stdout, stderr } = await roomtape([...args, '--url', gateway.url], more)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout) as Body
}

test('three commands make a tenant that can record', async (t) => {
  const { TenantId } = await made<{ TenantId: string }>(['tenant', 'add', 'school'])
  const [{ Key }, app] = await Promise.all([
    made<{ Key: string }>(['key', 'add', '--tenant', TenantId, '--name', 'backend']),
    made<{ SdkAppId: number, TenantId: string, CallbackFormat: string }>([
      'app', 'add', '--tenant', TenantId, '--sdk-app-id', '1400000001', '--callback-format', 'template', '--directory', await temporaryFolder(t)
    ], { CALLBACK_KEY: 'key', SDK_SECRET_KEY: 'sdk', CLOUD_SECRET_ID: 'id', CLOUD_SECRET_KEY: 'cloud' })
  ])

  assert.deepEqual([app.SdkAppId, app.TenantId, app.CallbackFormat], [1_400_000_001, TenantId, 'template'])
  const start = await call(gateway.url, '/v1/recordings', { method: 'POST', token: Key, body: { SdkAppId: 1_400_000_001, RoomId: 1, UserId: 'rec_1' } })
  assert.equal(start.status, 202, JSON.stringify(start.body))
})

test('a store is allowed to a tenant, listed, and denied again', async () => {
  const { TenantId } = await made<{ TenantId: string }>(['tenant', 'add', 'stores'])
  const store = (verb: string, ...path: string[]) => made<{ RoleStores: { Path: string }[] }>(
    ['store', verb, '--tenant', TenantId, '--bucket', 'audio-1250000000', '--region', 'ap-guangzhou', ...path])
  const listed = async (): Promise<string[]> => (await made<{ RoleStores: { Path: string }[] }>(['store', 'list', '--tenant', TenantId])).RoleStores.map(({ Path }) => Path)

  await store('allow', '--path', '/lessons/')
  await store('allow', '--path', 'lessons')
  assert.deepEqual((await store('allow')).RoleStores.map(({ Path }) => Path), ['', 'lessons'])
  await store('deny')
  assert.deepEqual(await listed(), ['lessons'])
  const { code, stderr } = await roomtape(['store', 'deny', '--tenant', TenantId, '--bucket', 'audio-1250000000', '--region', 'ap-guangzhou', '--url', gateway.url])
  assert.deepEqual([code, stderr], [1, 'roomtape: there is no such entry; roomtape store list shows what is allowed\n'])
  await store('deny', '--path', 'lessons')
  assert.deepEqual(await listed(), [])
})

test('a tenant adds an endpoint, tries it, and makes deliveries again with its own key', async (t) => {
  const receiver = await startReceiver()
  closeAfter(t, () => receiver.close())
  const { TenantId } = await made<{ TenantId: string }>(['tenant', 'add', 'listener'])
  const { Key: ROOMTAPE_KEY } = await made<{ Key: string }>(['key', 'add', '--tenant', TenantId])
  const own = <Body>(...args: string[]): Promise<Body> => made<Body>(args, { ROOMTAPE_KEY })

  const added = await own<Record<string, unknown>>('endpoint', 'add', receiver.url, '--types', 'segment.*,recording.failed', '--user-ids', 'kid_*', '--sdk-app-ids', '1400000001', '--schedule', '1,5')
  const pulled = await own<Record<string, unknown>>('endpoint', 'add', '--pull')
  const id = String(added.EndpointId)
  const { Endpoints } = await own<{ Endpoints: Array<{ EndpointId: string }> }>('endpoint', 'list')
  const tested = await own<Record<string, unknown>>('endpoint', 'test', id)
  const replayed = await own<Record<string, unknown>>('endpoint', 'replay', id, '--since', '2026-01-01T00:00:00Z', '--states', 'dead,delivered')
  const listed = await own('delivery', 'list', '--endpoint', id, '--state', 'dead', '--since', '1', '--limit', '5')
  const wrong = await roomtape(['delivery', 'replay', 'dlv_none', '--url', gateway.url], { ROOMTAPE_KEY })

  assert.partialDeepStrictEqual(added, { Types: ['segment.*', 'recording.failed'], Filters: { UserIds: ['kid_*'], SdkAppIds: [1_400_000_001] }, Schedule: [1, 5] })
  assert.match(String(added.Secret), /^whsec_/)
  assert.deepEqual(Endpoints.map(({ EndpointId }) => EndpointId), [pulled.EndpointId, id])
  assert.partialDeepStrictEqual(tested, { Delivered: true, Status: 200 })
  assert.partialDeepStrictEqual(replayed, { Count: 0 })
  assert.deepEqual(listed, { Deliveries: [], NextCursor: null })
  assert.deepEqual([wrong.code, wrong.stderr], [1, 'roomtape: 404: there is no delivery dlv_none\n'])
})

test('what goes wrong is one sentence on stderr and an exit code', async () => {
  const wrong: [string[], Record<string, string>, RegExp][] = [
    [['tenant', 'remove'], {}, /there is no command 'tenant remove'/],
    [['key', 'add'], {}, /--tenant is needed/],
    [['store', 'allow', '--tenant', 'ten_1', '--bucket', 'b-1'], {}, /--region is needed/],
    [['key', 'add', '--tenant', 'ten_unknown', '--url', gateway.url], {}, /404: there is no tenant ten_unknown/],
    [['tenant', 'list', '--url', gateway.url], { ADMIN_TOKEN: 'another-token-than-the-right-one' }, /another operator's token/],
    [['endpoint', 'list', '--url', gateway.url], {}, /ROOMTAPE_KEY in the environment, a tenant's API key, is needed/],
    [['endpoint', 'list', '--url', gateway.url], { ROOMTAPE_KEY: 'rt_live_no' }, /does not take the key in ROOMTAPE_KEY/],
    [['endpoint', 'add'], { ROOMTAPE_KEY: 'rt_live_no' }, /URL, or --pull, is needed/],
    [['endpoint', 'replay', 'ep_1', '--since', 'soon'], { ROOMTAPE_KEY: 'rt_live_no' }, /--since must be like/],
    [['tenant', 'list', '--url', 'http://127.0.0.1:1'], {}, /no gateway answers at http:\/\/127\.0\.0\.1:1/],
    [['serve'], { PORT: 'x', LOG_LEVEL: 'loud' }, /PORT .*LOG_LEVEL /]
  ]

  await Promise.all(wrong.map(async ([args, more, said]) => {
    const { code, stdout, stderr } = await roomtape(args, more)
    assert.deepEqual([code, stdout], [1, ''], args.join(' '))
    assert.match(stderr, said)
    assert.match(stderr, /^roomtape: [^\n]+\n$/)
  }))
  assert.ok((await roomtape(['--help'])).stdout.split('\n').every((line) => line.length <= 80))
  assert.deepEqual(await roomtape(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})

test('a second gateway in one DATA_DIR is refused, and the first works on', async () => {
  const { code, stderr } = await roomtape(['serve'], env)

  assert.equal(code, 1)
  assert.match(stderr, /^roomtape: another process works in /)
  assert.equal((await call(gateway.url, '/readyz')).status, 200)
})

test('what was not set was made, said, kept for its owner alone, and not logged', async () => {
  const log = gateway.log.join('\n')

  for (const [setting, name] of [['MASTER_KEY', 'master-key'], ['ADMIN_TOKEN', 'admin-token']] as const) {
    const file = join(dataDir, name)
    assert.match(log, new RegExp(`${setting} was not set: made and kept`))
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal(log.includes((await readFile(file, 'utf8')).trim()), false)
  }
})
