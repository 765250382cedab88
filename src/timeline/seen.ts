import { intersect, subtract, type Span } from '../core/spans.ts'
import { staysOf, type Stays } from '../rooms/stays.ts'
import { windowOf, type Evidence } from './state.ts'

/** When a user was there, as far as that is sure. */
export interface Seen extends Stays {
  /** There by the room's events, but in doubt: nobody said that he left, and his relays found nobody. */
  unconfirmed: Span[]
  /** The part of it in which an event had called him audible. */
  maybeAudible: Span[]
}

/** When each user was there: by the room's events, and no longer than it is sure of members in doubt. */
export function seenOf (evidence: Evidence): Map<string, Seen> {
  const { events, recording, doubts, sources, tracks, files } = evidence
  const stays = staysOf(events, windowOf(recording))
  return new Map([...stays].map(([userId, own]) => {
    const doubt = doubts.find((each) => each.userId === userId)
    if (doubt === undefined) return [userId, { ...own, unconfirmed: [], maybeAudible: [] }]
    const framesMs = sources.filter((source) => source.userId === userId).map(({ firstAudioMs, lastFrameMs, pushEndedMs, stoppedMs }) =>
      firstAudioMs !== null && pushEndedMs === null && stoppedMs === null ? Infinity : lastFrameMs ?? 0)
    // Whoever knew of a source's last frame may have died without noting it: the file that was salvaged then says it, too.
    const trackIds = new Set(tracks.filter((track) => track.userId === userId).map(({ id }) => id))
    const salvagedMs = files.filter(({ trackId, partial }) => partial && trackIds.has(trackId)).map(({ endMs }) => endMs)
    return [userId, sureUntil(own, Math.max(doubt.heardMs, ...framesMs, ...salvagedMs))]
  }))
}

/** Ends a stay that no event has ended. */
function sureUntil ({ present, onStage, muted }: Stays, untilMs: number): Seen {
  const last = present.at(-1)
  const startMs = Math.max(untilMs, last?.startMs ?? 0)
  if (last === undefined || last.leaveReason !== null || startMs >= last.endMs) return { present, onStage, muted, unconfirmed: [], maybeAudible: [] }
  const doubtful = { startMs, endMs: last.endMs }
  const sure = { ...last, endMs: startMs, leaveReason: 'unconfirmed' }
  return {
    present: [...present.slice(0, -1), ...startMs > last.startMs ? [sure] : []],
    onStage: subtract(onStage, [doubtful]),
    muted: subtract(muted, [doubtful]),
    unconfirmed: intersect(onStage, [doubtful]),
    maybeAudible: subtract(intersect(onStage, [doubtful]), muted)
  }
}
