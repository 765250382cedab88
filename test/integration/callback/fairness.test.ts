import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { badReceivers } from '../../helpers/bad-receivers.ts'
import { putBacklog } from '../../helpers/backlog.ts'
import { endEvent, startCallbacks, type Callbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { startReceiver, type Receiver } from '../../../src/sandbox/receiver.ts'
import type { Connection } from '../../../src/state/database.ts'
import { eventually } from '../../helpers/world.ts'

/** How much later others may be told: of another tenant, and of the same. */
const bounds = { ten_2: 1_000, ten_1: 2_000 } as const

interface Scene extends Callbacks {
  receiver: Receiver
  /** Has a backlog wait for some bad endpoints of `ten_1`, and begin to be sent. @returns their ids */
  load: (name: keyof typeof badReceivers, endpoints: number, count: number) => Promise<string[]>
}

/** Two tenants with a good endpoint each; that of `ten_1` does not get what waits for the bad ones. */
async function setScene (t: TestContext, kysely: Connection): Promise<Scene> {
  const callbacks = await startCallbacks(t, kysely)
  const receiver = await startReceiver()
  closeAfter(t, () => receiver.close())
  await callbacks.tenant('ten_2', 2)
  for (const tenantId of ['ten_1', 'ten_2']) await callbacks.endpoint(receiver.url, { tenantId })
  return {
    ...callbacks,
    receiver,
    async load (name, endpoints, count) {
      const url = await badReceivers[name].start(t)
      const ids: string[] = []
      for (let i = 0; i < endpoints; i++) {
        const { id } = await callbacks.endpoint(url, { types: '["none"]' })
        await putBacklog(kysely, { endpointId: id, count })
        ids.push(id)
      }
      callbacks.sender.wake(ids.map((id) => ({ id, tenantId: 'ten_1' })))
      await eventually(async () => await attempted(kysely, ids) || undefined)
      return ids
    }
  }
}

/** Whether something was or is being sent to each of some endpoints. */
async function attempted (db: Connection, ids: readonly string[]): Promise<boolean> {
  const touched = await db.selectFrom('deliveries').select('endpointId').distinct().where('endpointId', 'in', ids)
    .where((eb) => eb.or([eb('claimedBy', 'is not', null), eb('attempts', '>', 0)])).execute()
  return touched.length === ids.length
}

/** Tells each tenant's good endpoint, and checks how long that took. */
async function checkDelays ({ tell, receiver }: Scene, t: TestContext, when: string): Promise<void> {
  for (const [tenantId, boundMs] of Object.entries(bounds)) {
    const event = endEvent('rec_1')
    const startMs = performance.now()
    await tell({ tenantId, event })
    await receiver.next(({ id }) => id === event.Id, { signal: AbortSignal.timeout(30_000) })
    const delayMs = performance.now() - startMs
    t.diagnostic(`${when}: ${tenantId} was told after ${Math.round(delayMs)} ms`)
    assert.ok(delayMs < boundMs, `${when}: ${tenantId} was told after ${delayMs} ms`)
  }
}

onBothDatabases('whatever a receiver with 2000 waiting does, others are told in time, and each of its attempts is noted with a reason', async (t, open) => {
  const { kysely } = await open(t)
  const scene = await setScene(t, kysely)
  const reasons = new Map<string, string>()

  for (const [name, { reason }] of Object.entries(badReceivers)) {
    const [id] = await scene.load(name as keyof typeof badReceivers, 1, 2_000)
    reasons.set(id!, reason)
    await checkDelays(scene, t, `one that ${name}`)
  }
  for (const id of await scene.load('hangs', 10, 200)) reasons.set(id, 'timeout_total')
  await checkDelays(scene, t, 'ten that hang')

  const noted = await eventually(async () => {
    const rows = await kysely.selectFrom('attempts').innerJoin('deliveries', 'deliveries.id', 'attempts.deliveryId')
      .select(['endpointId', 'reason']).distinct().where('endpointId', 'in', [...reasons.keys()]).execute()
    return rows.length >= reasons.size ? rows : undefined
  })
  assert.deepEqual(new Map(noted.map(({ endpointId, reason }) => [endpointId, reason])), reasons)
})

onBothDatabases('10 000 that wait for a receiver of one tenant, which takes them as fast as it can, do not delay the first of another by a second', async (t, open) => {
  const { kysely } = await open(t)
  const scene = await setScene(t, kysely)
  const busy = await startReceiver()
  closeAfter(t, () => busy.close())
  const { id } = await scene.endpoint(busy.url, { types: '["none"]' })
  await putBacklog(kysely, { endpointId: id, count: 10_000 })
  scene.sender.wake([{ id, tenantId: 'ten_1' }])
  await busy.next(() => true, { signal: AbortSignal.timeout(30_000) })

  await checkDelays(scene, t, `with ${busy.attempts().length} of 10 000 sent`)
  await eventually(async () => busy.attempts().length > 500 || undefined)
  await checkDelays(scene, t, `with ${busy.attempts().length} of 10 000 sent`)

  assert.ok(busy.attempts().length < 10_000, 'others came while it was under way')
})
