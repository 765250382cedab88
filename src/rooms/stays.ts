import type { RoomEvent } from '../trtc/room-event.ts'
import { memberChange } from './members.ts'
import { intersect, subtract, type Span } from '../core/spans.ts'

/** A stay in the room. `leaveReason` as TRTC has it, `dismissed` when the room ended, null when it did not end within the window. */
interface Stay extends Span { leaveReason: string | null }

/** When one user was there, by the room's events. */
export interface Stays {
  present: Stay[]
  /** There as an anchor, one who can be heard. */
  onStage: Span[]
  /** There as an anchor, but sending no audio; so is everybody until an event tells of audio. */
  muted: Span[]
}

/** One aspect of a user: what events told of it, by their times in Unix milliseconds. */
type Told = Map<number, boolean>

const aspects = ['present', 'anchor', 'audible'] as const

/**
 * When each user was there, on stage and muted during `window`, by the times of the events alone: the order in which they came, and how often,
 * does not matter. Of two at the same millisecond the one that keeps a speaker counts, as in `mergeMember`; a dismissal outweighs both.
 * @param window `endMs` is Infinity while it goes on
 */
export function staysOf (events: readonly RoomEvent[], window: Span): Map<string, Stays> {
  const dismissals = events.flatMap((event) => event.kind === 'roomDismissed' ? [event.eventMs] : [])
  const byUser = Map.groupBy(events.filter((event) => 'userId' in event), ({ userId }) => userId)
  return new Map([...byUser].map(([userId, own]) => [userId, staysOfUser(own, dismissals, window)]))
}

function staysOfUser (events: readonly RoomEvent[], dismissals: readonly number[], window: Span): Stays {
  const told = { present: new Map<number, boolean>(), anchor: new Map<number, boolean>(), audible: new Map<number, boolean>() }
  for (const event of events) {
    const change = memberChange(event)
    for (const aspect of aspects) {
      const { value, atMs } = change?.[aspect] ?? {}
      if (value !== undefined && atMs !== undefined) told[aspect].set(atMs, value || told[aspect].get(atMs) === true)
    }
  }
  for (const atMs of dismissals) for (const aspect of aspects) told[aspect].set(atMs, false)

  const stays = spansOf(told.present)
  const present = intersect(stays, [window])
  const onStage = intersect(present, spansOf(told.anchor))
  const reasonAt = leaveReasons(events, dismissals)
  return {
    present: present.map((stay) => ({ ...stay, leaveReason: reasonAt.get(stay.endMs) ?? null })),
    onStage,
    muted: subtract(onStage, spansOf(told.audible))
  }
}

/** Spans in which the aspect was true. */
function spansOf (told: Told): Span[] {
  const spans: Span[] = []
  let since: number | undefined
  for (const [atMs, value] of [...told].sort(([a], [b]) => a - b)) {
    if (value) since ??= atMs
    else if (since !== undefined) {
      spans.push({ startMs: since, endMs: atMs })
      since = undefined
    }
  }
  return since === undefined ? spans : [...spans, { startMs: since, endMs: Infinity }]
}

function leaveReasons (events: readonly RoomEvent[], dismissals: readonly number[]): Map<number, string> {
  const reasons = new Map(dismissals.map((atMs) => [atMs, 'dismissed']))
  for (const event of events) {
    // Two reasons at one moment: whichever came first, the same one is named.
    if (event.kind === 'userLeft') reasons.set(event.eventMs, [event.reason, reasons.get(event.eventMs) ?? event.reason].sort()[0] ?? '')
  }
  return reasons
}
