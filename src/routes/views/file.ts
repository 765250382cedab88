import { Type, type Static } from 'typebox'
import type { Presence } from '../../rooms/presence.ts'
import type { FileRow, TrackRow } from '../../state/tracks.ts'
import { gapCause } from '../../timeline/gap-cause.ts'
import { gapCauses } from '../../timeline/schema.ts'

export const FileView = Type.Object({
  UserId: Type.String(),
  RecordFile: Type.String({ description: 'URL of the object.' }),
  Key: Type.String(),
  Bytes: Type.Integer(),
  Sha256: Type.String(),
  StartMs: Type.Integer({ description: "The room's time of the first sample, Unix milliseconds." }),
  EndMs: Type.Integer(),
  DurationMs: Type.Integer(),
  GapMs: Type.Integer(),
  Gaps: Type.Array(Type.Object({ StartMs: Type.Integer(), EndMs: Type.Integer(), Cause: Type.String({ description: gapCauses }) })),
  Partial: Type.Boolean({ description: 'Salvaged after a crash.' }),
  Label: Type.String()
})
export type FileView = Static<typeof FileView>

/** @param presence what the room's events say of the user, undefined when none spoke of them */
export function fileView (file: FileRow & Pick<TrackRow, 'userId' | 'label'>, presence: Presence | undefined): FileView {
  return {
    UserId: file.userId,
    RecordFile: file.url,
    Key: file.key,
    Bytes: file.bytes,
    Sha256: file.sha256,
    StartMs: file.startMs,
    EndMs: file.endMs,
    DurationMs: file.durationMs,
    GapMs: file.gapMs,
    Gaps: file.gaps.map((gap) => ({ StartMs: gap.startMs, EndMs: gap.endMs, Cause: gapCause(gap, presence) })),
    Partial: file.partial,
    Label: file.label
  }
}
