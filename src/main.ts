import { EventEmitter, once } from 'node:events'
import { resolve } from 'node:path'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Settings } from '../config/schema.ts'
import { buildApp } from './app.ts'
import { callbackPolicy, guardedDispatcher } from './callback/address-guard.ts'
import { adoptDeliveries } from './callback/adopt-deliveries.ts'
import type { CallbackMeasures } from './callback/measures.ts'
import { Outbox } from './callback/outbox.ts'
import { workReplays } from './callback/replay-work.ts'
import { Sender } from './callback/sender.ts'
import { RelayStops } from './engines/relay/main/relay-stops.ts'
import { RelayTasks } from './engines/relay/main/relay-tasks.ts'
import { CapturePool } from './tracks/pool.ts'
import { GatewayClock, systemClock } from './core/clock.ts'
import { Closing, type ClosingStep } from './core/closing.ts'
import { RoomtapeError } from './core/errors.ts'
import { createSeal } from './core/seal.ts'
import { SpanLog } from './core/span-log.ts'
import { version } from './core/version.ts'
import { within } from './core/within.ts'
import { EventClock } from './rooms/event-clock.ts'
import { ClockWatch } from './session/clock-watch.ts'
import { EventIntake } from './session/event-intake.ts'
import { GatewayLease } from './session/gateway-lease.ts'
import { PortPushes } from './session/port-pushes.ts'
import { Sessions } from './session/sessions.ts'
import { Spools } from './session/spools.ts'
import { StateReader } from './session/state-reader.ts'
import { EventJournal } from './spool/event-journal.ts'
import { takeSpool } from './spool/lock.ts'
import { findApp, type App } from './state/apps.ts'
import { callbackFigures } from './state/callback-figures.ts'
import { CallbackKeys } from './state/callback-keys.ts'
import { keptSecret, openDataDir } from './state/data-dir.ts'
import { openDatabase } from './state/database.ts'
import { DatabaseWatch } from './state/database-watch.ts'
import { checkMasterKey } from './state/master-key.ts'
import { startQueues } from './state/queues.ts'
import { relayFigures } from './state/relay-figures.ts'
import { keepRetention } from './state/retention.ts'
import { findApiKey } from './state/tenants.ts'
import { gatewayIdentity, workingRow, workLapsesMs } from './state/working-gateway.ts'

export interface Gateway {
  /** Where HTTP listens, e.g. `http://127.0.0.1:8080`. */
  url: string
  adminToken: string
  /** Resolves when another process works on the database: this one has let go of everything, and closes. */
  lost: Promise<RoomtapeError>
  /** What `close` will do, in its order. */
  closingSteps: readonly Pick<ClosingStep, 'name' | 'limitMs'>[]
  /** Lets go of everything within `SHUTDOWN_SECONDS`; what was heard is in the spool. @returns the steps that did not end in their time */
  close (): Promise<readonly string[]>
}

/**
 * The steps of closing in their order, each with the part of `SHUTDOWN_SECONDS` that it has at least; what the ones before it left it may have
 * as well. Those without a part do not wait for anything.
 */
const closingParts = {
  http: 0.1,
  /** Notes what came of attempts, and lets the next process send the rest. */
  callbacks: 0.02,
  'clock watch': 0,
  recordings: 0,
  /** Finishes every track in the spool. */
  'capture threads': 0.5,
  sessions: 0.08,
  'relay stops': 0.02,
  /** Notes which tracks have audio on the disk. */
  'first audio': 0.02,
  /** Applies what the database could not have before, if it can now. */
  'event journal': 0.02,
  'spool folder': 0,
  'callback connections': 0.02,
  queues: 0.08,
  lease: 0.04,
  database: 0.08,
  'data folder': 0
} as const

/** Builds every part from the settings and starts it. Whatever had started is closed again when something cannot. */
export async function startGateway (settings: Settings, log: Logger): Promise<Gateway> {
  await using parts = new Closing(log)
  const shutdownMs = settings.SHUTDOWN_SECONDS * 1_000
  const onClose = (name: keyof typeof closingParts, close: () => unknown): void => {
    parts.add({ name, limitMs: shutdownMs * closingParts[name], close })
  }
  const clock = systemClock
  const draining = new AbortController()

  const dataDir = openDataDir(settings.DATA_DIR)
  onClose('data folder', () => { dataDir.lock.release() })
  const seal = createSeal(settings.MASTER_KEY ?? Buffer.from(secret('MASTER_KEY', 'master-key'), 'base64'))
  const adminToken = settings.ADMIN_TOKEN ?? secret('ADMIN_TOKEN', 'admin-token')

  const database = await openDatabase({ dataDir: dataDir.path, url: settings.DATABASE_URL, onError: (err) => { log.warn({ err }, 'database connection failed') } })
  const { kysely } = database
  const watch = new DatabaseWatch({ ping: () => sql`select 1`.execute(kysely), log })
  onClose('database', async () => {
    watch.close()
    await database.close()
  })
  await checkMasterKey(kysely, seal)
  if (database.kind === 'embedded') log.warn('the embedded database is for one small node and may lose the last moments of a power cut; DATABASE_URL names a PostgreSQL to grow on')

  const identity = gatewayIdentity(dataDir)
  const { processId, nodeId } = identity
  const row = workingRow(kysely, identity, { alone: database.kind === 'embedded' })
  // A sign of life that hangs is one that was not given.
  const lease = new GatewayLease({ row: { ...row, keep: () => within(workLapsesMs / 2, row.keep()) }, log })
  onClose('lease', () => lease.free())
  await lease.take()
  const { awayForMs, awaySinceMs: lastWorkedMs, clockOffsetMs } = await row.times()
  const gatewayClock = new GatewayClock(clockOffsetMs, identity.bootId || processId)
  const awaySinceMs = awayForMs === undefined ? undefined : gatewayClock.now() - awayForMs
  const eventClock = await EventClock.load(kysely, gatewayClock)
  watch.onHere(() => { void lease.beat() })
  const callbackKeys = new CallbackKeys({ kysely, seal, database: watch, log })
  await callbackKeys.load()

  const boss = database.createBoss()
  onClose('queues', () => boss.stop({ graceful: true, timeout: shutdownMs * closingParts.queues / 2 }))
  await startQueues(boss)
  await keepRetention({ boss, kysely, clock, gatewayClock, retentionDays: settings.RETENTION_DAYS })

  const policy = callbackPolicy(settings.CALLBACK_ALLOW_NETWORKS)
  if (settings.CALLBACK_ALLOW_NETWORKS.length > 0) log.info({ networks: settings.CALLBACK_ALLOW_NETWORKS }, 'callbacks may go to these private networks and hosts')
  const dispatcher = guardedDispatcher(policy)
  onClose('callback connections', () => dispatcher.destroy())

  if (settings.RTMP_PUBLIC_HOST === '127.0.0.1') log.warn('RTMP_PUBLIC_HOST is this machine alone: only a sandbox here can push audio')
  const spool = takeSpool(settings.CFS_PATH, { isLocked: resolve(settings.CFS_PATH) === resolve(settings.DATA_DIR) })
  onClose('spool folder', () => { spool[Symbol.dispose]() })
  const deafness = new SpanLog()
  const intake = new EventIntake({
    kysely,
    database: watch,
    journal: await EventJournal.open(settings.CFS_PATH, { log }),
    deafness,
    onTaken: (taken) => { sessions.eventTaken(taken) },
    eventClock,
    clock: gatewayClock,
    log
  })
  let isLost = false
  // What this gateway has answered is to be in the tables before it ends, when another one works on them.
  onClose('event journal', () => intake.close({ forMs: isLost ? shutdownMs : shutdownMs * closingParts['event journal'] / 2, insists: isLost }))
  const pool = new CapturePool({
    threads: settings.CAPTURE_WORKERS,
    spoolDir: settings.CFS_PATH,
    rtmpHost: settings.RTMP_HOST,
    rtmpFirstPort: settings.RTMP_PORT,
    rtmpPublicHost: settings.RTMP_PUBLIC_HOST,
    metadataUrl: settings.METADATA_URL,
    onCrash: (err) => { log.error({ err }, 'capture thread is gone, another takes its place') },
    onRecovered: (thread) => {
      log.info({ thread }, 'capture thread runs again')
      sessions.wakeAll()
    },
    onDisk: ({ state, ...counts }) => { log[state === 'keeping up' ? 'info' : 'warn'](counts, `the disk is ${state}`) },
    onRefused: (counts) => { log.warn({ counts }, 'rtmp connections refused') }
  })

  const maxIdleSeconds = settings.RELAY_MAX_IDLE_SECONDS
  const resumeHoldMs = settings.RESUME_HOLD_SECONDS * 1_000
  const relay = new RelayTasks({ endpoint: settings.TRTC_CLOUD_ENDPOINT, maxIdleSeconds, clock })
  const outbox = new Outbox({ kysely, seal, onCommitted: (endpoints) => { sender.wake(endpoints) } })
  const appOf = async (sdkAppId: number): Promise<App> => {
    const app = await findApp(kysely, seal, sdkAppId)
    if (app === undefined) throw new RoomtapeError('APP_UNKNOWN', `there is no app ${sdkAppId}`)
    return app
  }
  const lostAfterMs = settings.SPOOL_LOST_HOURS * 3_600_000
  const spools = new Spools({ id: spool.id, path: settings.CFS_PATH, nodeId, lostAfterMs }, { kysely, outbox, clock: gatewayClock, wall: clock, log })
  onClose('first audio', () => spools.close())
  const hearing: { sinceMs?: number } = {}
  const stops = new RelayStops({ kysely, relay, clock: gatewayClock, log, appOf })
  onClose('relay stops', () => stops.close())
  const misdated = new SpanLog()
  const sessions = new Sessions({
    spools,
    kysely,
    boss,
    outbox,
    states: new StateReader(kysely),
    pool,
    relay,
    stops,
    seal,
    wall: clock,
    gatewayClock,
    eventClock,
    log,
    appOf,
    nodeId,
    processId,
    lease,
    lastWorkedMs,
    deafness,
    misdated,
    outages: watch.absences,
    pushes: new PortPushes(),
    awaySinceMs,
    listeningSinceMs: gatewayClock.now(),
    hearsSinceMs: () => hearing.sinceMs,
    maxIdleMs: maxIdleSeconds * 1_000,
    resumeHoldMs
  })
  // Sessions give up, threads put what they have into the spool, then the sessions are over.
  onClose('sessions', () => sessions.close())
  onClose('capture threads', () => pool.close())
  onClose('recordings', () => { sessions.giveUp() })
  const clockWatch = new ClockWatch({
    wall: clock,
    gatewayClock,
    eventClock,
    maxAgeMs: settings.TRTC_EVENT_MAX_AGE_SECONDS * 1_000,
    spans: misdated,
    onSet: () => { sessions.wakeAll() },
    log
  })
  onClose('clock watch', () => { clockWatch.close() })
  clockWatch.start()
  await pool.start()
  await intake.begin()
  stops.start()
  await sessions.start()

  const userAgent = `Roomtape/${version}`
  const measures: CallbackMeasures = new EventEmitter()
  const sender = new Sender({ kysely, seal, dispatcher, outbox, clock, log, processId, userAgent, measures, mayWork: () => lease.confirmed })
  onClose('callbacks', () => sender.close())
  await adoptDeliveries({ kysely, seal, log })
  await sender.start()
  await workReplays({ boss, kysely, sender, log, signal: draining.signal })

  const app = buildApp({
    log,
    version,
    adminToken,
    metricsToken: settings.METRICS_TOKEN,
    captureFigures: () => pool.figures(),
    relayFigures: () => relayFigures(kysely),
    callFigures: () => relay.figures(),
    eventFigures: () => intake.figures(),
    callbackMeasures: measures,
    callbackFigures: () => callbackFigures(kysely),
    kysely,
    clock,
    gatewayClock,
    seal,
    sessions,
    intake,
    database: watch,
    callbackKeys,
    lease,
    clockWatch,
    resumeHoldMs,
    cosEndpoint: settings.COS_ENDPOINT,
    trustedProxies: settings.TRUSTED_PROXIES,
    pool,
    spools,
    spoolDir: settings.CFS_PATH,
    isDraining: () => draining.signal.aborted,
    start: {
      kysely, boss, seal, clock, gatewayClock, checkStore: (target) => pool.check(target), roomRecordingsMax: settings.ROOM_RECORDINGS_MAX
    },
    order: { callbackPolicy: policy, cosEndpoint: settings.COS_ENDPOINT },
    callbackPolicy: policy,
    sender,
    boss,
    endpointTest: { seal, dispatcher, clock, userAgent },
    callbackKey: (sdkAppId) => callbackKeys.find(sdkAppId),
    maxAgeMs: settings.TRTC_EVENT_MAX_AGE_SECONDS * 1_000,
    lookup: async (keyId) => {
      const row = await findApiKey(kysely, keyId)
      return row && { ...row, expiresAtMs: row.expiresMs ?? undefined, revokedAtMs: row.revokedMs ?? undefined }
    },
    limits: {
      readsPerMinute: settings.RATE_LIMIT_READS_PER_MINUTE,
      writesPerMinute: settings.RATE_LIMIT_WRITES_PER_MINUTE,
      failedLoginsPerMinute: settings.RATE_LIMIT_FAILED_LOGINS_PER_MINUTE
    }
  })
  onClose('http', async () => {
    // A start may wait for a bucket. What it waits for ends with the threads.
    const cutting = setTimeout(() => { app.server.closeAllConnections() }, shutdownMs * closingParts.http / 2)
    await app.close()
    clearTimeout(cutting)
  })
  const url = await app.listen({ host: settings.HOST, port: settings.PORT })
  hearing.sinceMs = gatewayClock.now()
  sessions.wakeAll()

  const running = parts.move()
  const closingSteps = running.steps
  let closing: Promise<readonly string[]> | undefined
  const close = (): Promise<readonly string[]> => {
    draining.abort()
    closing ??= running.run()
    return closing
  }
  void lease.lost.then(() => {
    isLost = true
    // Before HTTP is closed: none of it is ours any more.
    sender.giveUp()
    sessions.giveUp()
    return close()
  }).catch((err: unknown) => { log.error({ err }, 'not closed in good order') })
  return { url, adminToken, lost: lease.lost, closingSteps, close }

  function secret (setting: string, name: string): string {
    const { value, file, made } = keptSecret(dataDir.path, name)
    if (made) log.info({ file }, `${setting} was not set: made and kept for this node`)
    return value
  }
}

/** Runs until SIGINT, SIGTERM or another gateway takes over; a second signal, or `SHUTDOWN_SECONDS`, ends it at once. */
export async function serve (settings: Settings, log: Logger): Promise<void> {
  const gateway = await startGateway(settings, log)
  const reason = await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), gateway.lost]) as [string] | RoomtapeError
  const isLost = reason instanceof RoomtapeError
  log.info(isLost ? {} : { signal: reason[0] }, 'closing')
  const giveUp = (): void => {
    log.error('closing took too long; the spool keeps what was not finished')
    process.exit(1)
  }
  const timer = setTimeout(giveUp, settings.SHUTDOWN_SECONDS * 1_000)
  process.once('SIGINT', giveUp).once('SIGTERM', giveUp)
  if ((await gateway.close()).length > 0) giveUp()
  timer.unref() // for what keeps the process alive although everything is closed
  log.info('closed')
  if (isLost) throw reason
}
