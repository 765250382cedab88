import { createHash } from 'node:crypto'

/** What the ids of all robots begin with. */
export const robotPrefix = 'roomtape-'

/** Characters of the digest in a robot's id: TRTC recommends at most 32 bytes for a user id; 23 in base64url are 138 bits. */
const digestLength = 23

/**
 * The user id of a relay robot, new for each source: a robot that has not timed out yet is never met by its successor.
 * @see TRTC docs, StartPublishCdnStream: AgentParams.UserId must not be in use anywhere else
 */
export function robotId (sourceId: string): string {
  return robotPrefix + createHash('sha256').update(sourceId).digest('base64url').slice(0, digestLength)
}

/** Whether a user of a room is one of our robots, or another gateway's. */
export function isRobot (userId: string): boolean {
  return userId.length === robotPrefix.length + digestLength && userId.startsWith(robotPrefix)
}
