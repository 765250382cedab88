import { createWriteStream } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { callbackPolicy, guardedDispatcher } from '../../src/callback/address-guard.ts'
import { Outbox, type Told } from '../../src/callback/outbox.ts'
import { tenantSecretContext } from '../../src/callback/seal-contexts.ts'
import { Sender } from '../../src/callback/sender.ts'
import { systemClock } from '../../src/core/clock.ts'
import { newId } from '../../src/core/ids.ts'
import { createSeal } from '../../src/core/seal.ts'
import { openDatabase } from '../../src/state/database.ts'
import { insertTenant } from '../../src/state/tenants.ts'
import { segmentEvent } from '../../test/helpers/callbacks.ts'
import { answerCalls } from '../capture/answer-calls.ts'
import { quantilesOf } from '../rooms/quantiles.ts'
import type { NodeCalls } from './calls.ts'
import { postPlainly } from './plain.ts'

/** A process that is the callbacks' part of a gateway: database, outbox and sender, and a log at its usual level that nobody reads. */
const perTransaction = 50
const askEveryMs = 20
const loop = monitorEventLoopDelay({ resolution: 5 })
loop.enable()
const log = pino(createWriteStream('/dev/null'))
const dispatcher = guardedDispatcher(callbackPolicy(['127.0.0.0/8']))
let isSending = false
let enough = new AbortController()
let asked = new AbortController()
let asking = Promise.resolve<number[]>([])
let node: Awaited<ReturnType<typeof open>> | undefined

function opened (): NonNullable<typeof node> {
  if (node === undefined) throw new Error('the sender was not started')
  return node
}

async function open ({ dataDir, databaseUrl, secret, urls, tenants }: NodeCalls['start']['request']) {
  const database = await openDatabase({ dataDir, url: databaseUrl, onError: (error) => { throw error } })
  const { kysely } = database
  const seal = createSeal(Buffer.alloc(32, 7))
  for (let tenant = 0; tenant < tenants; tenant++) {
    const id = `ten_${tenant}`
    await insertTenant(kysely, { id, name: id, sealedCallbackSecret: seal.seal(secret, tenantSecretContext(id)), createdMs: 1 })
  }
  const outbox = new Outbox({ kysely, seal, onCommitted: (endpoints) => { sender.wake(endpoints) } })
  const sender = new Sender({
    kysely, seal, dispatcher, outbox, clock: systemClock, log, processId: newId('process'), userAgent: 'Roomtape/bench', mayWork: () => isSending
  })
  await sender.start()
  return { database, outbox, sender, kysely, urls, secret, tenants }
}

/** The event of that number, for one endpoint. */
function told (number: number): Told {
  const { urls, tenants } = opened()
  const endpoint = number % urls.length
  return { tenantId: `ten_${endpoint % tenants}`, event: segmentEvent(newId('rec')), callback: { url: urls[endpoint] ?? '', format: 'full' } }
}

async function tell (all: readonly Told[]): Promise<void> {
  await opened().outbox.transaction(async (_transaction, say) => { all.forEach(say) })
}

/** What another statement waits for the sender's. */
async function ask ({ signal }: { signal: AbortSignal }): Promise<number[]> {
  const tookMs: number[] = []
  while (!signal.aborted) {
    await sleep(askEveryMs)
    const startedMs = performance.now()
    await sql`select id from tenants limit 1`.execute(opened().kysely)
    tookMs.push(performance.now() - startedMs)
  }
  return tookMs
}

answerCalls<NodeCalls>({
  start: async (request) => {
    node = await open(request)
    return null
  },

  send: async ({ on }) => {
    isSending = on
    opened().sender.wake([])
    return Date.now()
  },

  fill: async ({ events, from }) => {
    for (let first = 0; first < events; first += perTransaction) {
      await tell(Array.from({ length: Math.min(perTransaction, events - first) }, (_, index) => told(from + first + index)))
    }
    return null
  },

  pace: async ({ perSecond, forMs, from }) => {
    enough = new AbortController()
    const startMs = performance.now()
    const telling = new Set<Promise<void>>()
    const { urls } = opened()
    let lateMaxMs = 0
    let events = 0
    for (; !enough.signal.aborted && events * 1000 / perSecond < forMs; events++) {
      const lateMs = performance.now() - (startMs + events * 1000 / perSecond)
      if (lateMs < 0) await sleep(-lateMs)
      lateMaxMs = Math.max(lateMaxMs, lateMs)
      const one = tell([told(from + events % (urls.length - from))]).finally(() => telling.delete(one))
      telling.add(one)
    }
    await Promise.all(telling)
    return { events, lateMaxMs }
  },

  enough: async () => {
    enough.abort()
    return null
  },

  postpone: async () => {
    await sql`update deliveries set next_attempt_ms = next_attempt_ms + 3600000 where next_attempt_ms is not null`.execute(opened().kysely)
    return null
  },

  empty: async () => {
    await sql`delete from deliveries where next_attempt_ms is not null and claimed_by is null`.execute(opened().kysely)
    return null
  },

  plain: async ({ events, from }) => {
    const { urls, secret } = opened()
    return { perSecond: await postPlainly(events, { urls: urls.slice(from), secret, dispatcher }) }
  },

  ask: async () => {
    loop.reset()
    asked = new AbortController()
    asking = ask(asked)
    return null
  },

  others: async () => {
    const late = { loopP99Ms: loop.percentile(99) / 1e6, loopMaxMs: loop.max / 1e6 }
    asked.abort()
    return { ...late, statementMs: quantilesOf(await asking) }
  }
}, async () => {
  asked.abort()
  await asking
  await node?.sender.close()
  await dispatcher.destroy()
  await node?.database.close()
})
