import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Span } from '../../../src/core/spans.ts'
import type { CallbackEvent } from '../../../src/sandbox/cloud/events.ts'
import type { Evidence } from './evidence.ts'
import { FaultCounts } from './faults.ts'
import type { Absence, Voice } from './frame-ledger.ts'
import { spawnGateway, type GatewayProcess } from '../gateway-process.ts'
import { JudgedRecording } from './judged-recording.ts'
import type { Incident, RoundScript } from './judged-script.ts'
import { RtmpTap, tapHost } from '../rtmp-tap.ts'
import type { Scope } from '../scope.ts'
import { openTcpGate, type TcpGate } from '../tcp-gate.ts'
import { appOf, call, environment, provision, sdkAppId, startOutside, temporaryFolder, type Answer, type Outside } from '../world.ts'

const threads = 2
/** How long TRTC keeps a relay whose anchor is gone: the least that it takes. */
const relayMaxIdleSeconds = 5
/** How long a gateway may fail calls after its database is back, and when it is called again then. */
const [noticesMs, againMs] = [10_000, 250]

/** The evidence of each recording of a round, what happened to them, and the lines that the gateway logged. */
export interface RoundEvidence { recordings: Evidence[], faults: FaultCounts, log: readonly string[] }

/** Plays recordings at once through one gateway in a process of its own. @param databaseUrl of PostgreSQL, empty; undefined: the embedded one */
export async function playRound (scope: Scope, script: RoundScript, databaseUrl?: string): Promise<RoundEvidence> {
  const stage = await Stage.open(scope, script, databaseUrl)
  const recordings = script.recordings.map((each, index) => new JudgedRecording(each, index, stage))
  for (const recording of recordings) if (recording.script.beginsMs === 0) await recording.begin()
  const suffering = stage.suffer()
  await Promise.all(recordings.map((recording) => recording.play()))
  await suffering
  await stage.outside.cloud.settled()
  const told = await Promise.all(recordings.map((recording) => recording.told()))
  // Whatever it still has to tell or to put, it does before it ends
  const exitCode = await stage.end()
  const evidence = await Promise.all(recordings.map((recording, index) => recording.evidence(told[index]!, exitCode)))
  return { recordings: evidence, faults: stage.faults, log: stage.log }
}

interface Parts extends Pick<Stage, 'outside' | 'tap' | 'byRoom'> {
  /** Before PostgreSQL. */
  databaseGate: TcpGate | undefined
  env: Record<string, string>
}

/** One gateway and what is around it. */
export class Stage {
  readonly outside: Outside
  readonly tap: RtmpTap
  /** By their number; of all recordings. */
  readonly voices: (Voice & { recording: number })[] = []
  readonly absences: Absence[] = []
  /** When nobody reached the database. */
  readonly outages: Span[] = []
  readonly faults = new FaultCounts()
  /** How many attempts the receiver had seen when the gateway was killed; how many requests the bucket had taken, then and when a thread was ended. */
  readonly attemptsByKill: number[] = []
  readonly putsByDeath: number[] = []
  /** By room: the recordings of which the clouds ask. */
  readonly byRoom: Map<string, JudgedRecording>
  readonly log: string[] = []
  readonly #scope: Scope
  readonly #script: RoundScript
  readonly #env: Record<string, string>
  readonly #databaseGate: TcpGate | undefined
  /** How much later than it is the gateway takes the time to be. */
  #clockOffsetMs = 0
  readonly #calling = new Set<Promise<unknown>>()
  #gateway: Promise<GatewayProcess>
  #key = ''

  private constructor (scope: Scope, script: RoundScript, parts: Parts) {
    this.#scope = scope
    this.#script = script
    this.outside = parts.outside
    this.tap = parts.tap
    this.byRoom = parts.byRoom
    this.#env = parts.env
    this.#databaseGate = parts.databaseGate
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
    const database = databaseUrl === undefined ? undefined : await gatedDatabase(scope, databaseUrl)
    const env = {
      ...environment(outside, dataDir),
      RTMP_PUBLIC_HOST: tapHost,
      RTMP_PORT: String(firstPort),
      PORT: String(firstPort + threads), // the same after a restart, for events that are told again
      CAPTURE_WORKERS: String(threads),
      RELAY_MAX_IDLE_SECONDS: String(relayMaxIdleSeconds),
      RATE_LIMIT_WRITES_PER_MINUTE: '10000',
      RATE_LIMIT_READS_PER_MINUTE: '100000',
      ...database !== undefined && { DATABASE_URL: database.url, MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }
    }
    const stage = new Stage(scope, script, { outside, tap, byRoom, databaseGate: database?.gate, env })
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

  get clockOffsetMs (): number { return this.#clockOffsetMs }

  get spoolDir (): string { return join(this.#env.DATA_DIR!, 'spool') }

  /** Resolves when the gateway is there, and its database. */
  async there (): Promise<void> {
    await this.#gateway
  }

  /** Calls the API when the gateway is there: nothing happens to it meanwhile. Of a database that was away it may not know at once that it is back. */
  async call<Body> (path: string, options: { method?: 'GET' | 'POST', body?: object } = {}): Promise<Answer<Body>> {
    for (;;) {
      const { url } = await this.#gateway
      const calling = call<Body>(url, `/v1/recordings${path}`, { ...options, token: this.#key })
      this.#calling.add(calling)
      const answer = await calling.finally(() => this.#calling.delete(calling))
      const mayNotKnow = this.outages.some(({ endMs }) => Date.now() - endMs < noticesMs)
      if (answer.status < 500 || !mayNotKnow) return answer
      await sleep(againMs)
    }
  }

  /** Has everything happen that the script says, from now on. */
  async suffer (): Promise<void> {
    const { incidents, bucketAway } = this.#script
    const begunMs = performance.now()
    const until = (atMs: number): Promise<void> => sleep(Math.max(0, begunMs + atMs - performance.now()))
    const all = async (): Promise<void> => {
      for (const incident of incidents) {
        await until(incident.atMs)
        await this.#have(incident)
      }
    }
    const bucketFails = async (): Promise<void> => {
      if (bucketAway === undefined) return
      await until(bucketAway.atMs)
      const takeBack = this.outside.cos.faults.add({ kind: bucketAway.kind, times: Infinity, onHit: () => { this.faults.add('bucket away') } })
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
    return spawnGateway(this.#scope, this.#env, { steered: true, clockOffsetMs: this.#clockOffsetMs })
  }

  async #have (incident: Incident): Promise<void> {
    switch (incident.what) {
      case 'kill': await this.#alone((gateway) => this.#kill(gateway, incident.awayMs)); break
      case 'thread': await this.#endThread(incident.thread); break
      case 'clock': await this.#alone((gateway) => this.#setClock(gateway, incident.offsetMs)); break
      case 'database': if (this.#databaseGate !== undefined) await this.#alone((gateway) => this.#cutOff(gateway, this.#databaseGate!, incident)); break
      default: incident satisfies never
    }
  }

  /** Has something happen to the gateway while nobody calls it. @param incident gives the gateway that is there after it */
  async #alone (incident: (gateway: GatewayProcess) => Promise<GatewayProcess>): Promise<void> {
    const gateway = await this.#gateway
    const { promise, resolve, reject } = Promise.withResolvers<GatewayProcess>()
    promise.catch(() => undefined) // whoever asks next hears of it
    this.#gateway = promise
    await Promise.allSettled(this.#calling)
    incident(gateway).then(resolve, reject)
    await promise
  }

  async #kill (gateway: GatewayProcess, awayMs: number): Promise<GatewayProcess> {
    const absence: Absence = { fromMs: Date.now(), toMs: Infinity, port: undefined }
    this.absences.push(absence)
    this.faults.add('process killed')
    await gateway.kill()
    this.attemptsByKill.push(this.outside.receiver.attempts().length)
    this.putsByDeath.push(this.outside.cos.log.length)
    this.#note(gateway)
    await sleep(awayMs)
    const next = await this.#spawn()
    absence.toMs = next.listeningMs
    return next
  }

  async #setClock (gateway: GatewayProcess, offsetMs: number): Promise<GatewayProcess> {
    this.#clockOffsetMs = offsetMs
    this.faults.add('clock set')
    await gateway.moveClock(offsetMs)
    return gateway
  }

  async #cutOff (gateway: GatewayProcess, gate: TcpGate, { how, awayMs }: Incident & { what: 'database' }): Promise<GatewayProcess> {
    const outage = { startMs: Date.now(), endMs: Infinity }
    this.outages.push(outage)
    this.faults.add('database away')
    gate.shut(how)
    await sleep(awayMs)
    gate.open()
    outage.endMs = Date.now()
    return gateway
  }

  async #endThread (thread: number): Promise<void> {
    const gateway = await this.#gateway
    const port = Number(this.#env.RTMP_PORT) + thread
    const fromMs = Date.now()
    this.faults.add('thread ended')
    await gateway.endThread(port)
    this.absences.push({ fromMs, toMs: Date.now(), port })
    this.putsByDeath.push(this.outside.cos.log.length)
  }

  #note ({ log, errors }: GatewayProcess): void {
    this.log.push(...log, ...errors)
  }
}

/** The same database by way of a gate that can be shut. */
async function gatedDatabase (scope: Scope, databaseUrl: string): Promise<{ gate: TcpGate, url: string }> {
  const url = new URL(databaseUrl)
  const gate = await openTcpGate(scope, Number(url.port))
  url.port = String(gate.port)
  return { gate, url: url.href }
}

function roomOf ({ EventInfo }: CallbackEvent): string {
  return String(EventInfo.RoomId)
}
