import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import { RelayStops } from '../../../../src/engines/relay/main/relay-stops.ts'
import { hearEvent, takeEvent } from '../../../../src/rooms/take-event.ts'
import type { Connection } from '../../../../src/state/database.ts'
import { changeRecording, deleteRecordingsBefore } from '../../../../src/state/recordings.ts'
import { countStops, deleteOrphanedTasks, findRelayTask, letSourceGo } from '../../../../src/state/relay-tasks.ts'
import { onBothDatabases } from '../../../helpers/databases.ts'
import { HandClock } from '../../../helpers/hand-clock.ts'
import { relayAppId, relayEvent, setRelayStage, startOf, type RelayStage } from '../../../helpers/relay-rows.ts'
import { closeAfter } from '../../../helpers/scope.ts'
import { bothAt } from '../../../helpers/no-clock.ts'

const dayMs = 86_400_000
const notYet = 'relay task not stopped yet'

interface Setting extends RelayStage {
  clock: HandClock
  /** Begins to stop what is due, as after a restart. */
  begin: () => RelayStops
  /** Starts a source and lets it go. @returns its TaskId */
  owe: (sourceId: string) => Promise<string>
  stopCalls: () => string[]
  outcome: (sourceId: string) => Promise<unknown>
}

async function set (t: TestContext, kysely: Connection): Promise<Setting> {
  const clock = new HandClock()
  const stage = await setRelayStage(t, kysely, { clock })
  const { app, cloud, relay, log, sources } = stage
  return {
    ...stage,
    clock,
    begin: () => {
      const stops = new RelayStops({ kysely, relay, clock, log: log.logger, appOf: async () => app, sleep: (ms, options) => clock.sleep(ms, options) })
      closeAfter(t, () => stops.close())
      stops.start()
      return stops
    },
    owe: async (sourceId) => {
      await sources().start(startOf(sourceId))
      await sources().letGo(sourceId)
      const { taskId } = (await findRelayTask(kysely, sourceId))!
      return taskId!
    },
    stopCalls: () => cloud.calls().flatMap(({ action, taskId }) => action === 'StopPublishCdnStream' ? [taskId ?? ''] : []),
    outcome: async (sourceId) => (await findRelayTask(kysely, sourceId))?.outcome
  }
}

/** Lets the clock run from one sleep to the next until something has come about. */
async function runUntil<T> (clock: HandClock, end: Promise<T>): Promise<T> {
  const going = Symbol('going')
  for (;;) {
    const ended = await Promise.race([end, clock.asleep().then(() => going)])
    if (ended !== going) return ended as T
    clock.wakeNext()
    await turn() // a database in this process answers without one, and calls of the cloud would never be heard
  }
}

/** Resolves when nothing is to be stopped any more, looked for each time that the stops have gone to sleep. */
async function noneLeft (clock: HandClock, kysely: Connection): Promise<void> {
  while (await countStops(kysely) > 0) await once(clock, 'sleep')
}

onBothDatabases('a Stop that fails is tried again, at longer and longer intervals of up to ten minutes, until TRTC confirms it', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, clock, log, begin, owe, stopCalls, outcome } = await set(t, kysely)
  const taskId = await owe('src_1')
  const madeAtMs: number[] = []
  cloud.faults.add({ kind: 'refuse', action: 'StopPublishCdnStream', code: 'FailedOperation.Busy', times: 12, onHit: () => { madeAtMs.push(clock.now()) } })
  begin()

  await runUntil(clock, noneLeft(clock, kysely))
  const delays = log.of(notYet).map(({ delayMs }) => delayMs as number)
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000, 600_000, 600_000])
  const early = madeAtMs.slice(1).filter((atMs, index) => atMs - madeAtMs[index]! < delays[index]!)
  assert.deepEqual(early, [], 'none is made before it is due')
  assert.deepEqual(stopCalls(), Array<string>(13).fill(taskId))
  assert.equal(await outcome('src_1'), 'stopped')
  assert.equal(cloud.tasks()[0]?.endedBy, 'stopped')
})

onBothDatabases('a Stop whose answer is lost, or that is an error of TRTC\'s own, is made again, and has then nothing to stop', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, clock, begin, owe, stopCalls, outcome } = await set(t, kysely)
  await owe('src_1')
  cloud.faults.add({ kind: 'lost-answer', action: 'StopPublishCdnStream' })
  cloud.faults.add({ kind: 'refuse', action: 'StopPublishCdnStream', code: 'InternalError' })
  begin()

  await runUntil(clock, noneLeft(clock, kysely))
  assert.equal(stopCalls().length, 3)
  assert.equal(await outcome('src_1'), 'noSuchTask')
})

onBothDatabases('a Stop outlives a restart, its session and the deletion of its recording', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, clock, log, row, begin, owe, stopCalls, outcome } = await set(t, kysely)
  const taskId = await owe('src_1')
  const mend = cloud.faults.add({ kind: 'refuse', action: 'StopPublishCdnStream', code: 'FailedOperation.Busy', times: Infinity })
  const former = begin()
  await runUntil(clock, log.nth(notYet, 5, t))
  await former.close()
  const before = stopCalls().length
  await letSourceGo(kysely, 'src_1', bothAt(1))
  await changeRecording(kysely, row.id, 0, { completedMs: 2 })
  assert.equal(await deleteRecordingsBefore(kysely, 3, 10), 1)
  await deleteOrphanedTasks(kysely)
  mend()

  begin()
  await runUntil(clock, noneLeft(clock, kysely))
  assert.ok(stopCalls().length > before)
  assert.deepEqual([...new Set(stopCalls())], [taskId])
  assert.equal(await outcome('src_1'), 'stopped')
  await deleteOrphanedTasks(kysely)
  assert.equal(await findRelayTask(kysely, 'src_1'), undefined)
})

onBothDatabases('a task that TRTC does not know any more needs no further Stop', async (t, open) => {
  const { kysely } = await open(t)
  const { app, clock, relay, begin, owe, stopCalls, outcome } = await set(t, kysely)
  const taskId = await owe('src_1')
  await relay.stop(app, { taskId, host: null }, { recordingId: 'rec_1', rank: () => 'stop' }, t)
  begin()

  await runUntil(clock, noneLeft(clock, kysely))
  assert.equal(await outcome('src_1'), 'noSuchTask')
  assert.equal(stopCalls().length, 2)
})

onBothDatabases('a Start whose answer was lost is stopped when a 401 tells its TaskId, be its source let go before or after', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, clock, sources, begin, outcome } = await set(t, kysely)
  const stops = begin()
  for (const sourceId of ['before', 'after']) {
    cloud.faults.add({ kind: 'lost-answer', action: 'StartPublishCdnStream' })
    await assert.rejects(sources().start(startOf(sourceId)))
  }
  const [first, second] = cloud.tasks()
  const tell = async ({ robotUserId, taskId }: NonNullable<typeof first>): Promise<boolean> => {
    const event = relayEvent({ robotId: robotUserId, taskId, status: 1, eventMs: 1_700_000_000_000 })
    const taken = await takeEvent(hearEvent(relayAppId, event, clock), kysely)
    return taken.isStopDue
  }

  await sources().letGo('before')
  const isDue = [await tell(first!), await tell(second!)]
  await sources().letGo('after')
  assert.deepEqual(isDue, [true, false])
  stops.wake()
  await runUntil(clock, noneLeft(clock, kysely))
  assert.deepEqual([await outcome('before'), await outcome('after')], ['stopped', 'stopped'])
  assert.deepEqual(cloud.tasks().map(({ endedBy }) => endedBy), ['stopped', 'stopped'])
})

onBothDatabases('a task of which a 401 says that it has ended is not stopped, and neither is one whose TaskId is not known', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, clock, sources, begin, owe, stopCalls, outcome } = await set(t, kysely)
  await owe('ended')
  const [ended] = cloud.tasks()
  cloud.faults.add({ kind: 'lost-answer', action: 'StartPublishCdnStream' })
  await assert.rejects(sources().start(startOf('unknown')))
  await sources().letGo('unknown')
  const taskId = await owe('other')
  const idle = relayEvent({ robotId: ended!.robotUserId, taskId: ended!.taskId, status: 0, eventMs: 1_700_000_000_000 })
  await takeEvent(hearEvent(relayAppId, idle, clock), kysely)
  begin()

  while (await countStops(kysely) > 1) await runUntil(clock, once(clock, 'sleep'))
  assert.deepEqual(stopCalls(), [taskId])
  assert.deepEqual([await outcome('ended'), await outcome('unknown'), await outcome('other')], ['idle', null, 'stopped'])
})

onBothDatabases('a Stop that hangs holds up no other, and is still due after a restart', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, clock, begin, owe, outcome } = await set(t, kysely)
  const hanging = await owe('hangs')
  await owe('other')
  cloud.faults.add({ kind: 'hang', action: 'StopPublishCdnStream', taskId: hanging })
  const stops = begin()

  while (await countStops(kysely) > 1) await runUntil(clock, once(clock, 'sleep'))
  assert.deepEqual([await outcome('hangs'), await outcome('other')], [null, 'stopped'])
  await stops.close()
  assert.partialDeepStrictEqual(await findRelayTask(kysely, 'hangs'), { stoppedMs: null, stopFailures: 0 })
  begin()
  await runUntil(clock, noneLeft(clock, kysely))
  assert.equal(await outcome('hangs'), 'stopped')
})

onBothDatabases('a Stop is given up, as an error, when its TaskId is 30 days old; one that nobody can make is given up with it', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, clock, log, sources, begin, owe, stopCalls, outcome } = await set(t, kysely)
  const taskId = await owe('known')
  cloud.faults.add({ kind: 'lost-answer', action: 'StartPublishCdnStream' })
  await assert.rejects(sources().start(startOf('unknown')))
  await sources().letGo('unknown')
  cloud.faults.add({ kind: 'refuse', action: 'StopPublishCdnStream', code: 'FailedOperation.Busy', times: Infinity })
  const stops = begin()
  await runUntil(clock, log.nth(notYet, 3, t))

  clock.advance(30 * dayMs + 1)
  stops.wake()
  await runUntil(clock, noneLeft(clock, kysely))
  const calls = stopCalls().length
  const [line, ...more] = log.of('a relay task was never stopped, and its TaskId is too old by now')
  assert.partialDeepStrictEqual(line, { level: 50, sourceId: 'known', taskId, sdkAppId: relayAppId })
  assert.deepEqual(more, [])
  assert.deepEqual([await outcome('known'), await outcome('unknown')], ['expired', 'expired'])
  await runUntil(clock, once(clock, 'sleep'))
  assert.equal(stopCalls().length, calls, 'and not made again')
})

onBothDatabases('a Stop that fails while the database takes no delay waits all the same', async (t, open) => {
  const { kysely } = await open(t)
  const { cloud, clock, log, begin, owe, stopCalls, outcome } = await set(t, kysely)
  await owe('src_1')
  await sql`alter table relay_tasks add constraint never_put_off check (stop_failures = 0)`.execute(kysely)
  closeAfter(t, () => sql`alter table relay_tasks drop constraint if exists never_put_off`.execute(kysely))
  cloud.faults.add({ kind: 'refuse', action: 'StopPublishCdnStream', code: 'FailedOperation.Busy' })
  const stops = begin()
  await log.nth('stop not put off', 1, t)
  const sinceMs = clock.now()

  for (let looks = 0; looks < 5; looks++) {
    const asleep = once(clock, 'sleep')
    stops.wake()
    await asleep
  }
  assert.equal(stopCalls().length, 1)
  await runUntil(clock, noneLeft(clock, kysely))
  assert.ok(clock.now() - sinceMs >= 30_000)
  assert.equal(await outcome('src_1'), 'stopped')
})

onBothDatabases('what keeps the stops from looking is over when the database is back', async (t, open) => {
  const { kysely } = await open(t)
  const { clock, log, begin, owe, outcome } = await set(t, kysely)
  await owe('src_1')
  await sql`alter table relay_tasks rename to relay_tasks_away`.execute(kysely)
  let isAway = true
  const back = async (): Promise<void> => {
    if (isAway) await sql`alter table relay_tasks_away rename to relay_tasks`.execute(kysely)
    isAway = false
  }
  closeAfter(t, back)
  begin()

  await runUntil(clock, log.nth('stops of relay tasks not looked for', 2, t))
  await back()
  await runUntil(clock, noneLeft(clock, kysely))
  assert.equal(await outcome('src_1'), 'stopped')
})
