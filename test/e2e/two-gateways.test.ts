import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, suite, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { spawnGateway, startGatewayProcess, type StartingGateway } from '../helpers/gateway-process.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter } from '../helpers/scope.ts'
import { spooled } from '../helpers/spooled.ts'
import { asTenant, call, enterTalking, environment, eventually, provision, sdkAppId, startOutside, talked, temporaryFolder, type Outside } from '../helpers/world.ts'

const run = promisify(execFile)
const scope = { after }
const postgres = await startPostgres()
closeAfter(scope, () => postgres.stop())

/** After this a process that says nothing may be succeeded. */
const lapsesMs = 10_000
/** How long a start waits for another gateway. */
const patienceMs = 15_000

let databases = 0

interface Scene {
  outside: Outside
  /** What a gateway of this scene is started with. */
  env: (dataDir: string) => Record<string, string>
  dataDirs: string[]
}

/** One database, and folders for several gateways. */
async function setScene (t: TestContext): Promise<Scene> {
  const outside = await startOutside(t)
  const shared = { DATABASE_URL: await postgres.createDatabase(`scene${++databases}`), MASTER_KEY: randomBytes(32).toString('base64'), CAPTURE_WORKERS: '1' }
  return { outside, env: (dataDir) => ({ ...environment(outside, dataDir), ...shared }), dataDirs: [await temporaryFolder(t), await temporaryFolder(t)] }
}

/** Whom a start has waited for, by its process id. */
function waitedFor ({ log }: Pick<StartingGateway, 'log'>): string | undefined {
  return log.map((line) => /"processId":"(process_\w+)".*waiting for it to end/.exec(line)?.[1]).find((id) => id !== undefined)
}

/** The keys that objects were put under so far, in order. */
function keysPut ({ cos }: Outside): string[] {
  return cos.log.filter(({ action, status }) => (action === 'put' || action === 'complete') && status === 200).map(({ key }) => key)
}

// Real time, so beside one another
suite('two gateways on one database', { concurrency: true }, () => {
  test('of two that start together one works and the other is refused by its name; an end in good order, or a restart, is waited for by nobody', async (t) => {
    const { env, dataDirs } = await setScene(t)
    const startedMs = Date.now()
    const both = await Promise.all(dataDirs.map((dataDir) => startGatewayProcess(t, env(dataDir))))
    const winner = await Promise.any(both.map(({ listening }) => listening))
    const number = both.findIndex(({ log }) => log !== winner.log)
    const [loser, freeDir] = [both[number]!, dataDirs[number]!]

    assert.equal(await loser.exited, 1)
    assert.ok(Date.now() - startedMs > patienceMs, `refused after ${Date.now() - startedMs} ms`)
    const owner = waitedFor(loser)
    assert.match(loser.errors.join('\n'), new RegExp(`^roomtape: ${owner} of node_\\w+ on host '.+', last seen \\d\\.\\d s ago, works on this database: stop it first`, 'm'))
    assert.equal(waitedFor(winner), undefined)

    const next = await startGatewayProcess(t, env(freeDir))
    await eventually(async () => waitedFor(next))
    assert.equal(await winner.terminate(), 0)
    await (await next.listening).kill()
    const again = await spawnGateway(t, env(freeDir))
    assert.equal(waitedFor(again), undefined, 'killed, and started again on its folder')
    assert.equal(await again.terminate(), 0)
    const other = await spawnGateway(t, env(dataDirs[1 - number]!))
    assert.equal(waitedFor(other), undefined, 'on another folder, after an end in good order')
  })

  test('a copy of a folder on the same machine is not its heir', async (t) => {
    const { env, dataDirs: [one = ''] } = await setScene(t)
    const copy = join(await temporaryFolder(t), 'copy')
    const first = await spawnGateway(t, env(one))
    await run('cp', ['-a', one, copy])
    const second = await startGatewayProcess(t, env(copy))
    assert.equal(await second.exited, 1)
    assert.match(second.errors.join('\n'), /^roomtape: process_\w+ of (node_\w+) on host '.+', .* works on this database/m)
    const nodeId = (await readFile(join(copy, 'node-id'), 'utf8')).trim()
    assert.match(second.errors.join('\n'), new RegExp(` of ${nodeId} on host `), 'the node is the same, the folder is not')

    await first.kill()
    const third = await startGatewayProcess(t, env(copy))
    assert.equal(await third.exited, 1)
    assert.equal(waitedFor(third), waitedFor(second), 'for the one that was killed, until its lease had lapsed')
    assert.match(third.errors.join('\n'), /spool was copied or moved/, 'and then it is not the heir of the spool')
  })

  test('a gateway that stands still is succeeded; thawed it ends by itself, with all it heard in its spool, and no key is written twice', async (t) => {
    const { outside, env, dataDirs: [one = '', two = ''] } = await setScene(t)
    const first = await spawnGateway(t, env(one))
    const tenant = await provision(first.url, first.adminToken, outside)
    const id = await asTenant(first.url, outside, tenant).start('room', { Output: { SegmentSeconds: 2 } })
    const room = outside.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'anchor')
    const former = await talked(outside, 'room', 'anchor', 3_000)

    const frozenMs = Date.now()
    first.freeze()
    const second = await spawnGateway(t, env(two))
    assert.ok(waitedFor(second) !== undefined)
    outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', second.url).href)
    await talked(outside, 'room', 'anchor', 2_000, [former])

    const putBefore = keysPut(outside)
    const thawedMs = Date.now()
    first.thaw()
    assert.equal(await first.exited, 1)
    t.diagnostic(`thawed, it left after ${Date.now() - thawedMs} ms`)
    assert.match(first.errors.join('\n'), /^roomtape: process_\w+ of node_\w+ on host '.+', last seen .* has taken this database over/m)
    assert.ok(first.log.some((line) => line.includes('another gateway has taken over: this one ends')))
    const left = await spooled(one)
    assert.ok(left.length > 0 && left.every(({ closed }) => closed), JSON.stringify(left))

    await sleep(1_000) // more talk, which the second has alone
    room.dismiss()
    const finish = { method: 'POST', token: second.adminToken, body: { Path: join(one, 'spool') } } as const
    const finished = await call(second.url, '/operator/spools/finish', finish)
    assert.equal(finished.status, 200, JSON.stringify(finished.body))
    const { ended } = asTenant(second.url, outside, tenant)
    const { Type, Reason, Files } = await ended(id)
    assert.equal(Reason, 'RoomDismissed')
    assert.equal(Type, 'recording.completed')
    const heard = Files.filter(({ StartMs }) => StartMs < frozenMs).map(({ EndMs }) => EndMs)
    assert.ok(frozenMs - Math.max(...heard) < 1_000, 'what the first has recorded is stored up to where it stood still')
    assert.ok(Files.some(({ StartMs }) => StartMs > frozenMs), 'the second has recorded')
    assert.ok(second.log.every((line) => !line.includes('another gateway has taken over')))
    assert.ok(putBefore.length > 0)
    assert.deepEqual(keysPut(outside).slice(putBefore.length).filter((key) => putBefore.includes(key)), [])
    assert.equal(await second.terminate(), 0)
  })

  test('a gateway that stood still goes on when nobody came, and finds whom it has to give way to also when that one is gone', async (t) => {
    const { outside, env, dataDirs: [one = '', two = ''] } = await setScene(t)
    const first = await spawnGateway(t, env(one))
    const tenant = await provision(first.url, first.adminToken, outside)
    const world = asTenant(first.url, outside, tenant)
    const id = await world.start('room')
    const room = outside.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'anchor')
    await talked(outside, 'room', 'anchor', 1_000)
    first.freeze()
    await sleep(12_000)
    first.thaw()
    await talked(outside, 'room', 'anchor', 1_000)
    room.dismiss() // an event that it takes again
    const { Reason, Files } = await world.ended(id)
    assert.deepEqual([Reason, Files.every(({ Status }) => Status === 1)], ['RoomDismissed', true])

    first.freeze()
    const second = await spawnGateway(t, env(two))
    assert.equal(await second.terminate(), 0)
    first.thaw()
    assert.equal(await first.exited, 1)
  })

  test('a database that is away for longer than a lease lasts is no loss', async (t) => {
    const server = await startPostgres()
    closeAfter(t, () => server.stop())
    const outside = await startOutside(t)
    const env = { ...environment(outside, await temporaryFolder(t)), DATABASE_URL: await server.createDatabase('away'), MASTER_KEY: randomBytes(32).toString('base64') }
    const gateway = await spawnGateway(t, env)
    const tenant = await provision(gateway.url, gateway.adminToken, outside)
    await server.interrupt()
    await sleep(lapsesMs + 2_000)
    await server.resume()

    const world = asTenant(gateway.url, outside, tenant)
    const id = await eventually(async () => world.start('room').catch(() => undefined))
    const room = outside.cloud.room(sdkAppId, 'room')
    enterTalking(room, 'anchor')
    await talked(outside, 'room', 'anchor', 1_000)
    room.dismiss()
    assert.equal((await world.ended(id)).Reason, 'RoomDismissed')
    assert.equal(await gateway.terminate(), 0)
  })
})

test('with the embedded database a second gateway on the folder is refused by its name', async (t) => {
  const outside = await startOutside(t)
  const env = environment(outside, await temporaryFolder(t))
  const first = await spawnGateway(t, env)
  const second = await startGatewayProcess(t, env)

  assert.equal(await second.exited, 1)
  assert.match(second.errors.join('\n'), new RegExp(`^roomtape: another process works in ${env.DATA_DIR!}: stop it`, 'm'))
  assert.equal(await first.terminate(), 0)
})
