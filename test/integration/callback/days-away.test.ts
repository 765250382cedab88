import assert from 'node:assert/strict'
import { nameCallback } from '../../../src/callback/hidden-endpoint.ts'
import { startReceiver, type Receiver } from '../../../src/sandbox/receiver.ts'
import type { Connection } from '../../../src/state/database.ts'
import { endEvent, startCallbacks, type Callbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { Days } from '../../helpers/days.ts'
import { closeAfter, type Scope } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

const hour = 3_600_000
const day = 24 * hour

interface Away extends Receiver { isAway: boolean }

/** A receiver that answers 503 and never comes back, until it does. */
async function startAway (t: Scope): Promise<Away> {
  const receiver = await startReceiver({ respond: () => ({ status: (receiver as Away).isAway ? 503 : 200 }) })
  closeAfter(t, () => receiver.close())
  return Object.assign(receiver, { isAway: true })
}

/** Tells of `count` ends. @returns the ids of the events */
async function tellEnds (callbacks: Callbacks, count: number, told: object): Promise<string[]> {
  const events = Array.from({ length: count }, () => endEvent('rec_1'))
  await callbacks.tell(...events.map((event) => ({ event, ...told })))
  return events.map(({ Id }) => Id)
}

async function statesOf (db: Connection, eventIds: readonly string[]): Promise<string[]> {
  const rows = await db.selectFrom('deliveries').select('state').where('eventId', 'in', eventIds).execute()
  return [...new Set(rows.map(({ state }) => state))]
}

onBothDatabases('a receiver that is away for three days has everything within seconds of its first success, be it much or a single callback', async (t, open) => {
  const { kysely } = await open(t)
  const callbacks = await startCallbacks(t, kysely)
  const days = new Days(kysely, callbacks.sender)
  const [own, url, lonely] = [await startAway(t), await startAway(t), await startAway(t)]
  await callbacks.tenant('ten_2', 2)
  await callbacks.endpoint(own.url)
  await callbacks.endpoint(lonely.url, { tenantId: 'ten_2' })
  const first = await tellEnds(callbacks, 30, { callback: { url: `${url.url}?lesson=1`, format: 'full' } })
  const single = await tellEnds(callbacks, 1, { tenantId: 'ten_2' })

  await days.passTo(2 * day, 2 * hour)
  const late = await tellEnds(callbacks, 30, { callback: { url: `${url.url}?lesson=2`, format: 'full' } })
  await days.passTo(3 * day, 2 * hour)
  const all = [...first, ...single, ...late]
  const states = await statesOf(kysely, all)
  for (const receiver of [own, url, lonely]) receiver.isAway = false
  await days.passToNext()
  const backMs = await eventually(async () => [own, url].every((each) => each.attempts().some(({ reply }) => isTaken(reply))) ? performance.now() : undefined)
  await eventually(async () => (await statesOf(kysely, [...first, ...late])).join() === 'delivered' || undefined)
  const tookMs = performance.now() - backMs
  await days.passTo(days.passedMs + 10 * 60_000, 10 * 60_000) // the third breaker's next probe

  t.diagnostic(`120 callbacks arrived ${Math.round(tookMs)} ms after the first success`)
  assert.deepEqual(states, ['waiting'], 'nothing was given up meanwhile')
  assert.ok(tookMs < 10_000, `${tookMs} ms`)
  assert.deepEqual(await statesOf(kysely, all), ['delivered'])
  assert.deepEqual([own, url, lonely].map(takenBy), [[...first, ...late].sort(), [...first, ...late].sort(), single])
})

function isTaken (reply: unknown): boolean { return typeof reply === 'object' && reply !== null && 'status' in reply && reply.status === 200 }

/** What it took, once each. */
function takenBy (receiver: Receiver): string[] {
  return receiver.attempts().filter(({ reply, duplicate }) => isTaken(reply) && !duplicate).map(({ id }) => id).sort()
}

onBothDatabases('after six days an endpoint is disabled and holds what waits, which is told; what waits for a Callback is dead, and the next start hears of it', async (t, open) => {
  const { kysely } = await open(t)
  const callbacks = await startCallbacks(t, kysely)
  const days = new Days(kysely, callbacks.sender)
  const [away, other] = [await startAway(t), await startReceiver()]
  closeAfter(t, () => other.close())
  const own = await callbacks.endpoint(away.url, { types: '["recording.*"]' })
  await callbacks.endpoint(other.url, { types: '["endpoint.*"]' })
  const callback = { url: `${away.url}?lesson=1`, format: 'full' }
  const named = { tenantId: 'ten_1', callbackUrl: callback.url, nowMs: Date.now() }
  const first = await tellEnds(callbacks, 15, { callback })

  await days.passTo(5 * day - 2 * hour, 4 * hour)
  const before = await statesOf(kysely, first)
  await days.passTo(6 * day, 2 * hour)
  const { body } = await other.next(() => true, { signal: AbortSignal.timeout(30_000) })
  const gaveUp = await nameCallback(kysely, callbacks.seal, named)

  assert.deepEqual(before, ['waiting'])
  assert.equal((body as { Type: string }).Type, 'endpoint.disabled')
  assert.equal(other.attempts().length, 1)
  assert.equal(gaveUp, 'failing')
  const rows = await kysely.selectFrom('deliveries').select(['endpointId', 'state', 'nextAttemptMs', 'claimedBy']).where('eventId', 'in', first).execute()
  for (const { endpointId, state, nextAttemptMs, claimedBy } of rows) {
    assert.deepEqual([state, nextAttemptMs, claimedBy], [endpointId === own.id ? 'held' : 'dead', null, null])
  }

  // Named again it begins anew, and is given up anew
  const second = await tellEnds(callbacks, 15, { callback })
  await days.passTo(10 * day, 4 * hour)
  const waiting = await statesOf(kysely, second)
  await days.passTo(12 * day, 4 * hour)
  assert.deepEqual([waiting.sort(), (await statesOf(kysely, second)).sort()], [['held', 'waiting'], ['dead', 'held']])

  // A success is the end of it
  away.isAway = false
  const [last] = await tellEnds(callbacks, 1, { callback })
  await away.next(({ id }) => id === last, { signal: AbortSignal.timeout(30_000) })
  await eventually(async () => await nameCallback(kysely, callbacks.seal, named) === null || undefined)
})
