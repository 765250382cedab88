/** Which events an endpoint gets, beside their types: `*` at the end of an entry stands for any rest. What is absent keeps nothing out. */
export interface EndpointFilters {
  /** Of who is heard. Events that speak of no single speaker pass. */
  userIds?: string[]
  /** As `userIds`. */
  labels?: string[]
  /** Rooms, numeric ones as text. */
  rooms?: string[]
  sdkAppIds?: number[]
}

export const scheduleNames = ['standard', 'realtime'] as const
export type ScheduleName = typeof scheduleNames[number]

/** When failed deliveries are tried again: a schedule by name, or seconds from one attempt to the next. */
export type EndpointSchedule = ScheduleName | number[]

export const callbackFormats = ['full', 'template'] as const
/** `template`: the body of the serverless template, and nothing else. */
export type CallbackFormat = typeof callbackFormats[number]

/** What led to an attempt: the schedule, the test of an endpoint whose breaker is open, somebody who asked for it again, alone or for many. */
export type AttemptCause = 'schedule' | 'probe' | 'manual' | 'bulk'

/** Why we gave an endpoint up: it answered 410, nothing succeeded for five days, or its URL leads where callbacks may not go. */
export type GaveUp = 'gone' | 'failing' | 'blocked_target'
