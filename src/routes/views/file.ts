import { Type, type Static } from 'typebox'
import type { StoredFile } from '../../state/tracks.ts'
import { gapCause, type AbsenceSpan } from '../../timeline/gap-cause.ts'
import { gapCauses } from '../../timeline/schema.ts'
import type { Seen } from '../../timeline/seen.ts'

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

/** @param seen what the room's events say of the user, undefined when none spoke of them */
export function fileView (file: StoredFile, seen: Seen | undefined, absences: readonly AbsenceSpan[]): FileView {
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
    Gaps: file.gaps.map((gap) => ({ StartMs: gap.startMs, EndMs: gap.endMs, Cause: gapCause(gap, seen, absences) })),
    Partial: file.partial,
    Label: file.label
  }
}
