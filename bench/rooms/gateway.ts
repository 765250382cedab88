import { randomBytes } from 'node:crypto'
import { spawnGateway, type GatewayProcess } from '../../test/helpers/gateway-process.ts'
import { call } from '../../test/helpers/world.ts'
import type { RoomsApp } from './calls.ts'

export const bucket = 'audio-1250000000'
const region = 'ap-guangzhou'
/** TRTC takes 20 calls a second of each account, so that one account would be what is measured. */
const appCount = 50
/** All rooms are one tenant's, with one key. */
const callsPerMinute = '1000000'

export interface Outside {
  cloudUrl: string
  cosUrl: string
  cosKeys: { secretId: string, secretKey: string }
  /** Where files go in place of the bucket. */
  folder: string | undefined
}

export interface RunningGateway extends Pick<GatewayProcess, 'url' | 'pid'> {
  /** The tenant's API key. */
  token: string
  callbackSecret: string
  /** The lines that it has logged since it was ready. */
  log (): string[]
  /** Asks it to end, and waits for it. */
  end (): Promise<unknown>
}

export function makeApps (): RoomsApp[] {
  return Array.from({ length: appCount }, (_, index) => ({
    sdkAppId: 1_400_000_001 + index, secretKey: randomBytes(32).toString('hex'), callbackKey: randomBytes(16).toString('hex'), cloud: makeKeys()
  }))
}

export function makeKeys (): { secretId: string, secretKey: string } {
  return { secretId: `AKID${randomBytes(16).toString('hex')}`, secretKey: randomBytes(16).toString('hex') }
}

/** A gateway as it is served, with a tenant who has all the apps. All but addresses and the limits of a key is as by default. */
export async function startBenchGateway (
  stack: AsyncDisposableStack,
  { dataDir, databaseUrl, outside, apps }: { dataDir: string, databaseUrl: string | undefined, outside: Outside, apps: readonly RoomsApp[] }
): Promise<RunningGateway> {
  const gateway = await spawnGateway({ after: (release) => { stack.defer(release) } }, {
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    PORT: '0',
    RTMP_HOST: '127.0.0.1',
    RTMP_PUBLIC_HOST: '127.0.0.1',
    RTMP_PORT: '0',
    CALLBACK_ALLOW_NETWORKS: '127.0.0.0/8',
    RATE_LIMIT_WRITES_PER_MINUTE: callsPerMinute,
    TRTC_CLOUD_ENDPOINT: outside.cloudUrl,
    COS_ENDPOINT: outside.cosUrl,
    METADATA_URL: outside.cosUrl,
    ...databaseUrl !== undefined && { DATABASE_URL: databaseUrl, MASTER_KEY: randomBytes(32).toString('base64') }
  })
  const operator = async (method: 'POST' | 'PUT', path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await call(gateway.url, path, { method, token: gateway.adminToken, body })
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const { TenantId, CallbackSecret } = await operator('POST', '/operator/tenants', { Name: 'school' })
  const tenantPath = `/operator/tenants/${String(TenantId)}`
  const { Key } = await operator('POST', `${tenantPath}/keys`, { Name: 'backend' })
  const { folder, cosKeys } = outside
  const store = folder === undefined ? { Bucket: bucket, Region: region, Path: '/lessons/', SecretId: cosKeys.secretId, SecretKey: cosKeys.secretKey } : { Directory: folder }
  for (const { sdkAppId, secretKey, callbackKey, cloud } of apps) {
    await operator('PUT', `${tenantPath}/apps/${sdkAppId}`, {
      CallbackKey: callbackKey,
      SdkSecretKey: secretKey,
      CloudSecretId: cloud.secretId,
      CloudSecretKey: cloud.secretKey,
      DefaultStore: store
    })
  }
  const { url, pid } = gateway
  const loggedBefore = gateway.log.length
  return {
    url, pid, token: String(Key), callbackSecret: String(CallbackSecret), log: () => gateway.log.slice(loggedBefore), end: () => gateway.terminate()
  }
}
