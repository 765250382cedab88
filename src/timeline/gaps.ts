import { intersect, subtract, type Span } from '../core/spans.ts'
import type { FileRow } from '../state/tracks.ts'
import { absencesFor, isMostOf, roomCause, type AbsenceSpan } from './gap-cause.ts'
import type { Person } from './people.ts'
import { windowOf, type Evidence } from './state.ts'

/** Time of a user that is in no file, and why. */
export interface PersonGap extends Span { cause: string }

/** Largest distance of two files of a user between which nothing is missing: it is rounding, and two frames at most. */
const seamMs = 50

/**
 * What is missing around the files of a user, in order: what lies between them; before the first and after the last, audio that came and was lost,
 * and time in which he was to be heard and nobody here could record him.
 */
export function gapsAround (person: Person, { recording, absences }: Evidence, nowMs: number): PersonGap[] {
  const { files, tracks } = person
  const window = windowOf(recording)
  const endMs = recording.endedMs ?? nowMs
  const away = absencesFor(person.userId, absences, { startMs: window.startMs, endMs })
  // Where audio began to come of tracks that are closed without it; it went on until the next file at the latest.
  const lostMs = tracks.flatMap((track) => track.audioMs === null || track.lostMs === null ? [] : [track.audioMs])
  const firstMs = Math.min(endMs, ...files.map((file) => file.startMs))
  const lastMs = Math.max(...files.map((file) => file.endMs))
  const before = { startMs: Math.min(...lostMs), endMs: firstMs }
  const after = { startMs: Math.min(...lostMs.filter((startMs) => startMs >= lastMs)), endMs }
  const lost = [before, ...files.length > 0 ? [after] : []].filter((span) => span.startMs < span.endMs)
  // What an open track holds is not known yet.
  const outside = person.isOpen ? [] : subtract([{ startMs: window.startMs, endMs: firstMs }, ...files.length > 0 ? [{ startMs: lastMs, endMs }] : []], lost)
  return [
    ...lost.map((span) => ({ ...span, cause: 'lost' })),
    ...outside.flatMap((span) => absencesIn(span, away, person)),
    ...files.flatMap((file, index) => gapsAfter(file, files[index + 1], lostMs, away, person))
  ].sort((a, b) => a.startMs - b.startMs)
}

/** Gaps between a file of a user and the next. */
function gapsAfter (file: FileRow, next: FileRow | undefined, lostMs: readonly number[], away: readonly AbsenceSpan[], person: Person): PersonGap[] {
  if (next === undefined || next.startMs - file.endMs <= seamMs) return []
  const span = { startMs: file.endMs, endMs: next.startMs }
  if (lostMs.some((startMs) => startMs >= span.startMs - seamMs && startMs < span.endMs)) return [{ ...span, cause: 'lost' }]
  // A new track, or a file that nobody finished, tells of a gateway or a thread that died, as `resumed` does.
  const ended = next.resumed || next.trackId !== file.trackId || file.partial ? 'away' : 'reconnected'
  const known = absencesIn(span, away, person)
  const rest = subtract([span], known).map((part) => ({ ...part, cause: isMostOf(part, person.paused) ? 'paused' : roomCause(part, person.seen) ?? ended }))
  return joined([...known, ...rest])
}

/** The parts of a span in which the user was to be heard and nobody here could record him. */
function absencesIn (span: Span, away: readonly AbsenceSpan[], { seen, audible, paused }: Person): PersonGap[] {
  // Of whom no event spoke, it is not known that he was there.
  const heard = seen === undefined ? [] : subtract(audible, paused)
  const parts: PersonGap[] = []
  for (const { cause, ...absence } of away) {
    const own = subtract(intersect(intersect([span], [absence]), heard), parts)
    parts.push(...own.filter((part) => part.endMs - part.startMs > seamMs).map((part) => ({ ...part, cause })))
  }
  return joined(parts)
}

/** Neighbours of one cause are one. */
function joined (gaps: readonly PersonGap[]): PersonGap[] {
  const all: PersonGap[] = []
  for (const gap of [...gaps].sort((a, b) => a.startMs - b.startMs)) {
    const last = all.at(-1)
    if (last?.cause === gap.cause && last.endMs === gap.startMs) last.endMs = gap.endMs
    else all.push({ ...gap })
  }
  return all
}
