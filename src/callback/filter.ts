import { matchesPattern } from '../core/pattern.ts'
import type { EndpointChoice } from '../state/endpoints.ts'

/** What of an event decides who gets it. */
export interface EventFacts {
  type: string
  sdkAppId?: number | undefined
  /** The room's id as text. */
  room?: string | undefined
  /** Who is heard, and how their files are labelled; undefined: it speaks of no single speaker. */
  speaker?: { userId: string, label: string } | undefined
}

/** Whether an endpoint of a tenant's own wants an event. What an event does not have keeps it from nobody. */
export function wants ({ types, filters }: Pick<EndpointChoice, 'types' | 'filters'>, { type, sdkAppId, room, speaker }: EventFacts): boolean {
  return matchesAny(types, type) &&
    (filters.sdkAppIds === undefined || sdkAppId === undefined || filters.sdkAppIds.includes(sdkAppId)) &&
    (room === undefined || matchesAny(filters.rooms, room)) &&
    (speaker === undefined || (matchesAny(filters.userIds, speaker.userId) && matchesAny(filters.labels, speaker.label)))
}

function matchesAny (patterns: readonly string[] | undefined, text: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matchesPattern(pattern, text))
}
