import type { MemberRow, RoomRows } from '../state/rooms.ts'
import type { SourceWithTask } from '../state/sources.ts'
import { anchorsOf } from './members.ts'

/** All that is known of who is in a room: what events told of members, and what TRTC did with the tasks that were to push their audio. */
export interface Evidence {
  room: Pick<RoomRows, 'dismissedMs' | 'members'>
  /** Every source of the recording, oldest first. */
  sources: readonly SourceWithTask[]
  /** Users whose audio arrives now. */
  live: ReadonlySet<string>
  /** When a push last reached a port, as far as this process knows. */
  lastPushMs: (port: number) => number | undefined
  /** When this process began to listen. */
  listeningSinceMs: number
  /** How long TRTC keeps a task whose anchor is gone. */
  maxIdleMs: number
}

/** An anchor who is, or may be, in the room. */
export interface Attendance {
  userId: string
  /** By the events; Unix milliseconds. */
  sinceMs: number
  /** `unconfirmed`: may be gone though no event said so. */
  certainty: 'there' | 'unconfirmed'
  /** When it became unconfirmed; undefined while it is not, and when that is concluded only now. */
  unconfirmedMs: number | undefined
  /** Arrival of the last frame or event that showed the user. */
  lastSignMs: number
}

/** Every time by which it is judged who is there and who pushes. */
export const presenceTimes = {
  /** How long after its announcement a push may take until its source is absent. */
  absentAfterMs: 15_000,
  /** How long TRTC's relay tries to connect again before it gives up. */
  reconnectsForMs: 60_000,
  /** How long a relay is waited for, with some time for it to tell. */
  givesUpMs: 70_000,
  /** How long after we are back its relay is waited for before another one is asked for. */
  returnsWithinMs: 10_000,
  /** A task that ended is followed at once by another; a longer pause between the two proves nothing. */
  atOnceMs: 15_000,
  /** How much longer than TRTC keeps an idle task a push is waited for by which nobody was told of anything. */
  untoldMarginMs: 15_000,
  /** When somebody unconfirmed is asked for again, counted from then. */
  askAgainAfterMs: [60_000, 300_000, 900_000]
} as const

/** Who is there, since when and how sure. Pure; `nowMs` is of our clock. */
export function presence (evidence: Evidence, nowMs: number): Map<string, Attendance> {
  return new Map(anchorsOf(evidence.room).map((member) => [member.userId, attendanceOf(member, evidence, nowMs)]))
}

/** When the user is to be asked for, though unconfirmed: Unix milliseconds; undefined: no more, until an event tells of them. */
export function askAgainMs (
  { userId, unconfirmedMs }: Attendance, sources: readonly SourceWithTask[], recording: { createdMs: number }, nowMs: number
): number | undefined {
  const inheritedMs = unconfirmedMs !== undefined && recording.createdMs > unconfirmedMs ? recording.createdMs : undefined
  const fromMs = inheritedMs ?? unconfirmedMs ?? nowMs
  const tries = sources.filter((source) => source.userId === userId && source.createdMs >= fromMs).length
  const afterMs = presenceTimes.askAgainAfterMs[tries]
  if (afterMs === undefined) return undefined
  // A recording that begins now is asked for by somebody who expects to hear someone.
  return inheritedMs !== undefined && tries === 0 ? fromMs : fromMs + afterMs
}

function attendanceOf (member: MemberRow, evidence: Evidence, nowMs: number): Attendance {
  const { userId, presentMs, heardMs, unconfirmedMs } = member
  const own = evidence.sources.filter((source) => source.userId === userId)
  const isLive = evidence.live.has(userId)
  const isUnconfirmed = unconfirmedMs !== null || (!isLive && (endedTwice(member, own) || isUnheardOf(member, own, evidence, nowMs)))
  return {
    userId,
    sinceMs: presentMs,
    certainty: isUnconfirmed ? 'unconfirmed' : 'there',
    unconfirmedMs: unconfirmedMs ?? undefined,
    lastSignMs: isLive ? nowMs : Math.max(heardMs, ...own.map(({ lastFrameMs }) => lastFrameMs ?? 0))
  }
}

/**
 * Whether two tasks in a row, the second asked for at once, ended by themselves since the last event of the member. One that gave up before it
 * ended did so since we could not be reached; two at the same time tell no more than one.
 */
function endedTwice ({ lastEventMs }: MemberRow, own: readonly SourceWithTask[]): boolean {
  const taken = own.filter(({ outcome }) => outcome !== 'refused' && outcome !== 'unasked')
  const [first, second] = taken.slice(-2)
  if (first === undefined || second === undefined) return false
  const endedByItself = ({ idleMs, failedMs, relayStatusMs }: SourceWithTask): boolean =>
    idleMs !== null && failedMs === null && (relayStatusMs ?? 0) > lastEventMs
  const pauseMs = second.createdMs - (first.idleMs ?? 0)
  return endedByItself(first) && endedByItself(second) && pauseMs >= 0 && pauseMs <= presenceTimes.atOnceMs
}

/**
 * Whether somebody audible is pushed by nobody, though TRTC, which tells this app of no task, has had the time to push and to end, and other
 * pushes reach the same port.
 */
function isUnheardOf (
  { audible, heardMs }: MemberRow, own: readonly SourceWithTask[], { lastPushMs, listeningSinceMs, maxIdleMs }: Evidence, nowMs: number
): boolean {
  // Those that TRTC is known to have taken.
  const taken = own.filter(({ taskId }) => taskId !== null)
  const [first, last] = [taken[0], taken.at(-1)]
  if (audible !== true || first === undefined || last === undefined || last.port === null) return false
  const isPushed = ({ pushedMs, pushEndedMs, stoppedMs }: SourceWithTask): boolean => pushedMs !== null && pushEndedMs === null && stoppedMs === null
  if (own.some((source) => source.relayStatus !== null || isPushed(source))) return false
  const askedMs = Math.max(...taken.map(({ pushEndedMs }) => pushEndedMs ?? 0)) || first.createdMs
  const sinceMs = Math.max(askedMs, heardMs, listeningSinceMs)
  return nowMs - sinceMs > maxIdleMs + presenceTimes.untoldMarginMs && (lastPushMs(last.port) ?? -Infinity) > sinceMs
}
