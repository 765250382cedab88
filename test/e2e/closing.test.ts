import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawnGateway, type GatewayProcess } from '../helpers/gateway-process.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter, type Scope } from '../helpers/scope.ts'
import { spooled } from '../helpers/spooled.ts'
import {
  asTenant, call, enterTalking, environment, eventually, provision, sdkAppId, startOutside, startTestGateway, talked, temporaryFolder, type Outside
} from '../helpers/world.ts'

const shutdownSeconds = 8
const rooms = ['one', 'two', 'three']
const speakers = ['anna', 'ben', 'cleo']

/** A server of any kind that takes what it is sent, and is silent. @returns its port */
async function silentServer (scope: Scope): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).resume()
  }).listen(0, '127.0.0.1')
  closeAfter(scope, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A way to a server which can be cut, so that nothing comes through and no connection ends. */
async function cuttableWay (scope: Scope, port: number): Promise<{ port: number, cut: () => void }> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from)
      from.on('data', (bytes) => { if (!isCut) to.write(bytes) }).on('error', () => undefined).on('close', () => { if (!isCut) to.destroy() })
    }
  }).listen(0, '127.0.0.1')
  closeAfter(scope, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, cut: () => { isCut = true } }
}

/** Several rooms with speakers, segments on their way, and callbacks to somebody silent. */
async function overload (gateway: GatewayProcess, outside: Outside, callback: string) {
  const tenant = await provision(gateway.url, gateway.adminToken, outside)
  const { start, stop } = asTenant(gateway.url, outside, tenant)
  const ids = await Promise.all(rooms.map((room) => start(room, { Callback: callback, Output: { SegmentSeconds: 2 } })))
  for (const room of rooms) for (const speaker of speakers) enterTalking(outside.cloud.room(sdkAppId, room), speaker)
  await Promise.all(rooms.flatMap((room) => speakers.map((speaker) => talked(outside, room, speaker, 3_000))))
  return { tenant, ids, stop }
}

/** It has left in its time, with every file finished in the spool and without a fault of its own. */
async function leftInOrder (gateway: GatewayProcess, dataDir: string, leftMs: number): Promise<void> {
  const tookMs = Date.now() - leftMs
  assert.ok(tookMs < shutdownSeconds * 1_000 + 1_000, `it took ${tookMs} ms`)
  assert.deepEqual([...gateway.log, ...gateway.errors].filter((line) => /InternalError|has no track/.test(line)), [])
  const files = await spooled(dataDir)
  assert.deepEqual(files.filter(({ closed }) => !closed), [])
  assert.ok(new Set(files.map(({ trackId }) => trackId)).size >= rooms.length * speakers.length, `${files.length} files are in the spool`)
}

test('a gateway whose bucket, receiver and Cloud API hang leaves in its time, with all audio in its spool', async (t) => {
  const outside = await startOutside(t)
  const dataDir = await temporaryFolder(t)
  const gateway = await spawnGateway(t, { ...environment(outside, dataDir), SHUTDOWN_SECONDS: String(shutdownSeconds) })
  outside.cos.faults.add({ kind: 'stall', action: 'put', times: Infinity })
  const { tenant, ids, stop } = await overload(gateway, outside, `http://127.0.0.1:${await silentServer(t)}/`)
  outside.cos.faults.add({ kind: 'stall', times: Infinity })
  outside.cloud.faults.add({ kind: 'hang', times: Infinity })
  // Tracks that are being closed, others that are being begun, and a start that waits for the bucket
  await stop(ids[0]!)
  for (const room of rooms.slice(1)) enterTalking(outside.cloud.room(sdkAppId, room), 'late')
  const start = { SdkAppId: sdkAppId, StrRoomId: 'four', UserId: 'rec_1' }
  const started = call(gateway.url, '/v1/recordings', { method: 'POST', token: tenant.key, body: start }).then(({ status }) => status, () => 'no answer')
  await sleep(500)

  const leftMs = Date.now()
  const code = await gateway.terminate()
  t.diagnostic(`left with ${code} after ${Date.now() - leftMs} ms`)
  await leftInOrder(gateway, dataDir, leftMs)
  assert.equal(await started, 'no answer')
  assert.match(gateway.log.at(-1) ?? '', /"msg":"closed"/)
  assert.equal(code, 0)
})

test('a gateway whose database is silent leaves in its time, with all audio in its spool, and names what it did not wait for', async (t) => {
  const postgres = await startPostgres()
  closeAfter(t, () => postgres.stop())
  const outside = await startOutside(t)
  const dataDir = await temporaryFolder(t)
  const database = new URL(await postgres.createDatabase('silent'))
  const way = await cuttableWay(t, Number(database.port))
  database.port = String(way.port)
  const env = { DATABASE_URL: database.href, MASTER_KEY: randomBytes(32).toString('base64'), SHUTDOWN_SECONDS: String(shutdownSeconds) }
  const gateway = await spawnGateway(t, { ...environment(outside, dataDir), ...env })
  outside.cos.faults.add({ kind: 'stall', action: 'put', times: Infinity })
  await overload(gateway, outside, `http://127.0.0.1:${await silentServer(t)}/`)
  way.cut()
  await eventually(async () => (await call<{ Checks: { Database: string } }>(gateway.url, '/readyz')).body.Checks.Database === 'journaling' || undefined)

  const leftMs = Date.now()
  const code = await gateway.terminate()
  t.diagnostic(`left with ${code} after ${Date.now() - leftMs} ms`)
  await leftInOrder(gateway, dataDir, leftMs)
  const late = gateway.log.flatMap((line) => /"step":"([^"]+)".*going on without it/.exec(line)?.[1] ?? [])
  assert.ok(late.length > 0 && !late.includes('capture threads'), late.join())
  assert.equal(code, 1)
})

test('what is closed when is a list, and its times are no more than SHUTDOWN_SECONDS', async (t) => {
  const outside = await startOutside(t)
  const gateway = await startTestGateway(t, { ...environment(outside, await temporaryFolder(t)), CAPTURE_WORKERS: '1', SHUTDOWN_SECONDS: '10' })

  assert.deepEqual(gateway.closingSteps.map(({ name }) => name), [
    'http', 'callbacks', 'clock watch', 'recordings', 'capture threads', 'sessions', 'relay stops', 'first audio', 'event journal', 'spool folder', 'callback connections', 'queues',
    'lease', 'database', 'data folder'
  ])
  const sumMs = gateway.closingSteps.reduce((sum, { limitMs }) => sum + limitMs, 0)
  assert.ok(sumMs > 9_000 && sumMs < 10_000, `${sumMs} ms`)
  assert.deepEqual(await gateway.close(), [])
})
