// Makes a folder of test/corpus/upgrade, of a gateway killed with callbacks waiting: DATABASE_URL=postgres://… node test/corpus/record-callbacks.ts <folder>
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { version } from '../../src/core/version.ts'
import type { Reply } from '../../src/sandbox/receiver.ts'
import { spawnGateway } from '../helpers/gateway-process.ts'
import type { KilledGateway, SeenRecording } from '../helpers/killed-gateway.ts'
import type { Scope } from '../helpers/scope.ts'
import { asTenant, bucket, environment, eventually, provision, startOutside, temporaryFolder, type Callback } from '../helpers/world.ts'
import { dump, sealedTexts } from './dump.ts'

const [name] = process.argv.slice(2)
const { DATABASE_URL } = process.env
if (name === undefined || DATABASE_URL === undefined) throw new Error('usage: DATABASE_URL=postgres://… node test/corpus/record-callbacks.ts <folder>')

await using stack = new AsyncDisposableStack()
const scope: Scope = { after: (release) => { stack.defer(release) } }

/** What the receiver says to the end of recordings in rooms that are called so; `unsent-` is what waits for its first attempt. */
const replies: Record<string, Reply> = { taken: { status: 200 }, refused: { status: 503 }, hanging: 'stall', unsent: { status: 200 } }
const outside = await startOutside(scope, {}, { respond: ({ body }) => replies[(body as { StrRoomId: string }).StrRoomId.split('-')[0]!]! })
const dataDir = await temporaryFolder(scope)
const masterKey = randomBytes(32).toString('base64')
const gateway = await spawnGateway(scope, { ...environment(outside, dataDir), DATABASE_URL, MASTER_KEY: masterKey })
const tenant = await provision(gateway.url, gateway.adminToken, outside)
const world = asTenant(gateway.url, outside, tenant)
const recordings: Record<string, SeenRecording> = {}

for (let i = 1; i <= 3; i++) await record(`taken-${i}`)
for (let i = 1; i <= 3; i++) await record(`refused-${i}`, 'path')
await eventually(async () => {
  const details = await Promise.all(Object.values(recordings).map(({ id }) => world.detail(id)))
  return details.every(({ Deliveries: [delivery] }) => delivery !== undefined && delivery.Attempts > 0) || undefined
})
for (let i = 1; i <= 8; i++) await record(`hanging-${i}`) // as many as are sent at once
await eventually(async () => outside.receiver.attempts().filter(({ reply }) => reply === 'stall').length === 8 || undefined)
for (let i = 1; i <= 5; i++) await record(`unsent-${i}`)
await eventually(async () => (await world.detail(recordings['unsent-5']!.id)).Deliveries.length > 0 || undefined)
for (const seen of Object.values(recordings)) seen.detail = await world.detail(seen.id) as SeenRecording['detail']
await gateway.kill()
const killedMs = Date.now()

const client = new pg.Client({ connectionString: DATABASE_URL })
await client.connect()
stack.defer(() => client.end())
const { rows } = await client.query<{ state: string, attempts: number, count: number }>('select state, attempts > 0 as attempted, count(*)::int from deliveries group by 1, 2 order by 1, 2')
assert.deepEqual(rows, [
  { state: 'delivered', attempted: true, count: 3 }, { state: 'waiting', attempted: false, count: 13 }, { state: 'waiting', attempted: true, count: 3 }
], 'killed at a bad moment: make it again')

const folder = join(import.meta.dirname, 'upgrade', name)
await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
// No audio was heard, and a spool knows the folder it was made in
await cp(dataDir, join(folder, 'data-dir'), { recursive: true, filter: (path) => !/spool$|\.sqlite$/.test(path) })
await writeFile(join(folder, 'data-dir/lock'), '4711 00000000-0000-4000-8000-000000000000') // of a machine that is gone
await writeFile(join(folder, 'dump.sql'), dump(DATABASE_URL))
for (const { key } of outside.cos.list(bucket)) {
  const file = join(folder, 'objects', key)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, (await outside.cos.get(bucket, key))!.content)
}
const killed: KilledGateway = {
  version,
  killedMs,
  masterKey,
  adminToken: gateway.adminToken,
  tenant,
  keys: { sdkSecretKey: outside.sdkSecretKey, callbackKey: outside.callbackKey, cloudKeys: outside.cloudKeys, cosKeys: outside.cosKeys },
  origins: { cos: outside.cos.url, receiver: new URL(outside.receiver.url).origin },
  sealed: await sealedTexts(client),
  spool: [],
  recordings,
  said: {},
  told: outside.receiver.attempts().filter(({ reply }) => typeof reply === 'object' && reply.status === 200).map(({ body }) => body as Callback)
}
await writeFile(join(folder, 'gateway.json'), JSON.stringify(killed, null, 2) + '\n')

/** Starts and stops a recording to which nobody comes. @param own whether its Callback has a path of its own, or the common one with a query of its own */
async function record (room: string, own: 'path' | 'query' = 'query'): Promise<void> {
  const Callback = own === 'path' ? `${outside.receiver.url}/${room}` : `${outside.receiver.url}?room=${room}`
  const id = await world.start(room, { UserId: `rec_${room}`, Callback })
  await world.stop(id)
  recordings[room] = { id, roomId: room, detail: await world.detail(id) as SeenRecording['detail'] }
}
