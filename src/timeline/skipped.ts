import { seenOf } from './seen.ts'
import { isToRecord, type Evidence } from './state.ts'
import { isRobot } from '../trtc/robot-id.ts'

/** Why somebody who was on stage is not recorded: not subscribed to; the recorder itself; a relay robot, of this gateway or of another. */
export const skipCauses = ['subscribe', 'recorder', 'robot'] as const

export interface Skipped { UserId: string, Cause: typeof skipCauses[number] }

/** At most so many are told. */
export const maxSkipped = 200

/** Whoever was on stage during the recording and is not to be recorded, by id. */
export function skippedOf (evidence: Evidence): Skipped[] {
  const { recording, robots } = evidence
  const seen = [...seenOf(evidence)].filter(([userId, { onStage }]) => onStage.length > 0 && !isRobot(userId) && !isToRecord(recording, userId))
  const skipped = [
    ...seen.map(([userId]): Skipped => ({ UserId: userId, Cause: userId === recording.userId ? 'recorder' : 'subscribe' })),
    ...[...new Set(robots)].map((userId): Skipped => ({ UserId: userId, Cause: 'robot' }))
  ]
  return skipped.sort((a, b) => a.UserId < b.UserId ? -1 : 1)
}
