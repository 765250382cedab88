import type { ClockStep } from '../core/clock-steps.ts'
import type { RecordingRow } from '../state/recordings.ts'
import type { RoomRows } from '../state/rooms.ts'
import type { SourceWithTask } from '../state/sources.ts'
import type { RoomEvent } from '../trtc/room-event.ts'
import { aheadThen } from './event-clock.ts'

/** A recording by whose clock rows are to be read: the gateway dates arrivals and relay tasks by its own, TRTC its events by another. */
type Read = Pick<RecordingRow, 'clockAheadMs'>

const taskTimes = ['toldMs', 'failedMs', 'idleMs', 'stopAskedMs'] as const

/** A source by the clock of its recording. Its `relayStatusMs`, which is compared with events only, stays by TRTC's. */
export function sourceIn<Source extends Pick<SourceWithTask, typeof taskTimes[number]>> (source: Source, { clockAheadMs }: Read): Source {
  if (clockAheadMs === 0) return source
  const moved = { ...source }
  for (const name of taskTimes) moved[name] = source[name] === null ? null : source[name] + clockAheadMs
  return moved
}

const eventTimes = ['presentMs', 'anchorMs', 'audibleMs', 'anchoredMs', 'kickedMs'] as const

/** A room by the clock of a recording; `lastEventMs` stays by TRTC's. @param trtcAheadMs how far that is ahead of the recording's */
export function roomIn ({ dismissedMs, lastAnchoredMs, members }: RoomRows, { clockAheadMs }: Read, trtcAheadMs: number): RoomRows {
  if (clockAheadMs === 0 && trtcAheadMs === 0) return { dismissedMs, lastAnchoredMs, members }
  const told = (ms: number): number => ms === 0 ? 0 : ms - trtcAheadMs // 0 is never
  return {
    dismissedMs: told(dismissedMs),
    lastAnchoredMs: told(lastAnchoredMs),
    members: members.map((member) => {
      const { heardMs, unconfirmedMs } = member
      const moved = { ...member, heardMs: heardMs + clockAheadMs, unconfirmedMs: unconfirmedMs === null ? null : unconfirmedMs + clockAheadMs }
      for (const name of eventTimes) moved[name] = told(member[name])
      return moved
    })
  }
}

/** An event by the clock of a recording. @param receivedMs by the gateway's */
export function eventIn (event: RoomEvent, receivedMs: number, { clockAheadMs, clockSteps }: Read & { clockSteps: readonly ClockStep[] }): RoomEvent {
  if (clockSteps.length === 0 || !('eventMs' in event)) return event
  const { eventMs, sentMs = eventMs } = event
  return { ...event, eventMs: eventMs - aheadThen(clockSteps, { sentMs, receivedMs: receivedMs + clockAheadMs }) }
}
