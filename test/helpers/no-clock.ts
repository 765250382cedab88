import { GatewayClock, offsetOf, systemClock } from '../../src/core/clock.ts'

/** Of a recording that nobody has given a clock. */
export const noClock = { clockOffsetMs: null, clockBootId: null, clockAheadMs: 0 }

/** A gateway's clock that goes by the wall clock of now. */
export const gatewayClock = new GatewayClock(offsetOf(systemClock), 'boot')

/** A moment at which the recording's clock and the gateway's tell the same. */
export function bothAt (nowMs: number): { nowMs: number, taskNowMs: number } {
  return { nowMs, taskNowMs: nowMs }
}
