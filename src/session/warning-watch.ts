import { recordingUpdated } from '../callback/events/recording-updated.ts'
import type { Outbox } from '../callback/outbox.ts'
import type { Clock } from '../core/clock.ts'
import { labelOf } from '../rooms/audience.ts'
import type { Connection } from '../state/database.ts'
import { noteWarned, type RecordingRow } from '../state/recordings.ts'
import type { SourceWithTask } from '../state/sources.ts'
import { loadEvidence } from '../timeline/load.ts'
import { isOrphan } from '../timeline/source-faults.ts'
import { verdict } from '../timeline/verdict.ts'
import { maxWarnings, type Warning } from '../timeline/warnings.ts'
import type { Desired } from './plan.ts'

export interface WarningWatchDeps {
  kysely: Connection
  outbox: Pick<Outbox, 'transaction'>
  /** The recording's. */
  clock: Clock
  /** The wall clock, by which events are dated. */
  wall: Clock
  resumeHoldMs: number
}

/** How long a recording may have nobody until it is looked why. */
const quietMs = 10_000

/**
 * Tells of warnings while a recording goes on, each once. What is loaded for every plan shows whether there can be a new one; only then all that is
 * known is judged, and a recording without trouble costs nothing. Which were told stands in the recording's row, so that a restart tells none again.
 */
export class WarningWatch {
  readonly #deps: WarningWatchDeps
  /** What was to be seen when it was last judged. */
  #seen: string | undefined

  /** @param recording as it was taken over: what a former owner has not judged is judged at once */
  constructor ({ generation }: Pick<RecordingRow, 'generation'>, deps: WarningWatchDeps) {
    this.#deps = deps
    this.#seen = generation > 1 ? undefined : ''
  }

  /** @param absences how many this process has noted */
  async look (desired: Desired, absences: number): Promise<void> {
    const seen = signsOf(desired, absences, this.#deps.clock.now())
    if (seen === this.#seen) return
    await this.#tellNew(desired.recording)
    this.#seen = seen
  }

  async #tellNew (recording: RecordingRow): Promise<void> {
    const { kysely, outbox, clock, wall, resumeHoldMs } = this.#deps
    const { tenantId, options: { policies }, warned } = recording
    const { warnings } = verdict(await loadEvidence(kysely, recording, { resumeHoldMs }), clock.now())
    const fresh = warnings.filter((warning) => !isPassing(warning) && !warned.includes(nameOf(warning))).slice(0, Math.max(0, maxWarnings - warned.length))
    if (fresh.length === 0) return
    await outbox.transaction(async (transaction, tell) => {
      if (!await noteWarned(transaction, recording, [...warned, ...fresh.map(nameOf)])) return
      for (const { Code, UserId, Message } of fresh) {
        const warning = { Code, UserId, Label: UserId === '' ? '' : labelOf(policies, UserId), Message }
        tell({ tenantId, event: recordingUpdated({ recording, warning }, wall.now()) })
      }
    })
  }
}

/** It is over within seconds, or `SourceAbsent`. */
function isPassing ({ Code }: Warning): boolean {
  return Code === 'SourceWaiting'
}

/** No code has a colon. */
function nameOf ({ Code, UserId }: Warning): string {
  return `${Code}:${UserId}`
}

/** What a warning may come of, as text: '' when there is nothing. */
function signsOf ({ recording, room, tracks, sources }: Desired, absences: number, nowMs: number): string {
  const { createdMs, endedMs } = recording
  const isQuiet = tracks.length === 0 && nowMs - createdMs >= quietMs
  const signs = [
    ...tracks.filter(({ trouble, message, lostMs }) => trouble !== null || message !== '' || lostMs !== null)
      .map(({ id, trouble, message, lostMs }) => [id, trouble, message, lostMs]),
    ...sources.filter(isTroubled).map(({ id, trouble, absentMs, failedMs }) => [id, trouble, absentMs, failedMs]),
    ...room.members.filter(({ unconfirmedMs }) => unconfirmedMs !== null).map(({ userId }) => [userId]),
    ...absences === 0 ? [] : [[absences]],
    ...isQuiet ? [room.members.some(({ anchor }) => anchor === true)] : []
  ]
  if (signs.length === 0) return ''
  // What trouble has cost is known when the files of its tracks are stored; at the end all is told at once.
  const stored = endedMs === null ? tracks.filter(({ closedMs }) => closedMs !== null).length : 0
  return JSON.stringify([...signs, stored])
}

function isTroubled (source: SourceWithTask): boolean {
  return source.trouble !== null || source.absentMs !== null || source.failedMs !== null || isOrphan(source)
}
