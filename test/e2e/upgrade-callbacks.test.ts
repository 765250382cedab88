import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { spawnGateway } from '../helpers/gateway-process.ts'
import { inherit } from '../helpers/inherit.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter } from '../helpers/scope.ts'
import { asTenant, eventually, patienceMs, type Callback } from '../helpers/world.ts'

const databases: Record<string, ((t: TestContext) => Promise<string>) | undefined> = {
  PGlite: undefined,
  async PostgreSQL (t) {
    const server = await startPostgres()
    closeAfter(t, () => server.stop())
    return server.createDatabase('roomtape')
  }
}

suite('an upgrade from a version that knew no endpoints', { concurrency: true }, () => {
  for (const [kind, createDatabase] of Object.entries(databases)) {
    test(`what waited for its first attempt, was being sent, or waited to be sent again arrives, once (${kind})`, async (t) => {
      const heir = await inherit(t, '0.1.0-callbacks', createDatabase && (() => createDatabase(t)))
      const { outside: { receiver }, outside, tenant, recordings, told } = heir
      const missing = Object.entries(recordings).filter(([, { id }]) => !told.some(({ RecordingId }) => RecordingId === id))

      const { url } = await spawnGateway(t, heir.env)
      const signal = AbortSignal.timeout(patienceMs)
      const arrived = await Promise.all(missing.map(([, { id }]) => receiver.next(({ body }) => (body as Callback).RecordingId === id, { signal })))
      const { detail } = asTenant(url, outside, tenant)
      const deliveries = await eventually(async () => {
        const details = await Promise.all(Object.values(recordings).map(({ id }) => detail(id)))
        const all = details.flatMap(({ Deliveries }) => Deliveries)
        return all.every(({ State }) => State.toLowerCase() === 'delivered') ? all : undefined
      })

      const kinds = Map.groupBy(missing, ([room]) => room.split('-')[0])
      assert.deepEqual([...kinds].map(([kind, rooms]) => [kind, rooms.length]), [['refused', 3], ['hanging', 8], ['unsent', 5]])
      assert.ok(arrived.every(({ id, signature, body }) => signature === 'valid' && id === (body as { Id: string }).Id))
      assert.equal(receiver.attempts().length, missing.length, 'nothing else is sent, and nothing twice')
      const firsts = missing.filter((_, index) => arrived[index]!.headers['x-attempt'] === '1').map(([room]) => room.split('-')[0])
      assert.deepEqual(firsts.sort(), [...Array<string>(8).fill('hanging'), ...Array<string>(5).fill('unsent')])
      assert.equal(deliveries.length, Object.keys(recordings).length)
    })
  }
})
