import assert from 'node:assert/strict'
import { join } from 'node:path'
import { startReceiver } from '../../../src/sandbox/receiver.ts'
import type { Connection } from '../../../src/state/database.ts'
import { startCallbacks } from '../../helpers/callbacks.ts'
import { temporaryFolder } from '../../helpers/cos.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { startExample } from '../../helpers/example.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

async function delivered (kysely: Connection, eventIds: string[]): Promise<string[]> {
  return eventually(async () => {
    const rows = await kysely.selectFrom('deliveries').select(['eventId', 'lastStatus']).where('eventId', 'in', eventIds).where('state', '=', 'delivered').execute()
    return rows.length === eventIds.length ? rows.map(({ lastStatus }) => String(lastStatus)) : undefined
  })
}

onBothDatabases('the example receiver hands each event to a service once, says 2xx only when that has it, and knows after a kill what it has', async (t, open) => {
  const { kysely, secret, endpoint, end } = await startCallbacks(t, (await open(t)).kysely, { delayMs: ({ retryAfterMs = 0 }) => retryAfterMs / 1_000 })
  const service = await startReceiver()
  closeAfter(t, () => service.close())
  const env = { CALLBACK_SECRET: secret, FORWARD_URL: service.url, IDS_FILE: join(await temporaryFolder(t), 'ids') }
  const first = await startExample(t, 'receiver/main.ts', env)
  const own = { sealedSecrets: null, types: '["recording.*"]' }
  const { id } = await endpoint(first.url, own)
  service.replyNext({ status: 503, headers: { 'retry-after': '7' } })
  service.replyNext({ status: 410 })
  service.replyNext('reset')

  const event = await end()
  assert.deepEqual(await delivered(kysely, [event.Id]), ['204'])
  const tries = await kysely.selectFrom('attempts').select(['status', 'headers']).orderBy('number').execute()
  assert.deepEqual(tries.map(({ status }) => status), [503, 422, 503, 204])
  assert.equal(tries[0]?.headers?.['retry-after'], '7')

  await first.kill()
  await kysely.updateTable('endpoints').set({ deletedMs: 1 }).where('id', '=', id).execute()
  const second = await startExample(t, 'receiver/main.ts', env)
  await endpoint(second.url, own)
  // The same event for another endpoint is another delivery of the same id.
  const { body, createdMs } = await kysely.selectFrom('events').select(['body', 'createdMs']).executeTakeFirstOrThrow()
  await kysely.deleteFrom('events').execute()
  assert.equal(createdMs, event.TimestampMs)
  await end({ event: JSON.parse(body) as typeof event })
  const last = await end()
  assert.deepEqual(await delivered(kysely, [event.Id, last.Id]), ['204', '204'])

  assert.deepEqual(service.attempts().map((each) => [each.id, each.body]), [...Array<unknown>(4).fill([event.Id, event]), [last.Id, last]])
})

onBothDatabases('an event that comes again while the example receiver is handing it over waits for what comes of that', async (t, open) => {
  const { kysely, secret, endpoint, end } = await startCallbacks(t, (await open(t)).kysely)
  const service = await startReceiver()
  closeAfter(t, () => service.close())
  const { url } = await startExample(t, 'receiver/main.ts', { CALLBACK_SECRET: secret, FORWARD_URL: service.url, IDS_FILE: join(await temporaryFolder(t), 'ids') })
  for (let i = 0; i < 3; i++) await endpoint(url, { sealedSecrets: null })

  const event = await end()
  assert.deepEqual(new Set(await eventually(async () => {
    const rows = await kysely.selectFrom('deliveries').select('lastStatus').where('state', '=', 'delivered').execute()
    return rows.length === 3 ? rows.map(({ lastStatus }) => lastStatus) : undefined
  })), new Set([204]))

  assert.deepEqual(service.attempts().map(({ id }) => id), [event.Id])
})
