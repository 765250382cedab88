import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { request } from 'undici'
import { loadSettings } from '../../config/load.ts'
import { startGateway, type Gateway } from '../../src/main.ts'
import { startCosServer, type CosServer } from '../../src/sandbox/cos-server.ts'
import { startReceiver, type Receiver } from '../../src/sandbox/receiver.ts'
import { startTrtcCloud, type TrtcCloud, type TrtcCloudOptions } from '../../src/sandbox/trtc-cloud.ts'
import { closeAfter, type Scope } from './scope.ts'

export const sdkAppId = 1_400_000_001
export const bucket = 'audio-1250000000'
const region = 'ap-guangzhou'

/** Other companies' clouds, on this machine. */
export interface Outside {
  cloud: TrtcCloud
  cos: CosServer
  receiver: Receiver
  sdkSecretKey: string
  callbackKey: string
  cloudKeys: { secretId: string, secretKey: string }
  cosKeys: { secretId: string, secretKey: string }
}

export async function startOutside (scope: Scope, options: Partial<TrtcCloudOptions> = {}): Promise<Outside> {
  const sdkSecretKey = randomBytes(32).toString('hex')
  const callbackKey = randomBytes(16).toString('hex')
  const cloudKeys = { secretId: `AKID${randomBytes(16).toString('hex')}`, secretKey: randomBytes(16).toString('hex') }
  const cosKeys = { secretId: `AKID${randomBytes(16).toString('hex')}`, secretKey: randomBytes(16).toString('hex') }
  const cloud = await startTrtcCloud({ apps: [{ sdkAppId, secretKey: sdkSecretKey, callbackKey }], credentials: [cloudKeys], ...options })
  closeAfter(scope, () => cloud.close())
  const cos = await startCosServer({ buckets: [bucket], credentials: [cosKeys] })
  closeAfter(scope, () => cos.close())
  const receiver = await startReceiver()
  closeAfter(scope, () => receiver.close())
  return { cloud, cos, receiver, sdkSecretKey, callbackKey, cloudKeys, cosKeys }
}

/** Settings of a gateway that works with them, all else as by default. */
export function environment (outside: Outside, dataDir: string): Record<string, string> {
  return {
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    PORT: '0',
    RTMP_HOST: '127.0.0.1',
    RTMP_PUBLIC_HOST: '127.0.0.1',
    RTMP_PORT: '0',
    CAPTURE_WORKERS: '2',
    CALLBACK_ALLOW_NETWORKS: '127.0.0.0/8',
    TRTC_CLOUD_ENDPOINT: outside.cloud.endpoint,
    COS_ENDPOINT: outside.cos.url,
    METADATA_URL: outside.cos.url
  }
}

export async function temporaryFolder (scope: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roomtape-'))
  closeAfter(scope, () => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A gateway in this process, closed after the test. */
export async function startTestGateway (scope: Scope, env: Record<string, string>, log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })): Promise<Gateway> {
  const gateway = await startGateway(loadSettings(env), log)
  closeAfter(scope, () => gateway.close())
  return gateway
}

export interface Answer<Body = Record<string, unknown>> { status: number, headers: Record<string, string | string[] | undefined>, body: Body }

/** Calls the API as a client would. */
export async function call<Body = Record<string, unknown>> (url: string, path: string, { method = 'GET', token, body, headers = {} }: {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE', token?: string, body?: unknown, headers?: Record<string, string>
} = {}): Promise<Answer<Body>> {
  const response = await request(new URL(path, url), {
    method,
    headers: { ...token !== undefined && { authorization: `Bearer ${token}` }, ...body !== undefined && { 'content-type': 'application/json' }, ...headers },
    body: body === undefined ? null : JSON.stringify(body)
  })
  const text = await response.body.text()
  return { status: response.statusCode, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Body }
}

export interface Tenant { tenantId: string, key: string, callbackSecret: string }

/** A tenant with a key and the sandbox's app, made by the operator's calls. */
export async function provision (url: string, adminToken: string, outside: Outside): Promise<Tenant> {
  const operator = { token: adminToken, method: 'POST' } as const
  const tenant = await call<{ TenantId: string, CallbackSecret: string }>(url, '/operator/tenants', { ...operator, body: { Name: 'school' } })
  const key = await call<{ Key: string }>(url, `/operator/tenants/${tenant.body.TenantId}/keys`, { ...operator, body: { Name: 'backend' } })
  const app = await call(url, `/operator/tenants/${tenant.body.TenantId}/apps/${sdkAppId}`, { ...operator, method: 'PUT', body: appOf(outside) })
  if (app.status !== 200) throw new Error(`app not stored: ${JSON.stringify(app.body)}`)
  outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', url).href)
  outside.receiver.trust(tenant.body.CallbackSecret)
  return { tenantId: tenant.body.TenantId, key: key.body.Key, callbackSecret: tenant.body.CallbackSecret }
}

export function appOf ({ sdkSecretKey, callbackKey, cloudKeys, cosKeys }: Outside) {
  return {
    CallbackKey: callbackKey,
    SdkSecretKey: sdkSecretKey,
    CloudSecretId: cloudKeys.secretId,
    CloudSecretKey: cloudKeys.secretKey,
    DefaultStore: { Bucket: bucket, Region: region, Path: '/lessons/', SecretId: cosKeys.secretId, SecretKey: cosKeys.secretKey }
  }
}

/** Asks again until what is asked for is so: for what a client can only poll. Bounded by the signal. */
export async function eventually<T> (ask: () => Promise<T | undefined>, { signal }: { signal: AbortSignal }): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(50, undefined, { signal })
  }
}
