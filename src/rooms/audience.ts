import { matchesPattern } from '../core/pattern.ts'
import type { RecordingOptions } from '../state/recording-options.ts'

/** Whether a recording is to hold this user: named or everyone, and not excluded; `*` at the end of a pattern stands for any rest. */
export function isSubscribed ({ userIds, excludeUserIds = [] }: RecordingOptions['subscribe'], userId: string): boolean {
  if (excludeUserIds.some((pattern) => matchesPattern(pattern, userId))) return false
  return userIds === undefined || userIds.some((pattern) => matchesPattern(pattern, userId))
}

/** The label of the first policy that names the user, or ''. */
export function labelOf (policies: RecordingOptions['policies'], userId: string): string {
  return policies.find((policy) => policy.userIds.some((pattern) => matchesPattern(pattern, userId)))?.label ?? ''
}
