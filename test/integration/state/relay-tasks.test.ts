import assert from 'node:assert/strict'
import type { Connection } from '../../../src/state/database.ts'
import {
  letSourceGo, countStops, delayStop, deleteOrphanedTasks, dueStops, endTask, expireStops, findRelayTask, insertRelayTask, nextStopMs, noteRelayStatus,
  setTaskId, type RelayTaskRow
} from '../../../src/state/relay-tasks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { bothAt } from '../../helpers/no-clock.ts'

const sdkAppId = 1_400_000_001
const dayMs = 86_400_000

async function insert (kysely: Connection, sourceId = 'src_1', createdMs = 1): Promise<void> {
  await insertRelayTask(kysely, { sourceId, sdkAppId, robotId: `robot-${sourceId}`, host: 'host', sealedKey: 'sealed', port: 1935, createdMs })
}

/** Tells of the robot of `src_1`, at TRTC's time, arriving at ours. */
async function tell (kysely: Connection, status: string, eventMs: number, heardMs: number, taskId: string | undefined = 'task'): Promise<boolean> {
  return (await noteRelayStatus(kysely, { sdkAppId, robotId: 'robot-src_1', taskId, status, eventMs, heardMs }))?.isStopDue === true
}

async function task (kysely: Connection, sourceId = 'src_1'): Promise<RelayTaskRow> {
  const row = await findRelayTask(kysely, sourceId)
  assert.ok(row !== undefined)
  return row
}

onBothDatabases('of what is told of a relay the newest counts, in whatever order it comes', async (t, open) => {
  const { kysely } = await open(t)
  await insert(kysely)
  assert.partialDeepStrictEqual(await task(kysely), { status: null, statusMs: 0, connectings: 0, toldMs: null, failedMs: null, idleMs: null, taskId: null })

  await tell(kysely, 'running', 20, 1_020)
  await tell(kysely, 'connecting', 10, 1_030)
  assert.partialDeepStrictEqual(await task(kysely), { status: 'running', statusMs: 20, connectings: 1, toldMs: 1_020, taskId: 'task' })
  await tell(kysely, 'recovering', 30, 1_040)
  assert.partialDeepStrictEqual(await task(kysely), { status: 'recovering', statusMs: 30, toldMs: 1_020 })
})

onBothDatabases('what is told of another app\'s robot, or of a robot nobody knows, changes nothing', async (t, open) => {
  const { kysely } = await open(t)
  await insert(kysely)
  const before = await task(kysely)

  assert.equal(await noteRelayStatus(kysely, { sdkAppId: sdkAppId + 1, robotId: 'robot-src_1', taskId: 't', status: 'failed', eventMs: 5, heardMs: 6 }), undefined)
  assert.equal(await noteRelayStatus(kysely, { sdkAppId, robotId: 'robot-other', taskId: 't', status: 'failed', eventMs: 5, heardMs: 6 }), undefined)
  assert.deepEqual(await task(kysely), before)
})

onBothDatabases('a push is announced by RUNNING, by FAILED or by a second CONNECTING, and by nothing else, when it was first told', async (t, open) => {
  const { kysely } = await open(t)
  const announcedBy = async (...statuses: string[]): Promise<number | null> => {
    await kysely.deleteFrom('relayTasks').execute()
    await insert(kysely)
    for (const [index, status] of statuses.entries()) await tell(kysely, status, index + 1, 1_001 + index)
    return (await task(kysely)).toldMs
  }

  assert.equal(await announcedBy('connecting'), null)
  assert.equal(await announcedBy('connecting', 'connecting', 'connecting'), 1_002)
  assert.equal(await announcedBy('connecting', 'running', 'failed'), 1_002)
  assert.equal(await announcedBy('failed', 'idle'), 1_001)
  assert.equal(await announcedBy('recovering', 'disconnecting', 'idle'), null)
})

for (const [first, second] of [['failed', 'idle'], ['idle', 'failed']] as const) {
  onBothDatabases(`of a failure and the end told of one millisecond both are known when ${first} arrives first, and the end came last`, async (t, open) => {
    const { kysely } = await open(t)
    await insert(kysely)

    await tell(kysely, first, 50, 1_000)
    await tell(kysely, second, 50, 1_001)

    const told = { failed: first === 'failed' ? 1_000 : 1_001, idle: first === 'idle' ? 1_000 : 1_001 }
    assert.partialDeepStrictEqual(await task(kysely), { status: 'idle', statusMs: 50, failedMs: told.failed, idleMs: told.idle, stoppedMs: null, outcome: null })
  })
}

onBothDatabases('a failure that is told late, after the end it led to, counts; an end that a newer status takes back does not', async (t, open) => {
  const { kysely } = await open(t)
  await insert(kysely)
  await tell(kysely, 'idle', 60, 1_000)
  await tell(kysely, 'failed', 40, 1_010)
  assert.partialDeepStrictEqual(await task(kysely), { status: 'idle', idleMs: 1_000, failedMs: 1_010 })

  await tell(kysely, 'connecting', 70, 1_020)
  assert.partialDeepStrictEqual(await task(kysely), { status: 'connecting', idleMs: null, failedMs: 1_010 })
  await tell(kysely, 'idle', 65, 1_030)
  assert.partialDeepStrictEqual(await task(kysely), { status: 'connecting', idleMs: null }, 'it is of before')
})

onBothDatabases('an end of a task that was to end is the Stop\'s, not the task\'s own, and ends the Stop', async (t, open) => {
  const { kysely } = await open(t)
  await insert(kysely)
  await setTaskId(kysely, 'src_1', 'task')
  await letSourceGo(kysely, 'src_1', bothAt(2_000))

  await tell(kysely, 'failed', 70, 2_050)
  assert.equal(await tell(kysely, 'idle', 80, 2_100), false, 'nothing is left to stop')
  assert.partialDeepStrictEqual(await task(kysely), { status: 'idle', idleMs: null, failedMs: null, stoppedMs: 2_100, outcome: 'idle' })
  assert.equal(await countStops(kysely), 0)
  await endTask(kysely, 'src_1', 'noSuchTask', 2_200)
  assert.partialDeepStrictEqual(await task(kysely), { stoppedMs: 2_100, outcome: 'idle' }, 'how it ended was known before')
})

onBothDatabases('a task that has ended by itself needs no Stop, and keeps when it ended', async (t, open) => {
  const { kysely } = await open(t)
  await insert(kysely)
  await tell(kysely, 'idle', 80, 1_100)
  await letSourceGo(kysely, 'src_1', bothAt(2_000))

  assert.partialDeepStrictEqual(await task(kysely), { idleMs: 1_100, stopAskedMs: 2_000, stoppedMs: 2_000, outcome: 'idle' })
  assert.deepEqual([await dueStops(kysely, 9_000, 9), await countStops(kysely)], [[], 0])
})

onBothDatabases('a TaskId told by a 401 before the Start is answered is the same as the answer\'s, and one told after a Stop was asked for makes that due', async (t, open) => {
  const { kysely } = await open(t)
  await insert(kysely)
  assert.equal(await tell(kysely, 'connecting', 10, 1_010), false, 'it is not to be stopped')
  assert.equal(await setTaskId(kysely, 'src_1', 'task'), false)
  assert.equal((await task(kysely)).taskId, 'task')

  await insert(kysely, 'src_2')
  await letSourceGo(kysely, 'src_2', bothAt(2_000))
  assert.deepEqual([await dueStops(kysely, 9_000, 9), await nextStopMs(kysely), await countStops(kysely)], [[], undefined, 1])
  assert.equal((await noteRelayStatus(kysely, { sdkAppId, robotId: 'robot-src_2', taskId: 'late', status: 'running', eventMs: 5, heardMs: 2_500 }))?.isStopDue, true)
  assert.partialDeepStrictEqual(await dueStops(kysely, 9_000, 9), [{ sourceId: 'src_2', taskId: 'late', host: 'host', recordingId: null, isDismissed: false, stopFailures: 0 }])
  assert.equal(await nextStopMs(kysely), 2_000)
})

onBothDatabases('a 401 without a TaskId takes none away, and a Stop asked for before the answer is due with it', async (t, open) => {
  const { kysely } = await open(t)
  await insert(kysely)
  await letSourceGo(kysely, 'src_1', bothAt(2_000))

  assert.equal(await setTaskId(kysely, 'src_1', 'task'), true)
  await noteRelayStatus(kysely, { sdkAppId, robotId: 'robot-src_1', taskId: undefined, status: 'connecting', eventMs: 10, heardMs: 2_100 })
  assert.equal((await task(kysely)).taskId, 'task')
})

onBothDatabases('Stops are due in the order in which they were asked for, each as long as it is put off, and asking again changes nothing', async (t, open) => {
  const { kysely } = await open(t)
  for (const [index, id] of ['src_1', 'src_2', 'src_3', 'src_4'].entries()) {
    await insert(kysely, id)
    if (id !== 'src_4') await setTaskId(kysely, id, `task-${id}`)
    if (id !== 'src_3') await letSourceGo(kysely, id, bothAt(1_000 - index))
  }
  const due = async (nowMs: number, limit = 9): Promise<string[]> => (await dueStops(kysely, nowMs, limit)).map(({ sourceId }) => sourceId)

  assert.deepEqual([await due(998), await due(999), await due(1_000), await due(1_000, 1)], [[], ['src_2'], ['src_2', 'src_1'], ['src_2']])
  await delayStop(kysely, 'src_2', 5_000)
  await letSourceGo(kysely, 'src_2', bothAt(1_500))
  assert.deepEqual([await due(4_999), await due(5_000), await nextStopMs(kysely), await countStops(kysely)], [['src_1'], ['src_1', 'src_2'], 1_000, 3])
  assert.partialDeepStrictEqual(await task(kysely, 'src_2'), { stopAskedMs: 999, stopFailures: 1 })
  await endTask(kysely, 'src_1', 'stopped', 6_000)
  assert.deepEqual([await due(9_000), await nextStopMs(kysely), await countStops(kysely)], [['src_2'], 5_000, 2])
  await letSourceGo(kysely, 'src_1', bothAt(7_000))
  assert.partialDeepStrictEqual(await task(kysely, 'src_1'), { stoppedMs: 6_000, outcome: 'stopped', stopAskedMs: 1_000 })
})

onBothDatabases('a Stop is given up 30 days after its Start, which is told where there was something to stop; what runs is left alone', async (t, open) => {
  const { kysely } = await open(t)
  for (const id of ['known', 'unknown', 'runs', 'done', 'young']) await insert(kysely, id, id === 'young' ? 1_001 : 1_000)
  for (const id of ['known', 'runs', 'done', 'young']) await setTaskId(kysely, id, `task-${id}`)
  for (const id of ['known', 'unknown', 'done', 'young']) await letSourceGo(kysely, id, bothAt(2_000))
  await endTask(kysely, 'done', 'stopped', 2_100)

  assert.deepEqual(await expireStops(kysely, 1_000 + 30 * dayMs), [])
  assert.deepEqual(await expireStops(kysely, 1_001 + 30 * dayMs), [{ sourceId: 'known', taskId: 'task-known', sdkAppId }])
  assert.deepEqual(await expireStops(kysely, 1_001 + 30 * dayMs), [], 'once')
  const outcomes = await Promise.all(['known', 'unknown', 'runs', 'done', 'young'].map(async (id) => (await task(kysely, id)).outcome))
  assert.deepEqual(outcomes, ['expired', 'expired', null, 'stopped', null])
  assert.equal(await countStops(kysely), 1)
})

onBothDatabases('a task whose recording was deleted is forgotten when it has ended, and not before', async (t, open) => {
  const { kysely } = await open(t)
  await insert(kysely)
  await setTaskId(kysely, 'src_1', 'task')
  await letSourceGo(kysely, 'src_1', bothAt(2_000))

  await deleteOrphanedTasks(kysely)
  assert.notEqual(await findRelayTask(kysely, 'src_1'), undefined)
  await endTask(kysely, 'src_1', 'stopped', 3_000)
  await deleteOrphanedTasks(kysely)
  assert.equal(await findRelayTask(kysely, 'src_1'), undefined)
})
