import { offsetOf, SteadyClock, type Clock, type GatewayClock } from '../core/clock.ts'
import { aheadAfter, stepsBy } from '../core/clock-steps.ts'
import type { RecordingRow } from '../state/recordings.ts'

type OffsetColumns = Pick<RecordingRow, 'clockOffsetMs' | 'clockBootId' | 'clockAheadMs'>

/** What a recording's row says of its clock. */
export type ClockColumns = OffsetColumns & Pick<RecordingRow, 'clockSteps'>

/** A clock for a recording that begins now: the wall clock as it is, and evenly on from there. */
export function beginClock (wall: Clock, gatewayClock: GatewayClock): OffsetColumns {
  const clockOffsetMs = offsetOf(wall)
  return { clockOffsetMs, clockBootId: gatewayClock.bootId, clockAheadMs: clockOffsetMs - gatewayClock.offsetMs }
}

/** The clock by which all times of a recording are; the gateway's own while the recording has none of this boot. */
export function clockOf ({ clockOffsetMs, clockBootId }: OffsetColumns, gatewayClock: GatewayClock): SteadyClock {
  return clockOffsetMs === null || clockBootId !== gatewayClock.bootId ? gatewayClock : new SteadyClock(clockOffsetMs)
}

/**
 * The clock with which a new owner goes on: the one that the recording has, or, after another boot of the machine, a new one, which is not before
 * anything that the old one has told. What the wall clock is ahead of it otherwise than it was of the old one is listed as a step.
 * @param lastWorkedMs when a gateway last worked, by the wall clock of then; undefined: not known
 */
export function adoptClock (recording: ClockColumns & Pick<RecordingRow, 'createdMs'>, { wall, gatewayClock, lastWorkedMs }: {
  wall: Clock, gatewayClock: GatewayClock, lastWorkedMs: number | undefined
}): ClockColumns {
  const { createdMs, clockOffsetMs, clockBootId, clockSteps } = recording
  if (clockOffsetMs !== null && clockBootId === gatewayClock.bootId) {
    return { clockOffsetMs, clockBootId, clockAheadMs: clockOffsetMs - gatewayClock.offsetMs, clockSteps }
  }
  const wallMs = wall.now()
  const nowMs = Math.max(wallMs, createdMs, lastWorkedMs === undefined ? 0 : lastWorkedMs - aheadAfter(clockSteps))
  return { ...beginClock({ now: () => nowMs }, gatewayClock), clockSteps: stepsBy(clockSteps, nowMs, wallMs - nowMs) }
}
