// Makes a folder of test/corpus/upgrade, what a killed gateway of this version leaves: DATABASE_URL=postgres://… node test/corpus/record-upgrade.ts <folder>
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { version } from '../../src/core/version.ts'
import type { ToneClip } from '../../src/sandbox/audio/clips.ts'
import type { ReceivedAttempt } from '../../src/sandbox/receiver.ts'
import type { Speaker } from '../../src/sandbox/speaker.ts'
import type { RoomId } from '../../src/trtc/room-id.ts'
import { spawnGateway, type GatewayProcess } from '../helpers/gateway-process.ts'
import type { KilledGateway, SaidSpan, SeenRecording } from '../helpers/killed-gateway.ts'
import { frameMsOf, numberedClip } from '../helpers/numbered-talk.ts'
import type { Scope } from '../helpers/scope.ts'
import { dump, sealedTexts } from './dump.ts'
import { asTenant, bucket, call, environment, eventually, provision, sdkAppId, startOutside, talked, temporaryFolder, type Callback } from '../helpers/world.ts'

const [name] = process.argv.slice(2)
const { DATABASE_URL } = process.env
if (name === undefined || DATABASE_URL === undefined) throw new Error('usage: DATABASE_URL=postgres://… node test/corpus/record-upgrade.ts <folder>')

await using stack = new AsyncDisposableStack()
const scope: Scope = { after: (release) => { stack.defer(release) } }

let isRefusing = false
const outside = await startOutside(scope, {}, { respond: () => ({ status: isRefusing ? 503 : 200 }) })
const dataDir = await temporaryFolder(scope)
const masterKey = randomBytes(32).toString('base64')
const env = { ...environment(outside, dataDir), DATABASE_URL, MASTER_KEY: masterKey }
const said: KilledGateway['said'] = {}
const speaking = new Map<Speaker, SaidSpan>()

/** A recording for each state, called after it, and its room. */
const rooms = {
  finished: 'finished',
  broken: 'broken',
  class: 4711,
  pair: 'pair.1',
  refused: 'refused',
  waiting: '等待'
} as const satisfies Record<string, RoomId>
type RoomName = keyof typeof rooms
const ids: Partial<Record<RoomName, string>> = {}

// Sleeps are how long somebody goes on talking, or how long the files grow: the recording's content, not a wait for an event.

// The first life: one recording ends well, and one is torn off.
const first = await spawnGateway(scope, env)
const tenant = await provision(first.url, first.adminToken, outside)
await start(first, 'finished', { Output: { SegmentSeconds: 2 }, Metadata: { Lesson: 7 } })
await start(first, 'broken', { Output: { SegmentSeconds: 2 } })
const guest = enter('finished', 'guest', 'silence')
const changing = enter('broken', 'changing', 'silence')
enter('broken', 'steady', 'silence')
const former = await Promise.all([pushed('broken', 'changing'), pushed('broken', 'steady'), pushed('finished', 'guest')])
await sleep(1_500)
talk('broken', changing, 'silence', 44_100)
await sleep(1_500)
hush(guest)
outside.cloud.room(sdkAppId, rooms.finished).dismiss()
await asTenant(first.url, outside, tenant).ended(idOf('finished'))
await eventually(async () => {
  const { Deliveries } = await asTenant(first.url, outside, tenant).detail(idOf('finished'))
  return (Deliveries.length > 0 && Deliveries.every(({ State }) => State === 'delivered')) || undefined
})
await first.kill()

// The second life: that one goes on, and all others begin.
const second = await spawnGateway(scope, env)
outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', second.url).href)
await Promise.all(['changing', 'steady'].map((userId) => pushed('broken', userId, former)))
await eventually(async () => {
  const { Files } = await asTenant(second.url, outside, tenant).detail(idOf('broken'))
  return Files.length === 3 || undefined
})
await start(second, 'class', { Output: { SegmentSeconds: 2 }, Policies: [{ UserIds: ['returning'], Label: 'strict' }] })
await start(second, 'pair')
await start(second, 'refused', { Output: { Format: 'aac', SegmentSeconds: 2 } })
await start(second, 'waiting')
outside.cos.faults.add({ kind: 'slow-down', key: new RegExp(idOf('refused')), times: Infinity }) // its files stay in the spool
enter('class', 'steady', 'low')
const returning = enter('class', 'returning', 'middle')
enter('class', 'quiet', 'high')
enter('pair', 'a.b', 'silence')
enter('pair', 'YS5i', 'silence')
const switching = enter('pair', 'switching', 'middle')
const refused = enter('refused', 'agent', 'low')
const returned = await pushed('class', 'returning')
await Promise.all([
  pushed('class', 'steady'), pushed('class', 'quiet'), pushed('pair', 'a.b'), pushed('pair', 'YS5i'), pushed('pair', 'switching'), pushed('refused', 'agent')
])
await sleep(1_800)
await post(`/v1/recordings/${idOf('class')}/pause`, { UserIds: ['quiet'] })
talk('pair', switching, 'middle', 44_100)
leave(returning)
hush(refused)
await asTenant(second.url, outside, tenant).stop(idOf('refused'))
await sleep(1_500)
leave(switching)
enter('class', 'returning', 'middle')
await pushed('class', 'returning', [returned])
await sleep(1_000)
isRefusing = true // from here on no callback is taken, and then no segment
await eventually(async () => outside.receiver.attempts().some(({ reply }) => !isAccepted({ reply })) || undefined)
outside.cos.faults.add({ kind: 'slow-down', action: 'put', key: /segments/, times: Infinity })
await sleep(2_500)
const seen = Object.fromEntries(await Promise.all((Object.keys(rooms) as RoomName[]).map(async (room) => [room, await seenOf(room)] as const)))
await second.kill()
const killedMs = Date.now()
for (const speaker of speaking.keys()) hush(speaker)

const client = new pg.Client({ connectionString: DATABASE_URL })
await client.connect()
stack.defer(() => client.end())
const { rows: [counted] } = await client.query<{ active: number, waiting: number, uploading: number }>(`select
  (select count(*)::int from pgboss.job where name = 'callback' and state = 'active') as active,
  (select count(*)::int from deliveries where state = 'waiting') as waiting,
  (select count(*)::int from recordings where status = 'Finishing') as uploading`)
assert.deepEqual({ ...counted, waiting: counted!.waiting > 0 }, { active: 0, waiting: true, uploading: 1 }, 'killed at a bad moment: make it again')

const folder = join(import.meta.dirname, 'upgrade', name)
await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
await cp(dataDir, join(folder, 'data-dir'), { recursive: true })
await writeFile(join(folder, 'data-dir/lock'), '4711 00000000-0000-4000-8000-000000000000') // of a machine that is gone
await writeFile(join(folder, 'dump.sql'), dump(DATABASE_URL))
for (const { key } of outside.cos.list(bucket)) {
  const file = join(folder, 'objects', key)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, (await outside.cos.get(bucket, key))!.content)
}
const gateway: KilledGateway = {
  version,
  killedMs,
  masterKey,
  adminToken: second.adminToken,
  tenant,
  keys: { sdkSecretKey: outside.sdkSecretKey, callbackKey: outside.callbackKey, cloudKeys: outside.cloudKeys, cosKeys: outside.cosKeys },
  origins: { cos: outside.cos.url, receiver: new URL(outside.receiver.url).origin },
  sealed: await sealedTexts(client),
  spool: await spoolTimes(join(dataDir, 'spool')),
  recordings: seen,
  said,
  told: outside.receiver.attempts().filter(isAccepted).map(({ body }) => body as Callback)
}
await writeFile(join(folder, 'gateway.json'), JSON.stringify(gateway, null, 2) + '\n')

async function start ({ url }: GatewayProcess, room: RoomName, body: object = {}): Promise<void> {
  ids[room] = await asTenant(url, outside, tenant).start(rooms[room], body)
}

function idOf (room: RoomName): string {
  const id = ids[room]
  assert.ok(id)
  return id
}

function enter (room: RoomName, userId: string, tone: ToneClip | 'silence'): Speaker {
  const speaker = outside.cloud.room(sdkAppId, rooms[room]).enter(userId)
  talk(room, speaker, tone)
  return speaker
}

function talk (room: RoomName, speaker: Speaker, tone: ToneClip | 'silence', sampleRate: 48_000 | 44_100 = 48_000): void {
  endSpan(speaker)
  speaker.talk(numberedClip(tone, sampleRate))
  const span = { sampleRate, roomMs: outside.cloud.room(sdkAppId, rooms[room]).startMs, from: 0, to: 0 }
  span.from = framesSince(span)
  speaking.set(speaker, span)
  said[room] ??= {}
  ;(said[room][speaker.userId] ??= []).push(span)
}

function leave (speaker: Speaker): void {
  speaker.leave()
  endSpan(speaker)
}

function hush (speaker: Speaker): void {
  speaker.mute()
  endSpan(speaker)
}

function endSpan (speaker: Speaker): void {
  const span = speaking.get(speaker)
  speaking.delete(speaker)
  if (span !== undefined) span.to = framesSince(span)
}

function framesSince ({ roomMs, sampleRate }: SaidSpan): number {
  return Math.floor((Date.now() - roomMs) / frameMsOf({ frameSamples: 1024, sampleRate }))
}

/** @param not URLs of former pushes. @returns the URL pushed to */
async function pushed (room: RoomName, userId: string, not: readonly string[] = []): Promise<string> {
  return talked(outside, rooms[room], userId, 0, not)
}

async function post (path: string, body: object): Promise<void> {
  const { status } = await call(second.url, path, { method: 'POST', token: tenant.key, body })
  assert.equal(status, 202)
}

async function seenOf (room: RoomName): Promise<SeenRecording> {
  const path = `/v1/recordings/${idOf(room)}`
  const detail = await call<SeenRecording['detail']>(second.url, path, { token: tenant.key })
  return { id: idOf(room), roomId: rooms[room], detail: detail.body }
}

function isAccepted ({ reply }: Pick<ReceivedAttempt, 'reply'>): boolean {
  return typeof reply === 'object' && reply.status === 200
}

async function spoolTimes (spool: string): Promise<KilledGateway['spool']> {
  const files = (await readdir(spool, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  return Promise.all(files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return { path: path.slice(spool.length + 1), modifiedMs: Math.round((await stat(path)).mtimeMs) }
  }))
}
