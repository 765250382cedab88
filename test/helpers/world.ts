import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino, type Logger } from 'pino'
import { request } from 'undici'
import { loadSettings } from '../../config/load.ts'
import { startGateway, type Gateway } from '../../src/main.ts'
import { loadClip, type ToneClip } from '../../src/sandbox/audio/clips.ts'
import type { Room } from '../../src/sandbox/cloud/room.ts'
import { startCosServer, type CosServer } from '../../src/sandbox/cos-server.ts'
import { startReceiver, type ReceivedAttempt, type Receiver, type ReceiverOptions } from '../../src/sandbox/receiver.ts'
import type { Speaker } from '../../src/sandbox/speaker.ts'
import { startTrtcCloud, type TrtcCloud, type TrtcCloudOptions } from '../../src/sandbox/trtc-cloud.ts'
import { roomKey, type RoomId } from '../../src/trtc/room-id.ts'
import { putEmptyDatabase } from './embedded-database.ts'
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

/** @param apps how many, numbered from `sdkAppId` on, with the same keys */
export async function startOutside (
  scope: Scope, options: Partial<TrtcCloudOptions> = {}, { apps: appCount = 1, ...receiving }: ReceiverOptions & { apps?: number } = {}
): Promise<Outside> {
  const sdkSecretKey = randomBytes(32).toString('hex')
  const callbackKey = randomBytes(16).toString('hex')
  const cloudKeys = { secretId: `AKID${randomBytes(16).toString('hex')}`, secretKey: randomBytes(16).toString('hex') }
  const cosKeys = { secretId: `AKID${randomBytes(16).toString('hex')}`, secretKey: randomBytes(16).toString('hex') }
  const apps = Array.from({ length: appCount }, (_, index) => ({ sdkAppId: sdkAppId + index, secretKey: sdkSecretKey, callbackKey }))
  // Audio comes at once unless a test is about audio that comes late: that takes two seconds more at each beginning and end
  const cloud = await startTrtcCloud({ apps, credentials: [cloudKeys], audioDelayMs: 0, ...options })
  closeAfter(scope, () => cloud.close())
  const cos = await startCosServer({ buckets: [bucket], credentials: [cosKeys] })
  closeAfter(scope, () => cos.close())
  const receiver = await startReceiver(receiving)
  closeAfter(scope, () => receiver.close())
  return { cloud, cos, receiver, sdkSecretKey, callbackKey, cloudKeys, cosKeys }
}

/** Settings of a gateway that works with these clouds, all else as by default. */
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
export async function startTestGateway (scope: Scope, env: Record<string, string>, log = quietLog()): Promise<Gateway> {
  const settings = loadSettings(env)
  if (settings.DATABASE_URL === undefined) await putEmptyDatabase(settings.DATA_DIR)
  const gateway = await startGateway(settings, log)
  closeAfter(scope, () => gateway.close())
  return gateway
}

/** A log nobody reads, unless TEST_LOG_LEVEL asks for it. Routes may have a level of their own, so the lines go nowhere rather than be silenced. */
function quietLog (): Logger {
  const level = process.env.TEST_LOG_LEVEL
  return level === undefined ? pino({ level: 'silent' }, { write: () => undefined }) : pino({ level })
}

export interface Answer<Body = Record<string, unknown>> { status: number, headers: Record<string, string | string[] | undefined>, body: Body }

/** Calls the API as a client would. */
export async function call<Body = Record<string, unknown>> (url: string, path: string, { method = 'GET', token, body, headers = {} }: {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', token?: string, body?: unknown, headers?: Record<string, string>
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

export interface CallbackFile {
  UserId: string
  RecordFile: string
  Status: number
  Message: string
  Key: string
  Bytes: number
  StartMs: number
  EndMs: number
  DurationMs: number
  GapMs: number
  Partial: boolean
  Label: string
}

/** The part of a callback that tests read. */
export interface Callback {
  Type: string
  RecordingId: string
  Reason: string
  Message: string
  StartMs: number
  EndMs: number
  Files: CallbackFile[]
  TimelineFile: string
  Incomplete: boolean
  Warnings: Warning[]
}

export interface Warning { Code: string, UserId: string, Message: string }

/** A recording as a tenant reads it by `GET /v1/recordings/{id}`. */
export interface Detail {
  Status: string
  Reason: string | null
  Message: string
  Incomplete: boolean
  Warnings: Warning[]
  Tracks: { UserId: string, State: string, Message: string, Segments: number, LastSeq: number }[]
  Files: { UserId: string, Key: string, Partial: boolean, DurationMs: number, StartMs: number, EndMs: number }[]
  Deliveries: { State: string, Attempts: number, LastStatus: number | null, LastError: string | null }[]
}

/** A gateway with one tenant, seen from the tenant. */
export interface World extends Outside, Tenant {
  url: string
  adminToken: string
  dataDir: string
  /** Starts a recording that calls back to the receiver. @returns its id */
  start: (roomId: RoomId, body?: object) => Promise<string>
  stop: (recordingId: string) => Promise<void>
  detail: (recordingId: string) => Promise<Detail>
  /** The end of a recording as the receiver was told. */
  ended: (recordingId: string) => Promise<Callback>
}

/** How long a test waits for anything: longer than it takes on a machine that is busy with other tests. */
export const patienceMs = 45_000

export interface WorldOptions {
  cloud?: Partial<TrtcCloudOptions>
  receiver?: ReceiverOptions
  env?: Record<string, string>
  log?: Logger
}

/** Everything, in this process: the clouds, a gateway, a tenant with an app. */
export async function startWorld (scope: Scope, { cloud, receiver, env = {}, log }: WorldOptions = {}): Promise<World> {
  const outside = await startOutside(scope, cloud, receiver)
  const dataDir = await temporaryFolder(scope)
  const gateway = await startTestGateway(scope, { ...environment(outside, dataDir), ...env }, log)
  return { ...outside, ...asTenant(gateway.url, outside, await provision(gateway.url, gateway.adminToken, outside)), adminToken: gateway.adminToken, dataDir }
}

/** What a tenant does with a gateway, wherever that runs. */
export function asTenant (url: string, { receiver }: Outside, tenant: Tenant): Tenant & Pick<World, 'url' | 'start' | 'stop' | 'detail' | 'ended'> {
  const token = tenant.key
  return {
    ...tenant,
    url,
    async start (roomId, body = {}) {
      const room = typeof roomId === 'number' ? { RoomId: roomId } : { StrRoomId: roomId }
      const request = { SdkAppId: sdkAppId, ...room, UserId: 'rec_1', Callback: receiver.url, ...body }
      const answer = await call(url, '/v1/recordings', { method: 'POST', token, body: request })
      assert.equal(answer.status, 202, JSON.stringify(answer.body))
      return String(answer.body.RecordingId)
    },
    async stop (recordingId) {
      const { status, body } = await call(url, `/v1/recordings/${recordingId}/stop`, { method: 'POST', token })
      assert.equal(status, 202, JSON.stringify(body))
    },
    async detail (recordingId) {
      const { status, body } = await call<Detail>(url, `/v1/recordings/${recordingId}`, { token })
      assert.equal(status, 200, JSON.stringify(body))
      return body
    },
    async ended (recordingId) {
      const isEnd = ({ body }: ReceivedAttempt): boolean => (body as Callback).RecordingId === recordingId && (body as Callback).Type.startsWith('recording.')
      const { body, signature } = await receiver.next(isEnd, { signal: AbortSignal.timeout(patienceMs) })
      assert.equal(signature, 'valid')
      return body as Callback
    }
  }
}

/** Lets somebody enter a room and talk. */
export function enterTalking (room: Room, userId: string, clip: ToneClip = 'low'): Speaker {
  const speaker = room.enter(userId)
  speaker.talk(loadClip(clip))
  return speaker
}

/**
 * Waits until the relay of this user pushes, and then for `ms` of talk, in real time.
 * @param not URLs of former pushes
 * @returns the URL pushed to
 */
export async function talked ({ cloud }: Pick<Outside, 'cloud'>, roomId: RoomId, userId: string, ms: number, not: readonly string[] = []): Promise<string> {
  const url = await eventually(async () => cloud.tasks()
    .filter((task) => roomKey(task.roomId) === roomKey(roomId) && task.anchorUserId === userId && task.endedBy === undefined)
    .flatMap(({ pushes }) => pushes)
    .find(({ url, status }) => status === 2 && !not.includes(url))?.url)
  await sleep(ms)
  return url
}

/** Asks again until there is an answer: for what a client can only poll. Bounded by the signal. */
export async function eventually<T> (ask: () => Promise<T | undefined>, { signal } = { signal: AbortSignal.timeout(patienceMs) }): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(50, undefined, { signal })
  }
}
