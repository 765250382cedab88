import type { Span } from '../../../src/core/spans.ts'
import type { PassedFrame, TappedConnection } from '../rtmp-tap.ts'

/** One user in one encoding: what a frame's number tells beside when it was said. */
export interface Voice { userId: string, frameMs: number }

/** Frames of a voice are numbered from here on: the room has less than 2^20 of them. */
export const voiceNumbers = 2 ** 20

/** Somebody was paused, or everybody. Unix milliseconds around the calls. */
export interface Pause { userId: string | undefined, askedMs: number, answeredMs: number, resumeAskedMs: number | undefined, resumedMs: number | undefined }

/** The gateway, or one of its capture threads, was not there: from the moment it was killed until it listened again, or until a thread was gone. */
export interface Absence {
  fromMs: number
  toMs: number
  /** Of the thread; undefined: of all. */
  port: number | undefined
}

/** All that was done in a recording, and every frame that was sent to the gateway. */
export interface Ledger {
  /** By their number. */
  voices: readonly Voice[]
  roomStartMs: number
  frames: readonly PassedFrame[]
  /** When each user spoke. */
  talks: readonly Talk[]
  /** How much later relays push what was said. */
  audioDelayMs: number
  pauses: readonly Pause[]
  absences: readonly Absence[]
  /** When nobody reached the database. */
  outages: readonly Span[]
  /** When a user's media clock stood still. */
  stalls: readonly Talk[]
  /** When the tenant asked for the end; undefined when the room was dismissed. */
  stopAskedMs: number | undefined
}

export interface Talk extends Span { userId: string }

/** A frame that was sent, and whether the gateway must have it (`received`), must not (`paused`), or may (`unsure`). */
export interface SentFrame extends PassedFrame { userId: string, saidMs: number, endMs: number, fate: 'received' | 'unsure' | 'paused' }

/** What a kill may cost, of what was sent before it: a second, and what a busy machine adds to the way to a fragment on the disk. */
export const killCostsMs = 1_000 + 200
/** How long before a connection that the gateway, or the network, broke a frame was under way at most. */
const underWayMs = 1_000
/** What arrived so long before a pause may not have been read by then: a capture thread naps between two looks, longer on a busy machine. */
const napMs = 300
/** How long a busy gateway needs to obey a pause. */
export const obeysMs = 1_500
/** What arrives for so long after a pause was said during it: `RESUME_HOLD_SECONDS`. */
export const resumeHoldMs = 3_000
/** What was said before a stop is kept while it comes, for so long after it, unless nothing comes for a while. */
const keptAfterStopMs = 3_000
/** Two clocks of one machine, and a frame. */
const clocksMs = 200

export function voiceOf ({ voices }: Pick<Ledger, 'voices'>, number: number): Voice | undefined {
  return voices[Math.floor(number / voiceNumbers)]
}

/** When a frame was said, Unix milliseconds. */
export function saidMsOf ({ voices, roomStartMs }: Pick<Ledger, 'voices' | 'roomStartMs'>, number: number): number {
  return roomStartMs + number % voiceNumbers * (voiceOf({ voices }, number)?.frameMs ?? NaN)
}

/** Every frame that was sent, once, at its best: a frame of two connections counts for the surer one. */
export function sentFrames (ledger: Ledger): Map<number, SentFrame> {
  const sent = new Map<number, SentFrame>()
  for (const frame of ledger.frames) {
    const voice = voiceOf(ledger, frame.number)
    if (voice === undefined) continue
    const { userId, frameMs } = voice
    const saidMs = saidMsOf(ledger, frame.number)
    const fate = fateOf(frame, userId, ledger)
    const known = sent.get(frame.number)
    if (known === undefined || known.fate === 'unsure') {
      sent.set(frame.number, { ...frame, userId, saidMs, endMs: saidMs + frameMs, fate })
    }
  }
  return sent
}

function fateOf ({ passedMs, connection }: PassedFrame, userId: string, { pauses, absences, stopAskedMs }: Ledger): SentFrame['fate'] {
  const own = pauses.filter((each) => each.userId === undefined || each.userId === userId)
  const isPaused = (pause: Pause): boolean =>
    passedMs > pause.answeredMs + obeysMs && passedMs < (pause.resumeAskedMs ?? Infinity) + resumeHoldMs - clocksMs
  if (own.some(isPaused)) return 'paused'
  if (own.some((pause) => passedMs >= pause.askedMs - napMs && passedMs < (pause.resumedMs ?? Infinity) + resumeHoldMs + obeysMs)) return 'unsure'
  if (stopAskedMs !== undefined && passedMs >= stopAskedMs + keptAfterStopMs - clocksMs) return 'unsure'
  const isDying = ({ fromMs, toMs, port }: Absence): boolean => (port === undefined || port === connection.port) &&
    passedMs > fromMs - killCostsMs && passedMs <= (port === undefined ? fromMs : toMs) + underWayMs
  if (absences.some(isDying)) return 'unsure'
  const isBroken = connection.endedBy === 'gateway' || connection.endedBy === 'reset'
  return isBroken && passedMs > (connection.endedMs ?? 0) - underWayMs ? 'unsure' : 'received'
}

/**
 * How late frames were sent by the fault of the machine that played them, which is that of no network: but for one in a thousand, which a moment's
 * standstill makes late.
 */
export function publishersLateMs (ledgers: readonly Ledger[]): number {
  const latenesses = ledgers.flatMap((ledger) => ledger.frames.filter(({ passedMs, connection }) => !isHeldUp(passedMs, connection))
    .map(({ number, passedMs }) => passedMs - saidMsOf(ledger, number) - ledger.audioDelayMs - (voiceOf(ledger, number)?.frameMs ?? 0)))
  return latenesses.sort((a, b) => b - a)[Math.floor(latenesses.length / 1_000)] ?? 0
}

function isHeldUp (passedMs: number, { heldUp }: TappedConnection): boolean {
  return heldUp.some(({ startMs, endMs }) => passedMs >= startMs && passedMs <= endMs + clocksMs)
}
