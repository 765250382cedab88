import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { mintSecret } from '../../src/callback/signature.ts'
import { Child } from '../capture/child.ts'
import { machineCpuSeconds, usageOf } from '../capture/usage.ts'
import type { DatabaseName } from '../rooms/options.ts'
import type { CountedPostgres, StatementCount } from '../rooms/statements.ts'
import type { NodeCalls, Received, ReceiverCalls } from './calls.ts'
import type { Audience } from './options.ts'

/** What was measured of one sender, on one database, with one audience. */
export interface CallbacksRound extends Audience {
  database: DatabaseName
  answerMs: number
  /** Deliveries a second while the backlog drained and new events came. */
  drainedPerSecond: number
  /** Of a plain loop without a database. */
  plainPerSecond: number
  /** That one ends when nothing of the backlog is left, or its time is over. */
  isDrained: boolean
  drain: Phase
  /** From event to delivered, new ones alone. */
  paced: Received
  pace: Phase
  /** Every endpoint has something that waits for an hour. */
  idle: Phase
  /** How long a statement of others took while the backlog drained, and how late the event loop was. */
  others: NodeCalls['others']['result']
  statements: StatementCount[]
  faults: string[]
}

interface Phase {
  seconds: number
  /** CPU-seconds in a second, of the sender's process; with PostgreSQL, of that. */
  nodeCores: number
  postgresCores: number | undefined
  machineCores: number
  /** Statements; undefined: the embedded database does not count. */
  statements: number | undefined
  events: number
}

export interface RoundOptions extends Audience {
  answerMs: number
  backlog: number
  perSecond: number
  seconds: number
  directory: string
  profile: string | undefined
  database: { name: 'embedded' } | { name: 'postgres', server: CountedPostgres, databaseName: string }
}

const drainMsLimit = 60_000
/** How long the last deliveries may take. */
const lateMsLimit = 10_000
/** A tenant has 64 under way at the most: with more endpoints that would be what is measured. */
const endpointsPerTenant = 5

export async function runRound (options: RoundOptions, { signal }: { signal: AbortSignal }): Promise<CallbacksRound> {
  const { database, endpoints, hanging, answerMs, backlog, perSecond, seconds, directory, profile } = options
  await using stack = new AsyncDisposableStack()
  const receivers = stack.use(new Child<ReceiverCalls>(new URL('./receivers.ts', import.meta.url)))
  const node = stack.use(new Child<NodeCalls>(new URL('./node.ts', import.meta.url), profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]))
  const secret = mintSecret()
  const port = await receivers.call('start', { secret, answerMs }, { signal })
  // An address for each endpoint, so that each has connections of its own
  const urls = Array.from({ length: endpoints }, (_, index) => `http://127.1.${index >> 8}.${index & 255}:${port}/${index < hanging ? 'hang' : 'callbacks'}`)
  const databaseUrl = database.name === 'postgres' ? await database.server.create(database.databaseName) : undefined
  await node.call('start', { dataDir: join(directory, 'data'), databaseUrl, secret, urls, tenants: Math.ceil(endpoints / endpointsPerTenant) }, { signal })
  await node.call('plain', { events: backlog, from: hanging }, { signal }) // connects, and warms up
  const { perSecond: plainPerSecond } = await node.call('plain', { events: backlog, from: hanging }, { signal })

  const read = async () => {
    const counts = database.name === 'postgres' ? await database.server.look(database.databaseName) : undefined
    return { atMs: performance.now(), node: (await usageOf([node.pid])).cpuSeconds, machine: await machineCpuSeconds(), counts }
  }
  const lap = async (before: Awaited<ReturnType<typeof read>>, events: number): Promise<Phase> => {
    const after = await read()
    const seconds = (after.atMs - before.atMs) / 1_000
    const { counts } = before
    return {
      seconds,
      nodeCores: (after.node - before.node) / seconds,
      machineCores: (after.machine - before.machine) / seconds,
      postgresCores: counts && ((after.counts?.cpuSeconds ?? 0) - counts.cpuSeconds) / seconds,
      statements: counts && (after.counts?.statements ?? 0) - counts.statements,
      events
    }
  }

  await node.call('fill', { events: endpoints, from: 0 }, { signal })
  await node.call('postpone', null, { signal })
  await node.call('send', { on: true }, { signal })
  await delay(1_000, undefined, { signal })
  const idleFrom = await read()
  await delay(seconds * 1_000, undefined, { signal })
  const idle = await lap(idleFrom, 0)
  await node.call('send', { on: false }, { signal })
  await node.call('empty', null, { signal })

  await node.call('fill', { events: backlog, from: 0 }, { signal })
  const goodBacklog = Array.from({ length: backlog }, (_, index) => index % endpoints).filter((endpoint) => endpoint >= hanging).length
  await receivers.call('reset', null, { signal })
  await node.call('ask', null, { signal })
  const drainFrom = await read()
  const startMs = await node.call('send', { on: true }, { signal })
  const coming = node.call('pace', { perSecond, forMs: drainMsLimit, from: hanging }, { signal })
  const drained = await receivers.call('received', { events: goodBacklog, limitMs: drainMsLimit }, { signal })
  const drain = await lap(drainFrom, drained.events)
  const others = await node.call('others', null, { signal })
  await node.call('enough', null, { signal })
  const { events: came } = await coming
  const all = await receivers.call('received', { events: goodBacklog + came, limitMs: lateMsLimit }, { signal })

  await receivers.call('reset', null, { signal })
  const paceFrom = await read()
  const { events } = await node.call('pace', { perSecond, forMs: seconds * 1_000, from: hanging }, { signal })
  const paced = await receivers.call('received', { events, limitMs: lateMsLimit }, { signal })
  const pace = await lap(paceFrom, events)
  const statements = database.name === 'postgres' ? await database.server.most(database.databaseName) : []
  const faults = [
    ...all.events < goodBacklog + came ? [`${goodBacklog + came - all.events} of ${goodBacklog + came} were not delivered in time`] : [],
    ...paced.events < events ? [`${events - paced.events} of ${events} new events were not delivered in time`] : [],
    ...all.unsigned + paced.unsigned > 0 ? [`${all.unsigned + paced.unsigned} had a wrong signature`] : [],
    ...all.repeated + paced.repeated > 0 ? [`${all.repeated + paced.repeated} came twice`] : []
  ]
  const drainedPerSecond = drained.events / (drained.lastMs - startMs) * 1_000
  return {
    ...{ database: database.name, endpoints, hanging, answerMs },
    ...{ drainedPerSecond, plainPerSecond, isDrained: drained.events >= goodBacklog },
    ...{ drain, paced, pace, idle, others, statements, faults }
  }
}
