import { intersect } from '../core/spans.ts'
import type { SourceWithTask } from '../state/sources.ts'
import type { Person } from './people.ts'
import type { Skipped } from './skipped.ts'
import { isOrphan, type SourceFault } from './source-faults.ts'
import type { Evidence } from './state.ts'
import type { Notice } from './warnings.ts'

/** A person, and what was found of him. */
interface JudgedPerson extends Person {
  faults: SourceFault[]
  /** He was to be heard, and no file of his is stored. */
  isUnheard: boolean
  loss: { lostMs: number, causes: string[] }
}

interface Judged {
  people: JudgedPerson[]
  isStored: boolean
  isSettled: boolean
  /** More was lost by our own doing than may be. */
  isLossy: boolean
  longestBlindMs: number
  skipped: Skipped[]
}

/** In a longer absence TRTC may have given up telling of an event. */
export const tolerableBlindMs = 50_000
/** A push mostly comes sooner after it was announced. */
const soonMs = 3_000
/** How long after its start a recording whose room no event told of warns of it. */
const quietMs = 10_000

/** All that is worth a warning, in no order but the newer of a kind and user after the older. */
export function noticesOf (judged: Judged, evidence: Evidence, nowMs: number): Notice[] {
  const { people, isSettled, longestBlindMs } = judged
  return [
    ...people.flatMap((person) => [
      ...faultNotices(person, judged),
      ...trackNotices(person, judged),
      ...relayNotices(person, evidence, nowMs),
      ...isSettled && person.isUnheard ? [about(person, 'SpeakerUnheard')] : [],
      ...judged.isLossy && person.loss.lostMs > 0 ? [about(person, 'AudioMissing', `${inSeconds(person.loss.lostMs)} (${person.loss.causes.join(', ')})`)] : [],
      ...person.seen !== undefined && person.seen.unconfirmed.length > 0 ? [about(person, 'MemberUnconfirmed')] : []
    ]),
    ...longestBlindMs > tolerableBlindMs ? [about(everybody, 'Blind', inSeconds(longestBlindMs))] : [],
    ...roomNotices(judged, evidence, nowMs)
  ]
}

function roomNotices ({ people, isStored, skipped }: Judged, { recording, tracks, isTold }: Evidence, nowMs: number): Notice[] {
  const isLate = recording.endedMs !== null || (tracks.length === 0 && nowMs - recording.createdMs >= quietMs)
  const isAlone = people.every(({ onStage }) => onStage.length === 0) && skipped.some(({ Cause }) => Cause !== 'robot')
  return [...!isTold && !isStored && isLate ? [about(everybody, 'NoEvents')] : [], ...isAlone ? [about(everybody, 'EverybodySkipped')] : []]
}

/** The faults of a user's sources that are worth a warning: those that last, and those that cost audio. */
function faultNotices ({ faults }: JudgedPerson, { isStored }: Judged): Notice[] {
  return faults.filter(({ isOver, isWanted, isMissed }) => !isOver || isMissed || (isWanted && !isStored))
}

function trackNotices (person: JudgedPerson, { isLossy, isSettled }: Judged): Notice[] {
  const isHurt = (isLossy && person.loss.lostMs > 0) || (isSettled && person.isUnheard)
  return person.tracks.flatMap((track) => [
    ...track.message !== '' || track.lostMs !== null ? [about(person, track.lostMs === null ? 'FileNotStored' : 'AudioLost', track.message)] : [],
    ...track.trouble !== null && (track.closedMs === null || (isHurt && track.trouble !== 'UploadDelayed')) ? [about(person, track.trouble, track.troubleMessage)] : []
  ] satisfies Notice[])
}

function relayNotices (person: JudgedPerson, { recording, sources }: Evidence, nowMs: number): Notice[] {
  const own = sources.filter(({ userId }) => userId === person.userId)
  const isPaused = person.paused.some(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs)
  const isWaiting = recording.endedMs === null && !isPaused && own.some((source) => isAwaited(source) && nowMs - announcedMs(source, person) >= soonMs)
  return [
    ...isWaiting ? [about(person, 'SourceWaiting')] : [],
    ...own.some(isOrphan) ? [about(person, 'RelayOrphan')] : []
  ]
}

/** Asked for, and neither come nor failed. */
function isAwaited ({ pushedMs, absentMs, trouble, failedMs, stoppedMs, stopAskedMs }: SourceWithTask): boolean {
  return [pushedMs, absentMs, trouble, failedMs, stoppedMs, stopAskedMs].every((each) => each === null)
}

/** When audio of a source was announced: by TRTC, that it pushes; by an event, that the user is heard. */
function announcedMs ({ createdMs, toldMs }: SourceWithTask, { audible }: Person): number {
  const [heard] = intersect(audible, [{ startMs: createdMs, endMs: Infinity }])
  return Math.min(toldMs ?? Infinity, heard?.startMs ?? Infinity)
}

const everybody = { userId: '' }

function about ({ userId }: { userId: string }, code: Notice['code'], message = ''): Notice {
  return { code, userId, message }
}

function inSeconds (ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
