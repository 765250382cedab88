import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mintUserSig } from '../../trtc/user-sig.ts'
import type { ReceivedAttempt, Receiver } from '../receiver.ts'
import { playScene } from '../scenes.ts'
import { call } from './call.ts'
import type { Narrator } from './narrator.ts'
import { demoScene, demoSpeakers, tellStep } from './scene.ts'
import { watch } from './watch.ts'
import type { World } from './world.ts'

export interface DemoFile {
  UserId: string
  /** Path of the downloaded copy. */
  File: string
  DurationMs: number
  Bytes: number
  Sha256: string
  GapMs: number
  Gaps: Array<{ StartMs: number, EndMs: number, Cause: string }>
  /** Whether the callback that told this file's digest was signed by the gateway. */
  CallbackVerified: boolean
}

export interface DemoReport {
  RecordingId: string
  Reason: string
  Files: DemoFile[]
  Callback: { Id: string, Type: string, SignatureVerified: boolean }
  ElapsedMs: number
}

interface RecordOptions {
  narrator: Narrator
  outDir: string
  /** Stretches the scene's times. */
  factor: number
  signal: AbortSignal
}

interface CallbackFile extends Pick<DemoFile, 'UserId' | 'DurationMs' | 'Bytes' | 'Sha256' | 'GapMs'> {
  RecordFile: string
  Key: string
  Status: number
  Message: string
}
interface Callback { Id: string, Type: string, RecordingId: string, Reason: string, Message: string, Files: CallbackFile[] }
interface Detail { Files: Array<{ Key: string, Gaps: DemoFile['Gaps'] }> }

const recorderId = 'rec_demo'
const callbackTimeoutMs = 30_000

/**
 * Records the demo's room from the first request to the callback, and lays the files into `outDir`, which is there.
 * @throws Error naming the step that failed, or what was not as it must be
 */
export async function record (world: World, { narrator, outDir, factor, signal }: RecordOptions): Promise<DemoReport> {
  const { sandbox, gatewayUrl, key } = world
  const recordings = new URL('/v1/recordings/', gatewayUrl)
  const { RecordingId } = await narrator.step('starting the recording', () =>
    call<{ RecordingId: string }>(new URL('/v1/recordings', gatewayUrl), { method: 'POST', token: key, body: startRequest(world), signal }))
  narrator.say(`POST /v1/recordings: ${RecordingId}`)

  const attempt = await narrator.step('recording the room', async () => {
    using watching = watch(sandbox, (text) => { narrator.say(text) })
    const room = sandbox.cloud.room(sandbox.describe().trtc.sdkAppId, demoScene.roomId)
    const seen = new Set<string>()
    await playScene(room, demoScene, {
      signal,
      factor,
      onStep: (step) => {
        const text = tellStep(step, 'user' in step && seen.has(step.user))
        if ('user' in step) seen.add(step.user)
        if (text !== undefined) narrator.say(text, 'bold')
      }
    })
    const attempt = await callbackOf(sandbox.receiver, RecordingId, signal)
    watching.look()
    return attempt
  })
  const callback = attempt.body as Callback
  narrator.say(`callback ${callback.Type}, signature ${attempt.signature}`)

  const files = await narrator.step('checking the files', async () => {
    mustBeComplete(callback)
    const detail = await call<Detail>(new URL(RecordingId, recordings), { token: key, signal })
    return Promise.all(callback.Files.map(async (file, index) => {
      // A user has more than one file when the audio had to be asked for anew by another owner, or changed its encoding.
      const number = callback.Files.slice(0, index + 1).filter(({ UserId }) => UserId === file.UserId).length
      const path = join(outDir, `${file.UserId}${number === 1 ? '' : `-${number}`}.m4a`)
      await writeFile(path, await download(file, signal))
      const { UserId, DurationMs, Bytes, Sha256, GapMs } = file
      const Gaps = detail.Files.find(({ Key }) => Key === file.Key)?.Gaps ?? []
      return { UserId, File: path, DurationMs, Bytes, Sha256, GapMs, Gaps, CallbackVerified: attempt.signature === 'valid' }
    }))
  })
  return {
    RecordingId,
    Reason: callback.Reason,
    Files: files.sort((a, b) => a.File.localeCompare(b.File)),
    Callback: { Id: callback.Id, Type: callback.Type, SignatureVerified: attempt.signature === 'valid' },
    ElapsedMs: narrator.elapsedMs
  }
}

/** The body of a tenant's start request, with a UserSig and a bucket of the tenant's own. */
function startRequest ({ sandbox }: World): object {
  const { trtc, cos, receiver } = sandbox.describe()
  return {
    SdkAppId: trtc.sdkAppId,
    StrRoomId: demoScene.roomId,
    UserId: recorderId,
    UserSig: mintUserSig({ sdkAppId: trtc.sdkAppId, secretKey: trtc.sdkSecretKey, userId: recorderId, expireSeconds: 3600, nowMs: Date.now() }),
    CosConfig: { SecretId: cos.secretId, SecretKey: cos.secretKey, Region: cos.region, Bucket: cos.bucket, Path: '/demo/' },
    Callback: receiver.url,
    Mode: '00'
  }
}

async function callbackOf (receiver: Receiver, recordingId: string, signal: AbortSignal): Promise<ReceivedAttempt> {
  const limit = AbortSignal.timeout(callbackTimeoutMs)
  try {
    return await receiver.next(({ body }) => (body as Callback).RecordingId === recordingId, { signal: AbortSignal.any([signal, limit]) })
  } catch (error) {
    if (!limit.aborted) throw error
    const last = receiver.attempts().at(-1)
    const hint = last === undefined ? '' : `; the signature of the last attempt was ${last.signature}`
    throw new Error(`no callback within ${callbackTimeoutMs / 1000} s${hint}`, { cause: error })
  }
}

function mustBeComplete ({ Type, Reason, Message, Files }: Callback): void {
  if (Type !== 'recording.completed' || Reason !== 'RoomDismissed') throw new Error(`the callback says ${Type}, ${Reason} ${Message}`)
  for (const { UserId, Status, Message } of Files) if (Status !== 1) throw new Error(`${UserId} has no file: ${Message}`)
  const missing = demoSpeakers.filter((user) => !Files.some(({ UserId }) => UserId === user))
  if (missing.length > 0) throw new Error(`no file of ${missing.join(' and ')}`)
}

/** Fetches the object behind the callback's link. @throws Error when its length or SHA-256 is not what the callback says */
async function download ({ UserId, RecordFile, Bytes, Sha256 }: CallbackFile, signal: AbortSignal): Promise<Buffer> {
  const response = await fetch(RecordFile, { signal })
  if (!response.ok) throw new Error(`${UserId}'s file: the bucket answers ${response.status}`)
  const content = Buffer.from(await response.arrayBuffer())
  if (content.length !== Bytes) throw new Error(`${UserId}'s file has ${content.length} bytes, the callback says ${Bytes}`)
  if (createHash('sha256').update(content).digest('hex') !== Sha256) throw new Error(`${UserId}'s file is not the one whose SHA-256 the callback tells`)
  return content
}
