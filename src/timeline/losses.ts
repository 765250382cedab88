import { intersect, lengthOf, subtract, unite, type Span } from '../core/spans.ts'
import { deafCauses } from '../state/absences.ts'
import { absencesFor, gapCause, ownCauses } from './gap-cause.ts'
import { gapsAround } from './gaps.ts'
import type { Person } from './people.ts'
import { windowOf, type Evidence } from './state.ts'

/** A shorter absence of everybody is not listed: an event is told again before it would be missed. */
const leastBlindMs = 2_000

/** The spans in which nobody here heard the room's events; in order, within the recording. */
export function blindOf ({ recording, absences }: Evidence): Span[] {
  const isDeaf = new Set<string>(deafCauses)
  const all = absences.filter(({ userId, cause }) => userId === null && isDeaf.has(cause)).map(({ startMs, endMs }) => ({ startMs, endMs: endMs ?? Infinity }))
  return intersect(unite(all), [windowOf(recording)]).filter(({ startMs, endMs }) => endMs - startMs > leastBlindMs)
}

/** How much audio of somebody was lost by our own doing, milliseconds, and the causes. What an open track holds is not known yet. */
export function ownLossOf (person: Person, evidence: Evidence, nowMs: number): { lostMs: number, causes: string[] } {
  if (person.isOpen) return { lostMs: 0, causes: [] }
  const absences = absencesFor(person.userId, evidence.absences, windowOf(evidence.recording))
  const inFiles = person.files.flatMap(({ gaps }) => gaps.map((gap) => ({ ...gap, cause: gapCause(gap, person.seen, absences) })))
  const own = [...inFiles, ...gapsAround(person, evidence, nowMs)].filter(({ cause }) => ownCauses.has(cause))
  // What the disk could not take came, whatever the room's events say of the user; of the rest they say whether anything would have come.
  const came = unite(own.filter(({ cause }) => cause === 'overload'))
  const awaited = subtract(intersect(unite(own), person.audible), person.paused)
  const lostMs = lengthOf(unite([...came, ...awaited]))
  return { lostMs, causes: lostMs === 0 ? [] : [...new Set(own.map(({ cause }) => cause))].sort() }
}
