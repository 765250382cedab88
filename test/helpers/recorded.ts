import type { SourceWithTask } from '../../src/state/sources.ts'
import type { FileRow, TrackRow } from '../../src/state/tracks.ts'
import type { AbsenceRow } from '../../src/state/absences.ts'
import type { PauseRow } from '../../src/state/pauses.ts'
import type { RecordingRow } from '../../src/state/recordings.ts'
import type { TimelineState } from '../../src/timeline/state.ts'
import { parseRoomEvent, type RoomEvent } from '../../src/trtc/room-event.ts'
import * as states from './plan-states.ts'

/** When the recordings of these rows begin; every number of seconds below counts from here. */
export const t0 = 1_767_225_600_000

export function at (seconds: number): number {
  return Math.round(t0 + seconds * 1_000)
}

/** It lasts a minute. */
export function recording (change: Partial<RecordingRow> = {}): RecordingRow {
  const { options } = states.recording()
  return states.recording({
    status: 'Finishing',
    reason: 'RoomDismissed',
    options: { ...options, subscribe: { excludeUserIds: ['excluded'] }, policies: [{ userIds: ['a*'], label: 'strict' }], maxDurationSeconds: 600 },
    createdMs: t0,
    startedMs: at(1.2),
    endedMs: at(60),
    ...change
  })
}

/** A recording that goes on. */
export const running = recording({ status: 'Recording', reason: null, endedMs: null })

export function event (type: number, seconds: number, UserId: string, info: object = {}): RoomEvent {
  const atMs = at(seconds)
  const body = { RoomId: 'room', EventTs: Math.floor(atMs / 1_000), EventMsTs: atMs, UserId, ...info }
  return parseRoomEvent({ EventGroupId: Math.floor(type / 100), EventType: type, CallbackTs: atMs, EventInfo: body })
}

/** A track that is closed. */
export function track (id: string, userId: string, change: Partial<TrackRow> = {}): TrackRow {
  return states.track(id, userId, { createdMs: t0, closedMs: at(61), spoolId: null, ...change })
}

export type StoredGap = FileRow['gaps'][number]

/** A file of 1024-sample frames at 48 kHz, 21⅓ ms each. */
export function file (trackId: string, from: number, to: number, gaps: readonly StoredGap[] = [], change: Partial<FileRow> = {}): FileRow {
  const durationMs = Math.round((to - from) * 1_000)
  return {
    trackId,
    part: 1,
    key: `${trackId}.m4a`,
    url: `https://bucket/${trackId}.m4a`,
    bytes: 1,
    sha256: '',
    startMs: at(from),
    endMs: at(to),
    durationMs,
    gapMs: 0,
    gaps: [...gaps],
    trims: [],
    frames: Math.round(durationMs * 48 / 1024),
    sampleRate: 48_000,
    channels: 1,
    partial: false,
    resumed: false,
    ...change
  }
}

/** A gap in a file that begins at second `startSeconds`. */
export function gap (from: number, to: number, cause: StoredGap['cause'], startSeconds: number): StoredGap {
  return { startMs: at(from), endMs: at(to), cause, atFrame: Math.round((from - startSeconds) * 48_000 / 1024) }
}

/** A source that was asked for, and of which nothing more is known. */
export function source (id: string, userId: string, askedSeconds: number, change: Partial<SourceWithTask> = {}): SourceWithTask {
  return states.source(id, userId, { createdMs: at(askedSeconds), port: null, sealedKey: null, relayStatusMs: null, ...change })
}

/** `userId` null: nobody could be recorded. */
export function absence (from: number, to: number | null, cause: AbsenceRow['cause'], userId: string | null = null): AbsenceRow {
  return { id: `abs_${from}_${userId ?? ''}`, recordingId: 'rec_1', userId, cause, startMs: at(from), endMs: to === null ? null : at(to) }
}

/** `userId` null: everybody was paused. */
export function pause (from: number, to: number | null, userId: string | null = null): PauseRow {
  return { id: `pau_${from}_${userId ?? ''}`, recordingId: 'rec_1', userId, startMs: at(from), endMs: to === null ? null : at(to) }
}

export function state (change: Partial<TimelineState> = {}): TimelineState {
  return {
    recording: recording(),
    tracks: [],
    files: [],
    segments: [],
    sources: [],
    pauses: [],
    absences: [],
    events: [],
    doubts: [],
    robots: [],
    isTold: true,
    resumeHoldMs: 3_000,
    ...change
  }
}

/** He is on stage and heard from the first second on; with `to`, until he leaves. */
export function talk (userId: string, from: number, to?: number): RoomEvent[] {
  const anchor = { Role: 20 }
  return [event(103, from, userId, anchor), event(203, from, userId), ...to === undefined ? [] : [event(104, to, userId, { ...anchor, Reason: 1 })]]
}
