import { Type, type Static } from 'typebox'
import type { TrackRow } from '../../state/tracks.ts'

export const TrackView = Type.Object({
  TrackId: Type.String(),
  UserId: Type.String(),
  State: Type.Enum(['Open', 'Closed']),
  Paused: Type.Boolean({ description: 'Nothing is recorded now, for the whole recording or this user is paused.' }),
  Message: Type.String(),
  Segments: Type.Integer({ description: 'How many are stored.' }),
  LastSeq: Type.Integer({ description: 'Of the last of them; 0 when there is none.' })
})
export type TrackView = Static<typeof TrackView>

/** @param segments undefined when there are none */
export function trackView (track: TrackRow, { paused, segments }: { paused: boolean, segments: { count: number, lastSeq: number } | undefined }): TrackView {
  return {
    TrackId: track.id,
    UserId: track.userId,
    State: track.closedMs === null ? 'Open' : 'Closed',
    Paused: paused,
    Message: track.message,
    Segments: segments?.count ?? 0,
    LastSeq: segments?.lastSeq ?? 0
  }
}
