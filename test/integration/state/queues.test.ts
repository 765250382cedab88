import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Job, PgBoss } from 'pg-boss'
import { inTransaction, type Database } from '../../../src/state/database.ts'
import { keepJobs, queues, startQueues, type RecordingJob } from '../../../src/state/queues.ts'
import { onBothDatabases, type OpenDatabase } from '../../helpers/databases.ts'
import { closeAfter, type Scope } from '../../helpers/scope.ts'

async function start (scope: Scope, database: Database): Promise<PgBoss> {
  const boss = database.createBoss()
  await startQueues(boss)
  closeAfter(scope, () => boss.stop({ graceful: false }))
  return boss
}

async function open (scope: Parameters<OpenDatabase>[0], openDatabase: OpenDatabase): Promise<{ database: Database, boss: PgBoss }> {
  const database = await openDatabase(scope)
  return { database, boss: await start(scope, database) }
}

async function fetched (boss: PgBoss): Promise<Job<RecordingJob>[]> {
  return await boss.fetch<RecordingJob>(queues.recording, { batchSize: 50 })
}

async function send (boss: PgBoss, recordingId: string): Promise<string | null> {
  return await boss.send(queues.recording, { recordingId } satisfies RecordingJob, { id: randomUUID(), singletonKey: recordingId })
}

/** Sets a job's last heartbeat back, as if its owner had been silent since. */
async function silent (database: Database, jobId: string, seconds: number): Promise<void> {
  await sql`update pgboss.job set heartbeat_on = now() - ${seconds} * interval '1 second' where id = ${jobId}::uuid`.execute(database.kysely)
}

onBothDatabases('a job is queued exactly when the transaction beside it is done', async (t, openDatabase) => {
  const { database: { kysely }, boss } = await open(t, openDatabase)
  const run = (recordingId: string, fails: boolean) => kysely.transaction().execute(async (transaction) => {
    await boss.send(queues.recording, { recordingId }, { singletonKey: recordingId, db: inTransaction(transaction) })
    if (fails) throw new Error('undone')
  })

  await assert.rejects(run('rec_undone', true), { message: 'undone' })
  assert.deepEqual(await fetched(boss), [])
  await run('rec_done', false)
  assert.deepEqual((await fetched(boss)).map(({ data }) => data.recordingId), ['rec_done'])
})

onBothDatabases('a recording has one job, and one owner', async (t, openDatabase) => {
  const { database, boss } = await open(t, openDatabase)
  const other = await start(t, database)
  await send(boss, 'rec_1')

  assert.equal(await send(boss, 'rec_1'), null)
  const owners = await Promise.all([fetched(boss), fetched(other)])
  assert.equal(owners.flat().length, 1)
  assert.equal(await send(boss, 'rec_1'), null, 'nor while it is owned')
  await boss.complete(queues.recording, owners.flat()[0]!)
  assert.notEqual(await send(boss, 'rec_1'), null, 'but after it')
})

onBothDatabases('a job whose owner falls silent goes to another, and the former owner can keep it no longer', async (t, openDatabase) => {
  const { database, boss } = await open(t, openDatabase)
  for (const id of ['rec_kept', 'rec_lost']) await send(boss, id)
  const jobs = await fetched(boss)
  const [kept, lost] = ['rec_kept', 'rec_lost'].map((id) => jobs.find(({ data }) => data.recordingId === id)!) as [Job<RecordingJob>, Job<RecordingJob>]

  for (const { id } of jobs) await silent(database, id, 11)
  assert.equal(await keepJobs(boss, queues.recording, [kept]), 1)
  await boss.supervise(queues.recording)
  const taken = await fetched(boss)

  assert.deepEqual(taken.map(({ data }) => data.recordingId), ['rec_lost'])
  assert.equal(await keepJobs(boss, queues.recording, [kept, lost]), 1)
  assert.equal(await keepJobs(boss, queues.recording, [kept, ...taken]), 2)

  await boss.fail(queues.recording, kept, { reason: 'node stopped' })
  assert.deepEqual((await fetched(boss)).map(({ data, retryCount }) => [data.recordingId, retryCount]), [['rec_kept', 1]], 'one that is given back goes at once')
})
