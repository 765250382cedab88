import { randomUUID } from 'node:crypto'
import { EventEmitter, on } from 'node:events'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { pino, type Logger } from 'pino'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { createSeal } from '../../src/core/seal.ts'
import { RelaySources, type RelaySourcesDeps, type SourceStart } from '../../src/engines/relay/main/relay-sources.ts'
import { RelayTasks } from '../../src/engines/relay/main/relay-tasks.ts'
import { startTrtcCloud, type TrtcCloud } from '../../src/sandbox/trtc-cloud.ts'
import { putApp, type App } from '../../src/state/apps.ts'
import type { Connection } from '../../src/state/database.ts'
import { insertRecording, type RecordingRow } from '../../src/state/recordings.ts'
import { insertTenant } from '../../src/state/tenants.ts'
import { closeAfter } from './scope.ts'
import { noClock } from './no-clock.ts'

export const relayAppId = 1_400_000_001
const credential = { secretId: 'AKIDSANDBOX', secretKey: 'sandbox-cloud-key' }
export const relaySeal = createSeal(Buffer.alloc(32, 7))

/** A log whose lines are waited for. */
export class WatchedLog {
  readonly lines: Array<Record<string, unknown>> = []
  readonly logger: Logger
  readonly #told = new EventEmitter()

  constructor () {
    this.logger = pino({ level: 'info' }, new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>)
        this.#told.emit('line')
        done()
      }
    }))
  }

  of (msg: string): Array<Record<string, unknown>> {
    return this.lines.filter((line) => line.msg === msg)
  }

  /** Resolves with the nth line of this message, counted from 1. */
  async nth (msg: string, n: number, { signal }: { signal: AbortSignal }): Promise<Record<string, unknown>> {
    const lines = on(this.#told, 'line', { signal })
    for (;;) {
      const line = this.of(msg)[n - 1]
      if (line !== undefined) return line
      await lines.next()
    }
  }
}

export interface RelayStage {
  cloud: TrtcCloud
  app: App
  relay: RelayTasks
  row: RecordingRow
  log: WatchedLog
  /** How often somebody was told that a Stop may be due. */
  wakes: () => number
  sources: (change?: Partial<RelaySourcesDeps>, signal?: AbortSignal) => RelaySources
}

/** A cloud, an app with keys for it, and a recording in a database. */
export async function setRelayStage (t: TestContext, kysely: Connection, { clock = systemClock }: { clock?: Clock } = {}): Promise<RelayStage> {
  const cloud = await startRelayCloud(t)
  const keys = { ...credential, region: 'ap-guangzhou', endpoint: cloud.endpoint }
  const app: App = { sdkAppId: relayAppId, tenantId: 'ten_1', engine: 'relay', callbackFormat: 'full', callbackKey: 'key', sdkSecretKey: 'sdk-secret', createdMs: 1, updatedMs: 1, cloud: keys }
  await insertTenant(kysely, { id: 'ten_1', name: 'school', sealedCallbackSecret: 'sealed', createdMs: 1 })
  await putApp(kysely, relaySeal, app)
  const { row } = await insertRecording(kysely, {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId: relayAppId,
    roomKey: 's:room',
    userId: 'recorder',
    jobId: randomUUID(),
    options: { strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 60, maxIdleSeconds: 60, metadata: {} },
    sealedSecrets: 'sealed',
    createdMs: 1,
    ...noClock
  })
  const relay = new RelayTasks({ clock: systemClock, maxIdleSeconds: 60 })
  const log = new WatchedLog()
  let wakes = 0
  const stops = { wake: () => { wakes++ } }
  const deps: RelaySourcesDeps = { kysely, relay, stops, seal: relaySeal, clock, gatewayClock: clock, log: log.logger, appOf: async () => app }
  return {
    cloud,
    app,
    relay,
    row,
    log,
    wakes: () => wakes,
    sources: (change = {}, signal = t.signal) => new RelaySources(row, { ...deps, ...change }, { signal })
  }
}

export async function startRelayCloud (t: TestContext): Promise<TrtcCloud> {
  const cloud = await startTrtcCloud({ apps: [{ sdkAppId: relayAppId, secretKey: 'sdk-secret', callbackKey: 'key' }], credentials: [credential] })
  closeAfter(t, () => cloud.close())
  return cloud
}

/** A start of a user's audio at a port where nobody listens. */
export function startOf (sourceId: string, change: Partial<SourceStart> = {}): SourceStart {
  return {
    sourceId,
    userId: 'anchor',
    expect: async (key) => ({ url: `rtmp://127.0.0.1:1/roomtape/${key}`, port: 1 }),
    rank: () => 'speaker',
    giveUp: new AbortController().signal,
    ...change
  }
}

/** The body of a callback 401. */
export function relayEvent ({ robotId, taskId, status, eventMs }: { robotId: string, taskId: string, status: number, eventMs: number }): object {
  return {
    EventGroupId: 4,
    EventType: 401,
    CallbackTs: eventMs,
    EventInfo: { RoomId: 'room', RoomType: 1, EventMsTs: eventMs, UserId: robotId, TaskId: taskId, Payload: { Url: 'rtmp://192.0.2.1/a/b', Status: status } }
  }
}
