import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clip, Speaker } from '../../src/sandbox/speaker.ts'
import type { Timeline } from '../../src/timeline/schema.ts'
import type { Evidence, Put, ToldEvent, ToldRecording } from './evidence.ts'
import { voiceNumbers, type Pause, type Voice } from './frame-ledger.ts'
import { spawnGateway, type GatewayProcess } from './gateway-process.ts'
import type { Happening, JudgedScript } from './judged-script.ts'
import { frameMsOf, numberedClip } from './numbered-talk.ts'
import { RtmpTap, tapHost } from './rtmp-tap.ts'
import type { Scope } from './scope.ts'
import { asTimeline } from './timeline.ts'
import { bucket, call, environment, provision, sdkAppId, startOutside, temporaryFolder, type Outside } from './world.ts'

const roomId = 'judged'
const threads = 2
/** How long the end is waited for: longer than a bucket is away, and than TRTC's calls fail. */
const patienceMs = 60_000
/** How long it takes until a speaker is heard, when nothing is in the way. */
const heardMs = 4_000
/** How long deliveries are waited for when the end has been told of. */
const deliveryMs = 10_000
const encodings = [48_000, 44_100] as const

interface User {
  userId: string
  clips: Clip[]
  voices: number[]
  encoding: number
  speaker: Speaker | undefined
}

/** Plays a recording through a gateway in a process of its own. @param databaseUrl of PostgreSQL, empty; undefined: the embedded one */
export async function playRecording (scope: Scope, script: JudgedScript, databaseUrl?: string): Promise<Evidence> {
  // Tried again sooner than by TRTC, so that little time is lost while the gateway is away
  const outside = await startOutside(scope, { relayTimings: { retryMs: 200 }, callbackTimings: { retryMs: 500 } })
  const dataDir = await temporaryFolder(scope)
  const { tap, firstPort } = await RtmpTap.open(scope, threads)
  const env = {
    ...environment(outside, dataDir),
    RTMP_PUBLIC_HOST: tapHost,
    RTMP_PORT: String(firstPort),
    PORT: String(firstPort + threads), // the same after a restart, for events that are told again
    CAPTURE_WORKERS: String(threads),
    ...databaseUrl !== undefined && { DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }
  }
  const play = new Play(scope, script, outside, tap, env)
  await play.begin()
  await play.steps()
  return await play.evidence(join(dataDir, 'spool'))
}

class Play {
  readonly #scope: Scope
  readonly #script: JudgedScript
  readonly #outside: Outside
  readonly #tap: RtmpTap
  readonly #env: Record<string, string>
  readonly #users: User[]
  readonly #voices: Voice[] = []
  readonly #pauses: Pause[] = []
  readonly #entries: { userId: string, atMs: number }[] = []
  readonly #killsMs: number[] = []
  /** How many requests the bucket had taken, and attempts the receiver, when the gateway was killed. */
  readonly #seenByKill: { puts: number, attempts: number }[] = []
  #gateway: Promise<GatewayProcess>
  #key = ''
  #recordingId = ''
  #stopAskedMs: number | undefined

  constructor (scope: Scope, script: JudgedScript, outside: Outside, tap: RtmpTap, env: Record<string, string>) {
    this.#scope = scope
    this.#script = script
    this.#outside = outside
    this.#tap = tap
    this.#env = env
    this.#gateway = spawnGateway(scope, env)
    this.#users = script.users.map(({ userId, tone }) => {
      const voices = encodings.map(() => this.#voices.length).map((first, index) => first + index)
      const clips = encodings.map((sampleRate, index) => numberedClip(tone, sampleRate, voices[index]! * voiceNumbers))
      this.#voices.push(...clips.map(({ config }) => ({ userId, frameMs: frameMsOf(config) })))
      return { userId, clips, voices, encoding: 0, speaker: undefined }
    })
  }

  async begin (): Promise<void> {
    const { url, adminToken } = await this.#gateway
    const { key } = await provision(url, adminToken, this.#outside)
    this.#key = key
    for (const { action, nth, fault } of this.#script.calls) this.#outside.cloud.faults.add({ ...fault, action, nth })
    const { body } = await this.#call('', {
      SdkAppId: sdkAppId, StrRoomId: roomId, UserId: 'rec_1', Callback: this.#outside.receiver.url, Output: this.#script.output
    })
    this.#recordingId = String(body.RecordingId)
    this.#room.enter('witness', { role: 'audience' }) // so that the room stays when its last speaker leaves
    for (const user of this.#users) this.#enter(user)
  }

  async steps (): Promise<void> {
    const { steps, patient, kill, bucket: away, end, lastMs } = this.#script
    if (patient) await this.#heard()
    for (const [index, { waitMs, user, what }] of steps.entries()) {
      if (away?.beforeStep === index) this.#outside.cos.faults.add({ kind: away.kind, times: away.times })
      await sleep(waitMs)
      if (kill?.beforeStep === index) await this.#kill(kill.awayMs)
      await this.#perform(what, this.#users[user % this.#users.length]!)
    }
    const { url } = await this.#gateway
    if (this.#killsMs.length > 0) await this.#heard()
    await sleep(lastMs) // the room is real time
    if (end === 'dismiss') {
      this.#room.dismiss()
      return
    }
    this.#stopAskedMs = Date.now()
    await call(url, `/v1/recordings/${this.#recordingId}/stop`, { method: 'POST', token: this.#key })
  }

  /** Waits until a frame has come from now on, or somebody could have been heard for long. */
  async #heard (): Promise<void> {
    const before = this.#tap.frames.length
    for (const until = performance.now() + heardMs; this.#tap.frames.length === before && performance.now() < until;) await sleep(20)
  }

  async evidence (spoolDir: string): Promise<Evidence> {
    const { receiver, cos, cloud } = this.#outside
    const isEnd = (body: unknown): boolean => (body as ToldEvent).Type.startsWith('recording.')
    await receiver.next(({ body }) => isEnd(body), { signal: AbortSignal.timeout(patienceMs) }).catch(() => undefined) // then the verdict says so
    if (this.#room.live) this.#room.dismiss()
    await cloud.settled()
    const gateway = await this.#gateway
    const path = `/v1/recordings/${this.#recordingId}`
    const detail = await this.#deliveredDetail(gateway.url, path)
    const timeline = asTimeline((await call<Timeline>(gateway.url, `${path}/timeline`, { token: this.#key })).body)
    // Whatever it still has to tell or to put, it does before it ends
    const exitCode = await gateway.terminate()
    const keys = cos.list(bucket).map(({ key }) => key).filter((key) => key.includes(this.#recordingId))
    const objects = new Map(await Promise.all(keys.map(async (key) => {
      const { content, modifiedMs } = (await cos.get(bucket, key))!
      return [key, { content, putMs: modifiedMs }] as const
    })))
    return {
      recordingId: this.#recordingId,
      ledger: {
        voices: this.#voices,
        roomStartMs: this.#room.startMs,
        frames: this.#tap.frames,
        entries: this.#entries,
        pauses: this.#pauses,
        killsMs: this.#killsMs,
        stopAskedMs: this.#stopAskedMs
      },
      segmentSeconds: this.#script.output.SegmentSeconds,
      attempts: receiver.attempts().map(({ body, receivedMs, signature, duplicate }, index) =>
        ({ body: body as ToldEvent, receivedMs, signature, duplicate, life: this.#seenByKill.filter(({ attempts }) => index >= attempts).length })),
      detail,
      timeline,
      objects,
      puts: this.#puts(),
      unfinished: cos.unfinished(bucket),
      spooled: (await readdir(spoolDir, { recursive: true })).filter((path) => /\.(m4a|ndjson)$/.test(path)),
      exitCode
    }
  }

  get #room () { return this.#outside.cloud.room(sdkAppId, roomId) }

  async #call (path: string, body?: object) {
    const { url } = await this.#gateway
    const answer = await call(url, `/v1/recordings${path}`, { method: 'POST', token: this.#key, ...body !== undefined && { body } })
    if (answer.status !== 202) throw new Error(`${path}: ${JSON.stringify(answer)}`)
    return answer
  }

  /** The recording, when all is delivered, or after a while. */
  async #deliveredDetail (url: string, path: string): Promise<ToldRecording> {
    for (const until = performance.now() + deliveryMs; ;) {
      const { body } = await call<ToldRecording>(url, path, { token: this.#key })
      if (performance.now() > until || (body.Deliveries.length > 0 && body.Deliveries.every(({ State }) => State.toLowerCase() === 'delivered'))) return body
      await sleep(100)
    }
  }

  #puts (): Put[] {
    const disturbed = new Set<string>()
    return this.#outside.cos.log.flatMap(({ action, key, status, fault }, index) => {
      if (fault !== undefined) disturbed.add(key)
      const isPut = (action === 'put' || action === 'complete') && key.includes(this.#recordingId)
      if (!isPut || status !== 200 || fault !== undefined) return []
      return [{ key, life: this.#seenByKill.filter(({ puts }) => index >= puts).length, disturbed: disturbed.delete(key) }]
    })
  }

  #enter (user: User): void {
    this.#entries.push({ userId: user.userId, atMs: Date.now() })
    user.speaker = this.#room.enter(user.userId)
    user.speaker.talk(user.clips[user.encoding]!)
  }

  async #perform (what: Happening, user: User): Promise<void> {
    const { speaker, voices } = user
    switch (what) {
      case 'come-or-go':
        if (speaker === undefined) {
          this.#enter(user)
        } else {
          speaker.leave()
          user.speaker = undefined
        }
        break
      case 'mute-or-talk':
        if (speaker?.talking === true) speaker.mute()
        else speaker?.unmute()
        break
      case 'encoding':
        user.encoding = 1 - user.encoding
        if (speaker?.talking === true) speaker.talk(user.clips[user.encoding]!)
        break
      case 'cut':
      case 'reset': this.#tap.break(what, (number) => voices.includes(Math.floor(number / voiceNumbers))); break
      case 'pause-or-resume': await this.#pause(user.userId); break
      case 'pause-or-resume-all': await this.#pause(undefined); break
      default: what satisfies never
    }
  }

  async #pause (userId: string | undefined): Promise<void> {
    const body = userId === undefined ? undefined : { UserIds: [userId] }
    const open = this.#pauses.find((pause) => pause.userId === userId && pause.resumedMs === undefined)
    const askedMs = Date.now()
    await this.#call(`/${this.#recordingId}/${open === undefined ? 'pause' : 'resume'}`, body)
    if (open === undefined) {
      this.#pauses.push({ userId, askedMs, answeredMs: Date.now(), resumeAskedMs: undefined, resumedMs: undefined })
    } else {
      open.resumeAskedMs = askedMs
      open.resumedMs = Date.now()
    }
  }

  /** Kills the gateway and lets it come back while the room goes on. */
  async #kill (awayMs: number): Promise<void> {
    const gateway = await this.#gateway
    this.#killsMs.push(Date.now())
    await gateway.kill()
    this.#seenByKill.push({ puts: this.#outside.cos.log.length, attempts: this.#outside.receiver.attempts().length })
    this.#gateway = sleep(awayMs).then(() => spawnGateway(this.#scope, this.#env))
    this.#gateway.catch(() => undefined) // whoever asks next hears of it
  }
}
