import type { SourceWithTask } from '../../src/state/sources.ts'
import type { FileRow, TrackRow } from '../../src/state/tracks.ts'
import type { AbsenceRow } from '../../src/state/absences.ts'
import type { PauseRow } from '../../src/state/pauses.ts'
import type { RecordingRow } from '../../src/state/recordings.ts'
import type { TimelineState } from '../../src/timeline/state.ts'
import { parseRoomEvent, type RoomEvent } from '../../src/trtc/room-event.ts'

/** When the recordings of these rows begin; every number of seconds below counts from here. */
export const t0 = 1_767_225_600_000

export function at (seconds: number): number {
  return Math.round(t0 + seconds * 1_000)
}

/** It lasts a minute. */
export function recording (change: Partial<RecordingRow> = {}): RecordingRow {
  return {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId: 1,
    roomKey: 's:room',
    userId: 'recorder',
    status: 'Finishing',
    reason: 'RoomDismissed',
    message: '',
    generation: 1,
    nodeId: 'node_1',
    jobId: 'job',
    options: {
      strRoomId: 'room',
      subscribe: { excludeUserIds: ['excluded'] },
      policies: [{ userIds: ['a*'], label: 'strict' }],
      fillGaps: true,
      maxDurationSeconds: 600,
      maxIdleSeconds: 60,
      metadata: {}
    },
    sealedSecrets: '',
    stopRequestedMs: null,
    createdMs: t0,
    startedMs: at(1.2),
    endedMs: at(60),
    completedMs: null,
    timelineFile: null,
    ...change
  }
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
  return {
    id,
    recordingId: 'rec_1',
    userId,
    number: 1,
    generation: 1,
    label: '',
    createdMs: t0,
    closedMs: at(61),
    message: '',
    spoolId: null,
    audioMs: null,
    lostMs: null,
    trouble: null,
    troubleMessage: '',
    ...change
  }
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
  return {
    id,
    recordingId: 'rec_1',
    engine: 'relay',
    userId,
    generation: 1,
    createdMs: at(askedSeconds),
    stoppedMs: null,
    pushedMs: null,
    firstAudioMs: null,
    lastFrameMs: null,
    pushEndedMs: null,
    absentMs: null,
    trouble: null,
    troubleMessage: '',
    robotId: `robot-${id}`,
    taskId: `task-${id}`,
    port: null,
    sealedKey: null,
    toldMs: null,
    failedMs: null,
    idleMs: null,
    stopAskedMs: null,
    outcome: null,
    relayStatus: null,
    relayStatusMs: null,
    ...change
  }
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
