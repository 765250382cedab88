import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallbackEvent } from '../../../src/sandbox/cloud/events.ts'
import type { Evidence } from './evidence.ts'
import type { Absence, Voice } from './frame-ledger.ts'
import { spawnGateway, type GatewayProcess } from '../gateway-process.ts'
import { JudgedRecording } from './judged-recording.ts'
import type { RoundScript } from './judged-script.ts'
import { RtmpTap, tapHost } from '../rtmp-tap.ts'
import type { Scope } from '../scope.ts'
import { appOf, call, environment, provision, sdkAppId, startOutside, temporaryFolder, type Answer, type Outside } from '../world.ts'

const threads = 2
/** How long TRTC keeps a relay whose anchor is gone: the least that it takes. */
const relayMaxIdleSeconds = 5

/** The evidence of each recording of a round, and the lines that the gateway logged. */
export interface RoundEvidence { recordings: Evidence[], log: readonly string[] }

/** Plays recordings at once through one gateway in a process of its own. @param databaseUrl of PostgreSQL, empty; undefined: the embedded one */
export async function playRound (scope: Scope, script: RoundScript, databaseUrl?: string): Promise<RoundEvidence> {
  const stage = await Stage.open(scope, script, databaseUrl)
  const recordings = script.recordings.map((each, index) => new JudgedRecording(each, index, stage))
  for (const recording of recordings) await recording.begin()
  const dying = stage.die()
  await Promise.all(recordings.map((recording) => recording.play()))
  await dying
  await stage.outside.cloud.settled()
  const told = await Promise.all(recordings.map((recording) => recording.told()))
  // Whatever it still has to tell or to put, it does before it ends
  const exitCode = await stage.end()
  return { recordings: await Promise.all(recordings.map((recording, index) => recording.evidence(told[index]!, exitCode))), log: stage.log }
}

/** One gateway and what is around it. */
export class Stage {
  readonly outside: Outside
  readonly tap: RtmpTap
  /** By their number; of all recordings. */
  readonly voices: (Voice & { recording: number })[] = []
  readonly absences: Absence[] = []
  /** How many attempts the receiver had seen when the gateway was killed; how many requests the bucket had taken, then and when a thread was ended. */
  readonly attemptsByKill: number[] = []
  readonly putsByDeath: number[] = []
  /** By room: the recordings of which the clouds ask. */
  readonly byRoom: Map<string, JudgedRecording>
  readonly log: string[] = []
  readonly #scope: Scope
  readonly #script: RoundScript
  readonly #env: Record<string, string>
  readonly #calling = new Set<Promise<unknown>>()
  #gateway: Promise<GatewayProcess>
  #key = ''

  private constructor (scope: Scope, script: RoundScript, parts: Pick<Stage, 'outside' | 'tap' | 'byRoom'> & { env: Record<string, string> }) {
    this.#scope = scope
    this.#script = script
    this.outside = parts.outside
    this.tap = parts.tap
    this.byRoom = parts.byRoom
    this.#env = parts.env
    this.#gateway = this.#spawn()
  }

  static async open (scope: Scope, script: RoundScript, databaseUrl: string | undefined): Promise<Stage> {
    const byRoom: Stage['byRoom'] = new Map()
    const outside = await startOutside(scope, {
      // Tried again sooner than by TRTC, so that little time is lost while the gateway is away
      relayTimings: { retryMs: 200 },
      callbackTimings: { retryMs: 500 },
      // A lost 102 is found out by what TRTC tells of its tasks
      quirks: { silentIdleEnd: false },
      audioDelayMs: ({ roomId }) => byRoom.get(String(roomId))?.script.audioDelayMs ?? 0,
      fate: (event) => byRoom.get(roomOf(event))?.fateOf(event) ?? 'once'
    }, { apps: script.recordings.length })
    const { tap, firstPort } = await RtmpTap.open(scope, threads)
    tap.isBarred = (hello) => [...byRoom.values()].some((recording) => recording.bars(hello))
    const dataDir = await temporaryFolder(scope)
    const env = {
      ...environment(outside, dataDir),
      RTMP_PUBLIC_HOST: tapHost,
      RTMP_PORT: String(firstPort),
      PORT: String(firstPort + threads), // the same after a restart, for events that are told again
      CAPTURE_WORKERS: String(threads),
      RELAY_MAX_IDLE_SECONDS: String(relayMaxIdleSeconds),
      RATE_LIMIT_WRITES_PER_MINUTE: '10000',
      RATE_LIMIT_READS_PER_MINUTE: '100000',
      ...databaseUrl !== undefined && { DATABASE_URL: databaseUrl, MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }
    }
    const stage = new Stage(scope, script, { outside, tap, byRoom, env })
    const { url, adminToken } = await stage.#gateway
    const { tenantId, key } = await provision(url, adminToken, outside)
    stage.#key = key
    for (let index = 1; index < script.recordings.length; index++) {
      await call(url, `/operator/tenants/${tenantId}/apps/${sdkAppId + index}`, { method: 'PUT', token: adminToken, body: appOf(outside) })
      outside.cloud.setCallbackUrl(sdkAppId + index, new URL('/trtc/events', url).href)
    }
    return stage
  }

  get lengthMs (): number { return this.#script.lengthMs }

  get spoolDir (): string { return join(this.#env.DATA_DIR!, 'spool') }

  /** The newest life of the gateway has begun after so many kills. */
  get killsMs (): number[] { return this.absences.filter(({ port }) => port === undefined).map(({ fromMs }) => fromMs) }

  /** Resolves when the gateway is there. */
  async there (): Promise<void> {
    await this.#gateway
  }

  /** Calls the API when the gateway is there; it is not killed meanwhile. */
  async call<Body> (path: string, options: { method?: 'GET' | 'POST', body?: object } = {}): Promise<Answer<Body>> {
    const { url } = await this.#gateway
    const calling = call<Body>(url, `/v1/recordings${path}`, { ...options, token: this.#key })
    this.#calling.add(calling)
    return calling.finally(() => this.#calling.delete(calling))
  }

  /** Has the gateway, its threads and the bucket fail as the script says, from now on. */
  async die (): Promise<void> {
    const { deaths, bucketAway } = this.#script
    const begunMs = performance.now()
    const until = (atMs: number): Promise<void> => sleep(Math.max(0, begunMs + atMs - performance.now()))
    const all = async (): Promise<void> => {
      for (const { atMs, of, awayMs, thread } of deaths) {
        await until(atMs)
        if (of === 'process') await this.#kill(awayMs)
        else await this.#endThread(thread)
      }
    }
    const bucketFails = async (): Promise<void> => {
      if (bucketAway === undefined) return
      await until(bucketAway.atMs)
      const takeBack = this.outside.cos.faults.add({ kind: bucketAway.kind, times: Infinity })
      await sleep(bucketAway.forMs)
      takeBack()
    }
    await Promise.all([all(), bucketFails()])
  }

  /** @returns the exit code */
  async end (): Promise<number | null> {
    const gateway = await this.#gateway
    const exitCode = await gateway.terminate()
    this.#note(gateway)
    return exitCode
  }

  /** Files that wait in the spool. */
  async spooled (): Promise<string[]> {
    return (await readdir(this.spoolDir, { recursive: true })).filter((path) => /\.(m4a|ndjson)$/.test(path))
  }

  async #spawn (): Promise<GatewayProcess> {
    return spawnGateway(this.#scope, this.#env, { steered: true })
  }

  async #kill (awayMs: number): Promise<void> {
    const gateway = await this.#gateway
    const { promise, resolve, reject } = Promise.withResolvers<GatewayProcess>()
    promise.catch(() => undefined) // whoever asks next hears of it
    this.#gateway = promise
    await Promise.allSettled(this.#calling)
    const absence: Absence = { fromMs: Date.now(), toMs: Infinity, port: undefined }
    this.absences.push(absence)
    await gateway.kill()
    this.attemptsByKill.push(this.outside.receiver.attempts().length)
    this.putsByDeath.push(this.outside.cos.log.length)
    this.#note(gateway)
    await sleep(awayMs)
    this.#spawn().then(resolve, reject)
    absence.toMs = (await promise).listeningMs
  }

  async #endThread (thread: number): Promise<void> {
    const gateway = await this.#gateway
    const port = Number(this.#env.RTMP_PORT) + thread
    const fromMs = Date.now()
    await gateway.endThread(port)
    this.absences.push({ fromMs, toMs: Date.now(), port })
    this.putsByDeath.push(this.outside.cos.log.length)
  }

  #note ({ log, errors }: GatewayProcess): void {
    this.log.push(...log, ...errors)
  }
}

function roomOf ({ EventInfo }: CallbackEvent): string {
  return String(EventInfo.RoomId)
}
