import { intersect, lengthOf, subtract, type Span } from '../core/spans.ts'
import type { AbsenceRow } from '../state/absences.ts'
import type { Seen } from './seen.ts'

/** Causes that only say that nothing came; what the room tells of the user says more. */
const vague: ReadonlySet<string> = new Set(['missing', 'reconnected', 'disconnected'])

/** Causes of ours: audio came, or would have come, and we lost it. */
export const ownCauses: ReadonlySet<string> = new Set(['overload', 'away', 'disk', 'database'] satisfies Array<AbsenceRow['cause'] | 'overload'>)

/**
 * Why there is no audio of a user: as the track has noted it, unless for the most part of the gap the user was muted or away, or nobody here
 * could ask for another source.
 * @param seen undefined when no event spoke of the user: then nothing is known but the gap
 */
export function gapCause (gap: Span & { cause: string }, seen: Seen | undefined, absences: readonly AbsenceSpan[] = []): string {
  if (!vague.has(gap.cause)) return gap.cause
  return roomCause(gap, seen) ?? (gap.cause === 'disconnected' ? absences.find((absence) => isMostOf(gap, [absence]))?.cause : undefined) ?? gap.cause
}

/** `muted`, `left` or `unconfirmed` if the user was so for the most part of the span, whichever was longest. A user in the audience has left. */
export function roomCause (span: Span, seen: Seen | undefined): 'muted' | 'left' | 'unconfirmed' | undefined {
  if (seen === undefined) return undefined
  const mutedMs = lengthOf(intersect([span], seen.muted))
  const offStage = subtract([span], seen.onStage)
  if ((mutedMs + lengthOf(offStage)) * 2 <= span.endMs - span.startMs) return undefined
  const doubtedMs = lengthOf(intersect(offStage, seen.unconfirmed))
  const awayMs = lengthOf(offStage) - doubtedMs
  if (doubtedMs >= awayMs && doubtedMs > mutedMs) return 'unconfirmed'
  return awayMs > mutedMs ? 'left' : 'muted'
}

/** Whether the spans, which do not overlap, cover more than half. */
export function isMostOf (span: Span, spans: readonly Span[]): boolean {
  return lengthOf(intersect([span], spans)) * 2 > span.endMs - span.startMs
}

/** A span in which nobody here could record a user. */
export interface AbsenceSpan extends Span { cause: string }

/** The absences in which a user could not be recorded, those of the whole room among them; in order. */
export function absencesFor (userId: string, absences: readonly AbsenceRow[], window: Span): AbsenceSpan[] {
  return absences.filter((absence) => absence.cause !== 'events' && (absence.userId === null || absence.userId === userId))
    .flatMap(({ startMs, endMs, cause }) => intersect([{ startMs, endMs: endMs ?? Infinity }], [window]).map((span) => ({ ...span, cause })))
    .sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs || (a.cause < b.cause ? -1 : 1))
}
