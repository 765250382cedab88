import type { JobAttempt, PgBoss } from 'pg-boss'
import type { ReplayFilter } from './replays.ts'

/** A recording to be run. The job is its lease: whoever holds it and keeps its heartbeat owns the recording. */
export interface RecordingJob { recordingId: string }

/** Deliveries of an endpoint that are to be made again. */
export interface ReplayJob extends ReplayFilter { tenantId: string, endpointId: string }

export const queues = { recording: 'recording', retention: 'retention', replay: 'replay' } as const

/** Seconds without a sign of life after which another node may take a recording over. The queue engine's least is 10. */
const recordingHeartbeatSeconds = 10
const replayHeartbeatSeconds = 30

const dayInSeconds = 86_400

/** Starts the queue engine with every queue made, so that nothing is looked up inside a transaction later. */
export async function startQueues (boss: PgBoss): Promise<void> {
  await boss.start()
  await boss.createQueue(queues.recording, {
    policy: 'exclusive',
    heartbeatSeconds: recordingHeartbeatSeconds,
    // A day is the engine's most; a session that outlives it is handed its own job again.
    expireInSeconds: dayInSeconds,
    retryLimit: 1_000_000,
    // Longest time a bucket may be away.
    retentionSeconds: 365 * dayInSeconds,
    deleteAfterSeconds: dayInSeconds
  })
  // Of versions in which each attempt to deliver was a job
  if (await boss.getQueue('callback') !== null) await boss.deleteQueue('callback')
  await boss.createQueue(queues.replay, {
    notify: true,
    heartbeatSeconds: replayHeartbeatSeconds,
    expireInSeconds: dayInSeconds,
    retryLimit: 1_000,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 60,
    deleteAfterSeconds: dayInSeconds
  })
  await boss.createQueue(queues.retention, { policy: 'singleton', deleteAfterSeconds: dayInSeconds })
}

/** Renews the heartbeats of jobs that are ours. @returns how many still are */
export async function keepJobs (boss: PgBoss, name: string, jobs: JobAttempt[]): Promise<number> {
  // The engine's own type leaves the answer's members out.
  const { affected } = await boss.touch(name, jobs) as { affected: number }
  return affected
}
