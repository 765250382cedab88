import { hostname } from 'node:os'
import { sql } from 'kysely'
import { bootId } from '../core/boot-id.ts'
import { monotonicMs, offsetOf, systemClock } from '../core/clock.ts'
import { newId } from '../core/ids.ts'
import type { Connection } from './database.ts'
import { databaseNowMs } from './database-time.ts'
import type { DataDir } from './data-dir.ts'

/** A process that works on a database, or wants to. */
export interface GatewayIdentity {
  /** Random: of this process, not of the node. */
  processId: string
  nodeId: string
  /** Of this boot of the machine; '' where it has none. */
  bootId: string
  host: string
  /** Of the lock on DATA_DIR. */
  lockInode: string
}

/** Who works, and how long ago it last said so; a process that closed in good order stands here until another follows. */
export interface WorkingGateway extends GatewayIdentity { silentMs: number }

interface WorkingTimes {
  /** How long ago the process that had it before us last worked, milliseconds; undefined: there was none. */
  awayForMs: number | undefined
  /** When it did, by the database's clock of then. */
  awaySinceMs: number | undefined
  /** Of the gateway's clock: as it was when the first process of this boot of the machine took the row. */
  clockOffsetMs: number
}

/** The row that says which process works: a lease with a limit by the database's clock. */
export interface WorkingRow {
  /** Takes it when it has lapsed, or is free, or was this node's before a restart. @returns whether it is ours */
  take (): Promise<boolean>
  /** Says that we are alive. @returns whether it is still ours, lapsed or not */
  keep (): Promise<boolean>
  free (): Promise<void>
  /** What it says of the time since the row is ours. */
  times (): Promise<WorkingTimes>
  owner (): Promise<WorkingGateway | undefined>
}

/** Milliseconds without a sign of life after which another process may take the row. */
export const workLapsesMs = 10_000

const rowId = 1
/** Whoever takes the row again, as the answer was lost, follows whom it followed. */
const lastWorkedMs = sql<number | null>`case
  when working_gateway.process_id = excluded.process_id then working_gateway.away_since_ms
  when working_gateway.seen_ms = 0 then nullif(working_gateway.freed_ms, 0)
  else working_gateway.seen_ms end`
const sameBoot = sql<boolean>`(working_gateway.boot_id = excluded.boot_id and excluded.boot_id <> '')`
const lastWorkedMonotonicMs = sql<number | null>`case
  when working_gateway.process_id = excluded.process_id then working_gateway.away_monotonic_ms
  when ${sameBoot} then working_gateway.seen_monotonic_ms end`
const keptOffsetMs = sql<number>`coalesce(case when ${sameBoot} then working_gateway.clock_offset_ms end, excluded.clock_offset_ms)`

/** A new identity for this process. */
export function gatewayIdentity ({ nodeId, lock }: DataDir): GatewayIdentity {
  return { processId: newId('process'), nodeId, bootId: bootId(), host: hostname(), lockInode: lock.inode }
}

/**
 * Who shares node, boot, host and lock file with the owner is its heir: it could not hold the lock if the owner were alive.
 * @param alone whoever opened the database is alone with it: the embedded one is in the folder that is locked
 */
export function workingRow (db: Connection, identity: GatewayIdentity, { alone }: { alone: boolean }): WorkingRow {
  const { processId, nodeId, bootId, host, lockInode } = identity
  return {
    async take () {
      const ours = { ...identity, seenMs: databaseNowMs, seenMonotonicMs: Math.round(monotonicMs()) }
      const row = await db.insertInto('workingGateway').values({ id: rowId, ...ours, clockOffsetMs: offsetOf(systemClock) })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({
          ...ours, awaySinceMs: lastWorkedMs, awayMonotonicMs: lastWorkedMonotonicMs, clockOffsetMs: keptOffsetMs
        }).where((eb) => eb.or([
          eb.val(alone),
          // Far ahead is as lapsed as far behind: the database's clock was set back, and no owner has been here since.
          sql<boolean>`working_gateway.seen_ms not between ${databaseNowMs} - ${workLapsesMs} and ${databaseNowMs} + ${workLapsesMs}`,
          eb.and({ 'workingGateway.nodeId': nodeId, 'workingGateway.bootId': bootId, 'workingGateway.host': host, 'workingGateway.lockInode': lockInode })
        ])))
        .returning('processId').executeTakeFirst()
      return row !== undefined
    },
    async keep () {
      const { numUpdatedRows } = await db.updateTable('workingGateway').set({ seenMs: databaseNowMs, seenMonotonicMs: Math.round(monotonicMs()) }).where('processId', '=', processId).executeTakeFirst()
      return numUpdatedRows === 1n
    },
    async free () {
      await db.updateTable('workingGateway').set({ seenMs: 0, freedMs: databaseNowMs, seenMonotonicMs: Math.round(monotonicMs()) }).where('processId', '=', processId).execute()
    },
    async times () {
      const row = await db.selectFrom('workingGateway').select(['awaySinceMs', 'awayMonotonicMs', 'clockOffsetMs', (eb) => eb(databaseNowMs, '-', eb.ref('awaySinceMs')).as('awayForMs')])
        .where('processId', '=', processId).executeTakeFirst()
      // The database's clock may be this machine's wall clock, which may have been set meanwhile.
      const monotonicForMs = row?.awayMonotonicMs == null ? undefined : Math.round(monotonicMs()) - row.awayMonotonicMs
      return {
        awayForMs: monotonicForMs ?? row?.awayForMs ?? undefined,
        awaySinceMs: row?.awaySinceMs ?? undefined,
        clockOffsetMs: row?.clockOffsetMs ?? offsetOf(systemClock)
      }
    },
    async owner () {
      return db.selectFrom('workingGateway').select(['processId', 'nodeId', 'bootId', 'host', 'lockInode'])
        .select((eb) => eb(databaseNowMs, '-', eb.ref('seenMs')).as('silentMs')).executeTakeFirst()
    }
  }
}

/** Asks whether this process is the one that works: one row if it is. Within a transaction it stays so until the end: whoever wants the row waits. */
export function heldWork (db: Connection, processId: string) {
  return db.selectFrom('workingGateway').select('id').where('processId', '=', processId).forShare()
}
