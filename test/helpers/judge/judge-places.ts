import { provenMs, StallBounds, type Disturbance } from '../stall-bounds.ts'
import type { PassedFrame, TappedConnection } from '../rtmp-tap.ts'
import { saidMsOf, voiceOf, type Ledger } from './frame-ledger.ts'

/** A frame that is in a file, and the moment of the room, Unix milliseconds, at which it stands. */
export interface PlacedFrame { number: number, key: string, roomMs: number }

/** How far a frame may stand after the moment at which the relay is to push it: what a nap of the thread, and a busy machine, add. */
const mostLateMs = 300
/** Media timestamps, moments at which something was said and times of the timeline are whole milliseconds. */
const roundingMs = 3

/**
 * Every frame stands where it was said plus the relay's delay, within what arrival can tell; before anything has disturbed its connection it stands
 * within one frame of the others of that connection, and after that within what stalls may do.
 */
export function judgePlaces (ledger: Ledger, placed: ReadonlyMap<number, PlacedFrame>): string[] {
  const byConnection = Map.groupBy(ledger.frames.filter(({ number }) => placed.has(number)), ({ connection }) => connection)
  const judged = Array.from(byConnection, ([connection, frames]) => offsOf(ledger, connection, frames, placed))
  // What two relays pushed is of either
  const right = new Set(judged.flatMap(({ offs }) => offs.filter(({ isRight }) => isRight).map(({ number }) => number)))
  return judged.flatMap(({ userId, offs }) => {
    const wrong = offs.filter(({ number }) => !right.has(number))
    const worst = wrong.reduce<Off | undefined>((most, off) => most === undefined || Math.abs(off.offMs) > Math.abs(most.offMs) ? off : most, undefined)
    if (worst === undefined) return []
    const { key } = placed.get(worst.number)!
    return [`${key}: ${wrong.length} frames of ${userId} stand up to ${Math.round(worst.offMs)} ms from where they were said, ${worst.allowed}`]
  })
}

/** How far a frame is from where it belongs, and what would be right. */
interface Off { number: number, offMs: number, allowed: string, isRight: boolean }

function offsOf (
  ledger: Ledger, connection: TappedConnection, frames: readonly PassedFrame[], placed: ReadonlyMap<number, PlacedFrame>
): { userId: string, offs: Off[] } {
  const { userId, frameMs } = voiceOf(ledger, frames[0]!.number)!
  const all = ledger.frames.filter((frame) => frame.connection === connection)
  const stalls = stallsOf(userId, all, ledger)
  const held = connection.heldUp.map(({ startMs, endMs }): Disturbance => ({ fromMs: startMs, untilMs: endMs }))
  const arrivals = all.map(({ passedMs }) => ({ saidMs: passedMs, arrivalMs: passedMs }))
  const bounds = new StallBounds({ stalls, held, silences: silencesOf(all), frames: arrivals })
  const disturbedMs = Math.min(...stalls.map(({ endMs }) => endMs), ...held.map(({ fromMs }) => fromMs))
  const away = frames.map(({ number, passedMs }) => ({
    number, passedMs, offMs: placed.get(number)!.roomMs - saidMsOf(ledger, number) - ledger.audioDelayMs
  }))
  const usual = medianOf(away.filter(({ passedMs }) => passedMs < disturbedMs).map(({ offMs }) => offMs))
  const offs = away.map(({ number, passedMs, offMs }): Off => {
    if (passedMs >= disturbedMs) {
      const mostMs = bounds.boundMs(passedMs)
      return { number, offMs, allowed: `where stalls may do ${Math.round(mostMs)} ms`, isRight: Math.abs(offMs) <= mostMs }
    }
    const isNear = offMs >= -frameMs - roundingMs && offMs <= mostLateMs
    const isWithOthers = usual === undefined || Math.abs(offMs - usual) <= frameMs + roundingMs
    return { number, offMs, allowed: isNear ? `others of their connection ${Math.round(usual ?? 0)} ms` : 'undisturbed', isRight: isNear && isWithOthers }
  })
  return { userId, offs }
}

/** For how long the source's clock has stood on a connection, and when the first frame after it passed. */
function stallsOf (userId: string, frames: readonly PassedFrame[], ledger: Ledger): { ms: number, endMs: number }[] {
  return ledger.stalls.filter((stall) => stall.userId === userId).flatMap(({ startMs, endMs }) => {
    const before = frames.some(({ number }) => saidMsOf(ledger, number) < startMs)
    const after = frames.find(({ number }) => saidMsOf(ledger, number) > (startMs + endMs) / 2)
    return before && after !== undefined ? [{ ms: endMs - startMs, endMs: after.passedMs }] : []
  })
}

/** When a connection brought nothing for so long that nothing of before says anything of what comes. */
function silencesOf (frames: readonly PassedFrame[]): Disturbance[] {
  return frames.flatMap(({ passedMs }, index) => {
    const fromMs = frames[index - 1]?.passedMs ?? passedMs
    return passedMs - fromMs >= provenMs / 2 - 200 ? [{ fromMs, untilMs: passedMs }] : []
  })
}

function medianOf (numbers: readonly number[]): number | undefined {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]
}
