import type { PgBoss } from 'pg-boss'
import type { Clock } from '../core/clock.ts'
import type { Connection } from './database.ts'
import { deleteUnusedEndpoints } from './endpoints.ts'
import { deleteEventsBefore } from './events.ts'
import { deleteIdempotencyKeysBefore } from './idempotency-keys.ts'
import { queues } from './queues.ts'
import { deleteRecordingsBefore } from './recordings.ts'
import { deleteOrphanedTasks } from './relay-tasks.ts'
import { deleteRoomsBefore } from './rooms.ts'

const dayMs = 86_400_000
const everyNight = '17 3 * * *'
/** How many rows one statement deletes: more would hold up whoever waits for the database. */
const batchSize = 500

/** Deletes every night, on one node, what ended or was last heard of longer than `retentionDays` ago. */
export async function keepRetention ({ boss, kysely, clock, gatewayClock, retentionDays }: {
  boss: PgBoss, kysely: Connection, clock: Clock, gatewayClock: Clock, retentionDays: number
}): Promise<void> {
  await boss.schedule(queues.retention, everyNight)
  await boss.work(queues.retention, { pollingIntervalSeconds: 60 }, async () => {
    const beforeMs = clock.now() - retentionDays * dayMs
    await inBatches(() => deleteRecordingsBefore(kysely, beforeMs, batchSize))
    await inBatches(() => deleteEventsBefore(kysely, beforeMs, batchSize))
    await inBatches(() => deleteUnusedEndpoints(kysely, beforeMs, batchSize))
    await deleteOrphanedTasks(kysely)
    // Rooms and their events are dated by the gateway's clock.
    await deleteRoomsBefore(kysely, gatewayClock.now() - retentionDays * dayMs)
    await deleteIdempotencyKeysBefore(kysely, clock.now() - dayMs)
  })
}

async function inBatches (deleteSome: () => Promise<number>): Promise<void> {
  while (await deleteSome() === batchSize);
}
