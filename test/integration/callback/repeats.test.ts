import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { pino } from 'pino'
import { callbackPolicy, guardedDispatcher } from '../../../src/callback/address-guard.ts'
import { sealEndpointSecrets } from '../../../src/callback/endpoint-secrets.ts'
import { Sender } from '../../../src/callback/sender.ts'
import { mintSecret } from '../../../src/callback/signature.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { newId } from '../../../src/core/ids.ts'
import { startReceiver, type Receiver, type ReceiverOptions } from '../../../src/sandbox/receiver.ts'
import type { Connection } from '../../../src/state/database.ts'
import { endEvent, startCallbacks, type Callbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { closeAfter, type Scope } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

const soon = () => AbortSignal.timeout(30_000)

async function receive (t: Scope, options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options)
  closeAfter(t, () => receiver.close())
  return receiver
}

/** Tells of an end. @returns the id of the event */
async function tellEnd ({ tell }: Callbacks): Promise<string> {
  const event = endEvent('rec_1')
  await tell({ event })
  return event.Id
}

async function noted (db: Connection, eventId: string) {
  return eventually(async () => db.selectFrom('deliveries').selectAll().where('eventId', '=', eventId).where('attempts', '>', 0).executeTakeFirst())
}

onBothDatabases('a sender that ends between the answer and its note has it sent again by the next one, under the same id', async (t, open) => {
  const { kysely } = await open(t)
  const callbacks = await startCallbacks(t, kysely)
  const receiver = await receive(t, {
    respond: () => {
      callbacks.sender.giveUp() // it never reads this answer
      return { status: 200 }
    }
  })
  const { id: endpointId, secret } = await callbacks.endpoint(receiver.url)
  receiver.trust(secret)
  const event = await tellEnd(callbacks)
  await receiver.next(() => true, { signal: soon() })
  const before = await kysely.selectFrom('deliveries').select(['state', 'attempts', 'claimedBy']).executeTakeFirstOrThrow()

  const dispatcher = guardedDispatcher(callbackPolicy(['127.0.0.1']))
  closeAfter(t, () => dispatcher.destroy())
  const next = new Sender({
    ...callbacks, dispatcher, clock: systemClock, log: pino({ level: 'silent' }), processId: newId('process'), userAgent: 'Roomtape/test', mayWork: () => true
  })
  closeAfter(t, () => next.close())
  await next.start()
  const { state, attempts } = await noted(kysely, event)

  assert.deepEqual([before.state, before.attempts, before.claimedBy === null], ['waiting', 0, false])
  assert.deepEqual([state, attempts], ['delivered', 1])
  assert.deepEqual(receiver.attempts().map(({ id, signature }) => [id, signature]), [[event, 'valid'], [event, 'valid']])
  assert.equal(receiver.attempts()[0]!.raw.toString(), receiver.attempts()[1]!.raw.toString())
  assert.equal((await kysely.selectFrom('endpoints').select('failures').where('id', '=', endpointId).executeTakeFirstOrThrow()).failures, 0)
})

onBothDatabases('while a secret is being changed receivers that know the old one, the new one or both take what comes; afterwards the new one alone counts', async (t, open) => {
  const { kysely } = await open(t)
  let nowMs = Date.now()
  const callbacks = await startCallbacks(t, kysely, { clock: { now: () => nowMs } })
  const [older, newer] = [mintSecret(), mintSecret()]
  const knowing = { old: [older], new: [newer], both: [older, newer] }
  const receivers: Record<string, Receiver> = {}
  for (const [name, secrets] of Object.entries(knowing)) {
    const receiver = receivers[name] = await receive(t, { secrets })
    const { id } = await callbacks.endpoint(receiver.url)
    const sealedSecrets = sealEndpointSecrets(callbacks.seal, id, [{ secret: newer }, { secret: older, untilMs: nowMs + 60_000 }])
    await kysely.updateTable('endpoints').set({ sealedSecrets }).where('id', '=', id).execute()
  }
  const seen = async (eventId: string) => Promise.all(Object.values(receivers).map((receiver) =>
    eventually(async () => receiver.attempts().find(({ id }) => id === eventId)?.signature)))

  const during = await seen(await tellEnd(callbacks))
  const signatures = receivers.both!.attempts()[0]!.headers['webhook-signature']
  nowMs += 60_000
  const after = await seen(await tellEnd(callbacks))

  assert.deepEqual(during, ['valid', 'valid', 'valid'])
  assert.match(String(signatures), /^v1,\S+ v1,\S+$/)
  assert.deepEqual(after, ['invalid', 'valid', 'valid'])
})

onBothDatabases('a name that led outside at first and leads inside by the time of a repetition is blocked then, wherever inside', async (t, open) => {
  const { kysely } = await open(t)
  const special = [
    '127.0.0.2', '10.0.0.1', '172.16.0.1', '192.168.0.1', '169.254.169.254', '169.254.0.23', '100.100.100.200', '0.0.0.0', '192.0.2.1', '198.18.0.1', '224.0.0.1',
    '255.255.255.255', '::1', '::', 'fd00:ec2::254', 'fe80::1', 'ff02::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '2001:db8::1', '100::1'
  ]
  const asked = new Map<string, number>()
  const dispatcher = guardedDispatcher(callbackPolicy(['127.0.0.1/32']), {
    lookup: (hostname, _options, callback) => {
      const times = (asked.get(hostname) ?? 0) + 1
      asked.set(hostname, times)
      const address = times === 1 ? '127.0.0.1' : special[Number(hostname.split('.')[0])]!
      callback(null, [{ address, family: address.includes(':') ? 6 : 4 }])
    }
  })
  closeAfter(t, () => dispatcher.destroy())
  const callbacks = await startCallbacks(t, kysely, { dispatcher, delayMs: () => 0 })
  const receiver = await receive(t, { respond: () => ({ status: 503, headers: { connection: 'close' } }) })
  let connections = 0
  const inside = createServer(() => { connections++ }).listen(Number(new URL(receiver.url).port), '127.0.0.2')
  await once(inside, 'listening')
  closeAfter(t, () => { inside.close() })
  for (const index of special.keys()) await callbacks.endpoint(`http://${index}.example.com:${(inside.address() as AddressInfo).port}/`, { types: '["recording.*"]' })

  const event = await tellEnd(callbacks)
  const rows = await eventually(async () => {
    const rows = await kysely.selectFrom('deliveries').select(['state', 'attempts', 'lastError', 'lastStatus']).where('eventId', '=', event).execute()
    return rows.every(({ state }) => state === 'dead') ? rows : undefined
  })

  assert.deepEqual(rows, Array(special.length).fill({ state: 'dead', attempts: 2, lastError: 'blocked_target', lastStatus: null }))
  assert.equal(receiver.attempts().length, special.length)
  assert.equal(connections, 0)
  const endpoints = await kysely.selectFrom('endpoints').select(['enabled', 'gaveUp']).distinct().execute()
  assert.deepEqual(endpoints, [{ enabled: false, gaveUp: 'blocked_target' }])
})

onBothDatabases('302 waits and is not followed, 413 and 410 are the end, 429 waits as long as it asked for and is not pulled forward', async (t, open) => {
  const { kysely } = await open(t)
  const callbacks = await startCallbacks(t, kysely)
  const answers: Record<string, { status: number, headers?: Record<string, string> }> = {
    moved: { status: 302, headers: { location: 'http://169.254.169.254/' } },
    large: { status: 413 },
    gone: { status: 410 },
    seconds: { status: 429, headers: { 'retry-after': '3600' } },
    date: { status: 429, headers: { 'retry-after': new Date(Date.now() + 7_200_000).toUTCString() } }
  }
  const expected: Record<string, [string, string, number?]> = {
    moved: ['waiting', 'redirect', 5], large: ['dead', 'body_too_large'], gone: ['dead', 'gone'], seconds: ['waiting', 'rate_limited', 3_600], date: ['waiting', 'rate_limited', 7_200]
  }

  for (const [name, answer] of Object.entries(answers)) {
    const receiver = await receive(t, { respond: () => answer })
    const { id } = await callbacks.endpoint(receiver.url)
    const atMs = Date.now()
    const { state, lastError, pullable, nextAttemptMs } = await noted(kysely, await tellEnd(callbacks))
    await kysely.updateTable('endpoints').set({ types: '["none"]' }).where('id', '=', id).execute()

    const [wantedState, reason, waitSeconds] = expected[name]!
    assert.deepEqual([state, lastError, pullable], [wantedState, reason, false], name)
    const waitMs = nextAttemptMs === null ? undefined : nextAttemptMs - atMs
    if (waitSeconds === undefined) assert.equal(waitMs, undefined)
    else assert.ok(waitMs! >= waitSeconds * 800 - 1_000 && waitMs! <= waitSeconds * 1_200 + 10_000, `${name}: ${waitMs} ms`)
    assert.equal(receiver.attempts().length, 1)
  }
})
