import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sealEndpointSecrets } from '../../src/callback/endpoint-secrets.ts'
import { endpointUrlContext } from '../../src/callback/seal-contexts.ts'
import { mintSecret } from '../../src/callback/signature.ts'
import { newId } from '../../src/core/ids.ts'
import { createSeal } from '../../src/core/seal.ts'
import { startReceiver } from '../../src/sandbox/receiver.ts'
import { openDatabase, type Connection } from '../../src/state/database.ts'
import { putBacklog } from '../helpers/backlog.ts'
import { runs } from '../helpers/fuzz.ts'
import { spawnGateway, type GatewayProcess } from '../helpers/gateway-process.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter } from '../helpers/scope.ts'
import { environment, eventually, provision, startOutside, temporaryFolder } from '../helpers/world.ts'

/** Three in `npm test`, thirty in `npm run fuzz`. */
const kills = Math.min(30, runs(3).numRuns)
const endpoints = 5
const waitingPerEndpoint = 100

/** A tenant's endpoints at a URL, each with a secret of its own, written past the gateway. @returns their ids and secrets */
async function putEndpoints (db: Connection, masterKey: string, tenantId: string, url: string): Promise<Array<{ id: string, secret: string }>> {
  const seal = createSeal(Buffer.from(masterKey, 'base64'))
  const made = Array.from({ length: endpoints }, () => ({ id: newId('ep'), secret: mintSecret() }))
  await db.insertInto('endpoints').values(made.map(({ id, secret }) => ({
    id, tenantId, sealedUrl: seal.seal(url, endpointUrlContext(id)), sealedSecrets: sealEndpointSecrets(seal, id, [{ secret }]), types: '["none"]', filters: '{}', createdMs: 1, updatedMs: 1
  }))).execute()
  return made
}

interface Received { attempts: number, bodies: Set<string>, faults: string[] }

/** A receiver that counts what comes of each event. */
async function startCounting (t: TestContext, received: Map<string, Received>) {
  const receiver = await startReceiver({
    respond: ({ id, raw, body, signature }) => {
      const event = received.get(id) ?? { attempts: 0, bodies: new Set(), faults: [] }
      received.set(id, event)
      event.attempts++
      event.bodies.add(raw.toString())
      if (signature !== 'valid' || (body as { Id?: string } | undefined)?.Id !== id) event.faults.push(`${signature}: ${raw.toString()}`)
      return { status: 200 }
    }
  })
  closeAfter(t, () => receiver.close())
  return receiver
}

test(`with at least 500 waiting and ${kills} kills of the gateway or of PostgreSQL every event arrives, under its own id`, { timeout: 1_200_000 }, async (t) => {
  const postgres = await startPostgres()
  closeAfter(t, () => postgres.stop())
  const url = await postgres.createDatabase('kills')
  const outside = await startOutside(t)
  const masterKey = randomBytes(32).toString('base64')
  const env = { ...environment(outside, await temporaryFolder(t)), DATABASE_URL: url, MASTER_KEY: masterKey, CAPTURE_WORKERS: '1' }
  let gateway: GatewayProcess = await spawnGateway(t, env)
  const { tenantId } = await provision(gateway.url, gateway.adminToken, outside)
  const database = await openDatabase({ dataDir: '', url, onError: () => undefined }) // a killed server is no news
  closeAfter(t, () => database.close())
  const { kysely } = database
  const received = new Map<string, Received>()
  const receiver = await startCounting(t, received)
  const made = await putEndpoints(kysely, masterKey, tenantId, receiver.url)
  for (const { secret } of made) receiver.trust(secret)
  const told: string[] = []
  const isHere = async () => eventually(async () => kysely.selectFrom('tenants').select('id').execute().catch(() => undefined))

  for (let kill = 0; kill < kills; kill++) {
    const before = received.size
    for (const [index, { id }] of made.entries()) {
      const ids = await putBacklog(kysely, { endpointId: id, tenantId, count: waitingPerEndpoint, from: kill * waitingPerEndpoint })
      told.push(...ids)
      assert.equal(ids.length, waitingPerEndpoint, `endpoint ${index}`)
    }
    await eventually(async () => received.size > before || undefined)
    const afterMs = Math.random() * 300
    const ofPostgres = kill % 3 === 2
    await sleep(afterMs)
    t.diagnostic(`${ofPostgres ? 'PostgreSQL' : 'the gateway'} is killed ${Math.round(afterMs)} ms after the first, ${received.size} of ${told.length} have arrived`)
    if (ofPostgres) {
      await postgres.kill()
      await isHere()
    } else {
      await gateway.kill()
      gateway = await spawnGateway(t, env)
    }
  }

  await eventually(async () => received.size >= told.length || undefined, { signal: AbortSignal.timeout(90_000) })
  const states = await eventually(async () => {
    const rows = await kysely.selectFrom('deliveries').select(['state', 'claimedBy']).distinct().execute()
    return rows.every(({ state }) => state === 'delivered') ? rows : undefined
  })
  const repeated = [...received.values()].filter(({ attempts }) => attempts > 1)
  t.diagnostic(`${received.size} events, ${repeated.length} came again`)
  assert.deepEqual([...received.keys()].sort(), told.sort())
  assert.deepEqual([...received.values()].flatMap(({ faults }) => faults), [])
  assert.ok([...received.values()].every(({ bodies }) => bodies.size === 1), 'a repetition is the same')
  assert.deepEqual(states, [{ state: 'delivered', claimedBy: null }])
})
