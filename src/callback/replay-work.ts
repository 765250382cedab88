import type { Logger } from 'pino'
import type { PgBoss } from 'pg-boss'
import type { Connection } from '../state/database.ts'
import { queues, type ReplayJob } from '../state/queues.ts'
import { replaySome } from '../state/replays.ts'
import type { Sender } from './sender.ts'

export interface ReplayWorkDeps {
  boss: PgBoss
  kysely: Connection
  sender: Pick<Sender, 'wake'>
  log: Logger
  /** Breaks off; the job begins anew at the next start. */
  signal: AbortSignal
}

/** How many rows one statement changes: more would hold up whoever waits for the database. */
const batchSize = 500

/**
 * Makes the deliveries of bulk replays due again, batch by batch; the sender paces them as it does all others. A job that breaks off finds those that
 * it made already waiting, or delivered once more: receivers deduplicate by `webhook-id`.
 */
export async function workReplays ({ boss, kysely, sender, log, signal }: ReplayWorkDeps): Promise<void> {
  await boss.work<ReplayJob>(queues.replay, { pollingIntervalSeconds: 2 }, async ([job]) => {
    if (job === undefined) return
    const { tenantId, endpointId, ...filter } = job.data
    for (let afterId: string | undefined = ''; afterId !== undefined;) {
      signal.throwIfAborted()
      job.signal.throwIfAborted()
      afterId = await replaySome(kysely, endpointId, { filter, afterId, most: batchSize })
      sender.wake([{ id: endpointId, tenantId }])
    }
    log.info({ endpointId, tenantId, jobId: job.id }, 'deliveries are made again')
  })
}
