import type { Span } from '../core/spans.ts'
import { blindOf, ownLossOf } from './losses.ts'
import { noticesOf, tolerableBlindMs } from './notices.ts'
import { peopleOf, wasAnnounced } from './people.ts'
import { maxSkipped, skippedOf, type Skipped } from './skipped.ts'
import { sourceFaults } from './source-faults.ts'
import { isSettled, type Evidence } from './state.ts'
import { warningsOf, type Warning } from './warnings.ts'

/** What became of a recording. */
export interface Verdict {
  /** As it is, or would be if the recording were complete now. */
  status: 'Completed' | 'Failed'
  /** Audio that came, or was announced, is in no stored file. */
  incomplete: boolean
  warnings: Warning[]
  /** That of the first warning, or ''. */
  message: string
  skipped: Skipped[]
  /** Of all, also of those beyond what `skipped` lists. */
  skippedCount: number
  blind: Span[]
}

/** How much audio, of all users together, the gateway may lose by its own doing until the recording is incomplete. What one kill costs is less. */
const tolerableLossMs = 1_000

/** What is to be said of a recording. Pure: the same rows, in whatever order, give the same verdict. */
export function verdict (evidence: Evidence, nowMs: number): Verdict {
  const { tracks, files, isTold } = evidence
  const people = peopleOf(evidence, nowMs).map((person) => ({
    ...person,
    faults: sourceFaults(person, evidence),
    isUnheard: person.files.length === 0 && wasAnnounced(person),
    loss: ownLossOf(person, evidence, nowMs)
  }))
  const blind = blindOf(evidence)
  const skipped = skippedOf(evidence)

  const lostMs = people.reduce((sum, { loss }) => sum + loss.lostMs, 0)
  const judged = {
    people,
    isStored: files.length > 0,
    isSettled: isSettled(evidence),
    isLossy: lostMs > tolerableLossMs,
    longestBlindMs: Math.max(0, ...blind.map(({ startMs, endMs }) => Math.min(endMs, nowMs) - startMs)),
    skipped
  }
  const isUnstored = tracks.some(({ message, lostMs: atMs }) => message !== '' || atMs !== null)
  const incomplete = judged.isLossy || judged.longestBlindMs > tolerableBlindMs || isUnstored ||
    people.some(({ faults, isUnheard }) => faults.some(({ isMissed }) => isMissed) || (judged.isSettled && isUnheard))
  const wasSilent = isTold && !isUnstored && people.every(({ faults, isUnheard }) => !isUnheard && !faults.some(({ isWanted }) => isWanted))
  const warnings = warningsOf(noticesOf(judged, evidence, nowMs))
  return {
    status: judged.isStored || wasSilent ? 'Completed' : 'Failed',
    incomplete,
    warnings,
    message: warnings[0]?.Message ?? '',
    skipped: skipped.slice(0, maxSkipped),
    skippedCount: skipped.length,
    blind
  }
}
