import { intersect, subtract, unite, type Span } from '../core/spans.ts'
import type { FileRow, TrackRow } from '../state/tracks.ts'
import { seenOf, type Seen } from './seen.ts'
import { isToRecord, windowOf, type Evidence } from './state.ts'

/** Somebody to be recorded, and what there is of him. */
export interface Person {
  userId: string
  /** What the room's events tell; undefined when none spoke of him. */
  seen: Seen | undefined
  /** On stage within the recording and by now; all the time if no event spoke of him. */
  onStage: Span[]
  /** The part of it in which he was not known to be muted. */
  audible: Span[]
  /** Nobody was to record him: paused, or a pause has only just ended. */
  paused: Span[]
  tracks: TrackRow[]
  files: FileRow[]
  /** A track of his is not closed: what it holds is not known yet. */
  isOpen: boolean
}

/** Everybody to be recorded who was on stage, or whose audio was asked for; by id. */
export function peopleOf (evidence: Evidence, nowMs: number): Person[] {
  const { recording, tracks, sources } = evidence
  const seen = seenOf(evidence)
  const onStage = [...seen].filter(([, { onStage, unconfirmed }]) => onStage.length > 0 || unconfirmed.length > 0).map(([userId]) => userId)
  const asked = sources.flatMap(({ userId }) => userId === null ? [] : [userId])
  const userIds = new Set([...onStage, ...tracks.map(({ userId }) => userId), ...asked].filter((userId) => isToRecord(recording, userId)))
  return [...userIds].sort().map((userId) => personOf(userId, seen.get(userId), evidence, nowMs))
}

function personOf (userId: string, seen: Seen | undefined, evidence: Evidence, nowMs: number): Person {
  const window = windowOf(evidence.recording)
  const past = { ...window, endMs: Math.min(window.endMs, nowMs) }
  const tracks = evidence.tracks.filter((track) => track.userId === userId).sort((a, b) => a.number - b.number)
  const files = evidence.files.filter(({ trackId }) => tracks.some(({ id }) => id === trackId))
    .sort((a, b) => a.startMs - b.startMs || a.part - b.part || (a.trackId < b.trackId ? -1 : 1))
  const onStage = seen === undefined ? [past] : intersect(seen.onStage, [past])
  return {
    userId,
    seen,
    onStage,
    audible: subtract(onStage, seen?.muted ?? []),
    paused: pausedOf(userId, evidence),
    tracks,
    files,
    isOpen: tracks.some(({ closedMs }) => closedMs === null)
  }
}

function pausedOf (userId: string, { recording, pauses, resumeHoldMs }: Evidence): Span[] {
  const own = pauses.filter((pause) => pause.userId === null || pause.userId === userId)
  return intersect(unite(own.map(({ startMs, endMs }) => ({ startMs, endMs: (endMs ?? Infinity) + resumeHoldMs }))), [windowOf(recording)])
}

/** Whether he was to be heard, by an event that told so, also if he is in doubt since: that no push came may be his doing, or not. */
export function wasAnnounced (person: Person): boolean {
  return person.seen !== undefined && [...heardTimes(person), ...subtract(person.seen.maybeAudible, person.paused)].length > 0
}

/** When he was to be heard: on stage, not known to be muted, and not paused. */
export function heardTimes ({ audible, paused }: Person): Span[] {
  return subtract(audible, paused)
}
