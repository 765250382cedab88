import { join } from 'node:path'
import { pino } from 'pino'
import { loadSettings } from '../../../config/load.ts'
import { createLog } from '../../core/log.ts'
import { startGateway } from '../../main.ts'
import { startSandbox, type Sandbox } from '../sandbox.ts'
import { call } from './call.ts'
import type { Narrator } from './narrator.ts'

/** A gateway at work in a sandbox, both in this process and on free ports, with a tenant who may record. */
export interface World {
  sandbox: Sandbox
  gatewayUrl: string
  dataDir: string
  /** The tenant's API key. */
  key: string
}

export interface WorldOptions {
  /** Folder for what the gateway and the bucket write. */
  folder: string
  logFile: string
  narrator: Narrator
  /** The sandbox and the gateway are added here, to be closed. */
  parts: AsyncDisposableStack
  signal: AbortSignal
}

export async function startWorld ({ folder, logFile, narrator, parts, signal }: WorldOptions): Promise<World> {
  const sandbox = await narrator.step('starting the sandbox', () =>
    startSandbox({ ports: { trtc: 0, cos: 0, receiver: 0, control: 0 }, directory: join(folder, 'bucket') }))
  parts.defer(() => sandbox.close())
  narrator.say('sandbox up: TRTC, COS, callback receiver')
  signal.throwIfAborted()

  const { trtc, cos } = sandbox.describe()
  const dataDir = join(folder, 'data')
  narrator.say('gateway starting, its database embedded')
  const gateway = await narrator.step('starting the gateway', () => startGateway(loadSettings({
    DATA_DIR: dataDir,
    PORT: '0',
    RTMP_HOST: '127.0.0.1',
    RTMP_PORT: '0',
    CAPTURE_WORKERS: '2',
    TRTC_CLOUD_ENDPOINT: trtc.endpoint,
    COS_ENDPOINT: cos.endpoint,
    CALLBACK_ALLOW_NETWORKS: '127.0.0.0/8'
  }), createLog('info', pino.destination({ dest: logFile, sync: true }))))
  parts.defer(async () => { await gateway.close() })
  narrator.say(`gateway up at ${gateway.url}`)

  const key = await narrator.step('adding tenant, key and app', async () => {
    const operator = { token: gateway.adminToken, signal }
    const tenants = new URL('/operator/tenants', gateway.url)
    interface Tenant { TenantId: string, CallbackSecret: string }
    const { TenantId, CallbackSecret } = await call<Tenant>(tenants, { ...operator, method: 'POST', body: { Name: 'demo' } })
    const { Key } = await call<{ Key: string }>(new URL(`tenants/${TenantId}/keys`, tenants), { ...operator, method: 'POST', body: {} })
    await call(new URL(`tenants/${TenantId}/apps/${trtc.sdkAppId}`, tenants), {
      ...operator,
      method: 'PUT',
      body: {
        CallbackKey: trtc.callbackKey,
        SdkSecretKey: trtc.sdkSecretKey,
        CloudSecretId: trtc.secretId,
        CloudSecretKey: trtc.secretKey,
        DefaultStore: { Bucket: cos.bucket, Region: cos.region, SecretId: cos.secretId, SecretKey: cos.secretKey }
      }
    })
    sandbox.receiver.trust(CallbackSecret)
    sandbox.cloud.setCallbackUrl(trtc.sdkAppId, new URL('/trtc/events', gateway.url).href)
    return Key
  })
  narrator.say('tenant, API key and TRTC app added')
  return { sandbox, gatewayUrl: gateway.url, dataDir, key }
}
