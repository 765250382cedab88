import type { PassedFrame } from './rtmp-tap.ts'

/** One user in one encoding: what a frame's number tells beside when it was said. */
export interface Voice { userId: string, frameMs: number }

/** Frames of a voice are numbered from here on: the room has less than 2^20 of them. */
export const voiceNumbers = 2 ** 20

/** Somebody was paused, or everybody. Unix milliseconds around the calls. */
export interface Pause { userId: string | undefined, askedMs: number, answeredMs: number, resumeAskedMs: number | undefined, resumedMs: number | undefined }

/** All that was done in a recording, and every frame that was sent to the gateway. */
export interface Ledger {
  /** By their number. */
  voices: readonly Voice[]
  roomStartMs: number
  frames: readonly PassedFrame[]
  entries: readonly { userId: string, atMs: number }[]
  pauses: readonly Pause[]
  killsMs: readonly number[]
  /** When the tenant asked for the end; undefined when the room was dismissed. */
  stopAskedMs: number | undefined
}

/** A frame that was sent, and whether the gateway must have it (`received`), must not (`paused`), or may (`unsure`). */
export interface SentFrame { number: number, userId: string, saidMs: number, endMs: number, passedMs: number, fate: 'received' | 'unsure' | 'paused' }

/** What a kill may cost, of what was sent before it: a second, and what a busy machine adds to the way to a fragment on the disk. */
const killCostsMs = 1_000 + 200
/** How long before a connection that the gateway, or the network, broke a frame was under way at most. */
const underWayMs = 1_000
/** How long a busy gateway needs to obey a pause. */
const obeysMs = 1_500

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
      sent.set(frame.number, { number: frame.number, userId, saidMs, endMs: saidMs + frameMs, passedMs: frame.passedMs, fate })
    }
  }
  return sent
}

function fateOf ({ passedMs, connection }: PassedFrame, userId: string, { pauses, killsMs, entries, stopAskedMs }: Ledger): SentFrame['fate'] {
  for (const pause of pauses.filter((each) => each.userId === undefined || each.userId === userId)) {
    if (passedMs > pause.answeredMs + obeysMs && passedMs < (pause.resumeAskedMs ?? Infinity)) return 'paused'
    if (passedMs >= pause.askedMs && passedMs < (pause.resumedMs ?? Infinity) + obeysMs) return 'unsure'
  }
  if (stopAskedMs !== undefined && passedMs >= stopAskedMs) return 'unsure'
  if (killsMs.some((killedMs) => passedMs > killedMs - killCostsMs && passedMs <= killedMs + underWayMs)) return 'unsure'
  const isBroken = connection.endedBy === 'gateway' || connection.endedBy === 'reset'
  if (isBroken && passedMs > (connection.endedMs ?? 0) - underWayMs) return 'unsure'
  // Who is back before the relay of the last visit has been stopped is heard by it too, and that is nobody's to keep
  return entries.some((entry) => entry.userId === userId && entry.atMs > connection.openedMs && entry.atMs <= passedMs) ? 'unsure' : 'received'
}

/**
 * How late a user's frames came at the beginning of a connection, at most: where the gateway then puts them, since arrival is all it knows. The
 * sandbox is late when this machine is busy.
 */
export function anchoredLateMs (ledger: Ledger, userId: string): number {
  const byConnection = Map.groupBy(ledger.frames.filter(({ number }) => voiceOf(ledger, number)?.userId === userId), ({ connection }) => connection)
  return Math.max(0, ...Array.from(byConnection.values(), (frames) => {
    const firstMs = frames[0]?.passedMs ?? 0
    const held = frames.filter(({ passedMs }) => passedMs - firstMs <= heldMs)
    return Math.min(...held.map(({ number, passedMs }) => passedMs - saidMsOf(ledger, number)))
  }))
}

/** How long the gateway looks at arrival before it believes a connection's own clock. */
const heldMs = 500
