import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { gatewayIdentity, heldWork, workingRow, type GatewayIdentity, type WorkingRow } from '../../../src/state/working-gateway.ts'
import type { Connection } from '../../../src/state/database.ts'
import { onBothDatabases } from '../../helpers/databases.ts'

function identity (processId: string, others: Partial<GatewayIdentity> = {}): GatewayIdentity {
  return { processId, nodeId: 'node_1', bootId: 'boot', host: 'host', lockInode: '1:1', ...others }
}

function rowOf (kysely: Connection, processId: string, others?: Partial<GatewayIdentity>) {
  return workingRow(kysely, identity(processId, others), { alone: false })
}

/** Sets the last sign of life, from now by the database's clock. */
async function seen (kysely: Connection, ms: number): Promise<void> {
  const owner = await workingRow(kysely, identity(''), { alone: false }).owner()
  await kysely.updateTable('workingGateway').set((eb) => ({ seenMs: eb('seenMs', '+', owner!.silentMs + ms) })).execute()
}

onBothDatabases('one process has the row; who shares node, boot, host and lock with it has it at once, all others when it lapsed', async (t, open) => {
  const { kysely } = await open(t)
  const first = rowOf(kysely, 'one')
  assert.deepEqual([await first.take(), await first.take(), await first.keep()], [true, true, true])

  const others: Partial<GatewayIdentity>[] = [{ nodeId: 'node_2' }, { bootId: 'later' }, { host: 'other' }, { lockInode: '1:2' }]
  for (const other of others) assert.equal(await rowOf(kysely, 'two', other).take(), false, JSON.stringify(other))
  const { silentMs, ...owner } = (await first.owner())!
  assert.deepEqual(owner, identity('one'))
  assert.ok(silentMs >= 0 && silentMs < 5_000, `${silentMs} ms`)

  const heir = rowOf(kysely, 'heir')
  assert.equal(await heir.take(), true)
  assert.deepEqual([await first.keep(), await heir.keep()], [false, true])
  await first.free()
  assert.equal(await rowOf(kysely, 'two', { host: 'other' }).take(), false, 'the former owner frees nothing')

  await seen(kysely, -9_000)
  assert.equal(await rowOf(kysely, 'two', { host: 'other' }).take(), false)
  await seen(kysely, -10_500)
  assert.equal(await heir.keep(), true, 'lapsed, and nobody came')
  await seen(kysely, -10_500)
  assert.equal(await rowOf(kysely, 'two', { host: 'other' }).take(), true)
  assert.equal(await heir.keep(), false)
})

onBothDatabases('a row that was freed, or is of a clock that was set back, is anybody\'s; whoever is alone asks nobody', async (t, open) => {
  const { kysely } = await open(t)
  const [one, two, three] = [rowOf(kysely, 'one'), rowOf(kysely, 'two', { host: 'two' }), rowOf(kysely, 'three', { host: 'three' })]
  await one.take()
  await one.free()

  assert.equal((await one.owner())?.processId, 'one', 'whoever thaws later finds whom it had to give way to')
  assert.equal(await two.take(), true)
  await seen(kysely, 60_000)
  assert.equal(await three.take(), true)
  assert.equal(await workingRow(kysely, identity('four', { host: 'four' }), { alone: true }).take(), true)
})

/** How long ago the process before worked, to the second; undefined: there was none. */
async function awayForSeconds (row: WorkingRow): Promise<number | undefined> {
  const { awayForMs } = await row.times()
  return awayForMs === undefined ? undefined : Math.round(awayForMs / 1_000)
}

onBothDatabases('whoever follows on another boot knows when the process before last worked: at its last sign of life, or when it ended in good order', async (t, open) => {
  const { kysely } = await open(t)
  const [one, two, three] = ['one', 'two', 'three'].map((name) => workingRow(kysely, identity(name, { bootId: `of ${name}` }), { alone: true })) as [WorkingRow, WorkingRow, WorkingRow]

  await one.take()
  assert.equal(await awayForSeconds(one), undefined, 'there was none before')
  await seen(kysely, -4_000)
  await two.take()
  await two.keep()
  assert.deepEqual([await awayForSeconds(one), await awayForSeconds(two)], [undefined, 4])
  await two.take()
  assert.equal(await awayForSeconds(two), 4, 'also when the answer was lost and it took the row again')
  await two.free()
  await kysely.updateTable('workingGateway').set((eb) => ({ freedMs: eb('freedMs', '-', 7_000) })).execute()
  await three.take()
  assert.equal(await awayForSeconds(three), 7)
})

onBothDatabases('on the same boot the database\'s clock may be set meanwhile: it is not asked, and the gateway\'s clock stays the same', async (t, open) => {
  const { kysely } = await open(t)
  const [one, two] = [rowOf(kysely, 'one'), rowOf(kysely, 'two')]
  await one.take()
  const { clockOffsetMs } = await one.times()
  await kysely.updateTable('workingGateway').set((eb) => ({
    seenMs: eb('seenMs', '-', 3_600_000), seenMonotonicMs: eb('seenMonotonicMs', '-', 4_000), clockOffsetMs: clockOffsetMs + 5_000
  })).execute()
  await two.take()
  assert.equal(await awayForSeconds(two), 4)
  assert.equal((await two.times()).clockOffsetMs, clockOffsetMs + 5_000)
  await workingRow(kysely, identity('three', { bootId: 'later' }), { alone: true }).take()
  const later = await workingRow(kysely, identity('three', { bootId: 'later' }), { alone: true }).times()
  assert.ok(Math.abs(later.clockOffsetMs - clockOffsetMs) < 1_000, 'another boot has another')
})

onBothDatabases('a process that ended before this was noted is as good as none', async (t, open) => {
  const { kysely } = await open(t)
  const [one, two] = [rowOf(kysely, 'one'), rowOf(kysely, 'two')]
  await one.take()
  await kysely.updateTable('workingGateway').set({ seenMs: 0, seenMonotonicMs: null }).execute()
  await two.take()

  assert.equal((await two.times()).awayForMs, undefined)
})

onBothDatabases('of many that ask at once one gets it', async (t, open) => {
  const { kysely } = await open(t)
  const taken = await Promise.all(Array.from({ length: 8 }, (_, number) => rowOf(kysely, `process-${number}`, { host: `host-${number}` }).take()))

  assert.equal(taken.filter(Boolean).length, 1)
})

onBothDatabases('a transaction of a process that stands still holds up nobody for longer than a lease lasts', async (t, open) => {
  const { kysely, kind } = await open(t)
  if (kind === 'embedded') return // which has one process
  await rowOf(kysely, 'one').take()
  const stuck = kysely.transaction().execute(async (transaction) => {
    await heldWork(transaction, 'one').execute()
    await sql`set local idle_in_transaction_session_timeout = 100`.execute(transaction)
    await sleep(1_000)
  })
  stuck.catch(() => undefined)
  await seen(kysely, -10_500) // waits for the row

  assert.equal(await rowOf(kysely, 'two', { host: 'other' }).take(), true)
  await assert.rejects(stuck, /terminat|connection error/i)
  const { rows } = await sql<{ setting: string }>`select current_setting('idle_in_transaction_session_timeout') as setting`.execute(kysely)
  assert.deepEqual(rows, [{ setting: '10s' }])
})

onBothDatabases('a transaction knows whether its process works', async (t, open) => {
  const { kysely } = await open(t)
  await rowOf(kysely, 'one').take()
  const held = await kysely.transaction().execute(async (transaction) => [await heldWork(transaction, 'one').execute(), await heldWork(transaction, 'two').execute()])

  assert.deepEqual(held.map(({ length }) => length), [1, 0])
})

test('each process is one of its own', () => {
  const dataDir = { path: '', nodeId: 'node_1', lock: { inode: '1:2', release: () => undefined } }
  const [one, two] = [gatewayIdentity(dataDir), gatewayIdentity(dataDir)]

  assert.notEqual(one.processId, two.processId)
  assert.deepEqual({ ...one, processId: '' }, { ...two, processId: '' })
  assert.deepEqual([one.nodeId, one.lockInode], ['node_1', '1:2'])
})
