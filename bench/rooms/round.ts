import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { Child } from '../capture/child.ts'
import { begin } from './begin.ts'
import type { TenantCalls, TrtcCalls } from './calls.ts'
import { evaluate, type RoomsFigures } from './evaluate.ts'
import { bucket, makeApps, makeKeys, startBenchGateway } from './gateway.ts'
import { Meter, type Phase } from './meter.ts'
import type { DatabaseName } from './options.ts'
import type { CountedPostgres, StatementCount } from './statements.ts'

/** What was measured of the whole gateway while a number of rooms began, talked and ended once. */
export interface RoomsRound extends RoomsFigures {
  database: DatabaseName
  rooms: number
  anchors: number
  begin: Phase
  talk: Phase
  end: Phase
  /** What PostgreSQL was asked most often in all of the round. */
  statements: StatementCount[]
}

export interface RoundOptions {
  rooms: number
  anchors: number
  seconds: number
  beginsPerSecond: number
  lateMs: number
  segmentSeconds: number
  store: 'cos' | 'folder'
  directory: string
  database: { name: 'embedded' } | { name: 'postgres', server: CountedPostgres, databaseName: string }
}

/** How long the ends of all rooms are waited for. */
export const endMsLimit = 180_000
/** How long an answer of anything else is waited for. */
const answerMsLimit = 120_000
/** Time for a second callback of a room, which must not come. */
const lingerMs = 2_000

export async function runRound (options: RoundOptions, { signal }: { signal: AbortSignal }): Promise<RoomsRound> {
  const { database, anchors, seconds, directory, lateMs, segmentSeconds } = options
  const within = (limitMs: number) => ({ signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]) })
  await using stack = new AsyncDisposableStack()
  const trtc = stack.use(new Child<TrtcCalls>(new URL('./trtc.ts', import.meta.url)))
  const tenant = stack.use(new Child<TenantCalls>(new URL('./tenant.ts', import.meta.url)))
  const apps = makeApps()
  const cosKeys = makeKeys()
  const cloudUrl = await trtc.call('start', { apps, lateMs }, { signal })
  const { cosUrl, callbackUrl } = await tenant.call('start', { bucket, ...cosKeys }, { signal })
  const databaseUrl = database.name === 'postgres' ? await database.server.create(database.databaseName) : undefined
  const folder = options.store === 'folder' ? join(directory, 'stored') : undefined
  const gateway = await startBenchGateway(stack, { dataDir: join(directory, 'data'), databaseUrl, outside: { cloudUrl, cosUrl, cosKeys, folder }, apps })
  await trtc.call('tell', { url: new URL('/trtc/events', gateway.url).href }, { signal })
  await tenant.call('trust', { secret: gateway.callbackSecret }, { signal })

  const userIds = Array.from({ length: anchors }, (_, index) => `anchor-${index + 1}`)
  const names = Array.from({ length: options.rooms }, (_, index) => ({ sdkAppId: apps[index % apps.length]?.sdkAppId ?? 0, roomId: `room-${index + 1}` }))
  const meter = new Meter({ gatewayPid: gateway.pid, otherPids: [trtc.pid, tenant.pid], ...database.name === 'postgres' && { database } })
  await meter.start()
  const rooms = await begin({
    rooms: names,
    perSecond: options.beginsPerSecond,
    url: gateway.url,
    token: gateway.token,
    callbackUrl,
    segmentSeconds,
    onBegun: (room) => trtc.call('enter', { ...room, userIds }, { signal })
  }, within(options.rooms / options.beginsPerSecond * 1000 + answerMsLimit))
  await trtc.call('talking', { relays: rooms.length * anchors }, within(answerMsLimit))
  const beginPhase = await meter.lap()
  await delay(seconds * 1000, undefined, { signal })
  const talkPhase = await meter.lap()
  await trtc.call('dismiss', null, { signal })
  await tenant.call('ended', { recordings: rooms.length, limitMs: endMsLimit }, { signal })
  const endPhase = await meter.lap()
  await delay(lingerMs, undefined, { signal })
  const result = await evaluate({ rooms, userIds, trtc, tenant, gateway, folder }, within(answerMsLimit))
  const statements = database.name === 'postgres' ? await database.server.most(database.databaseName) : []
  await gateway.end()
  return { database: database.name, rooms: options.rooms, anchors, ...result, begin: beginPhase, talk: talkPhase, end: endPhase, statements }
}
