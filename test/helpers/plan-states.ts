import type { Actual, Desired, Here } from '../../src/session/plan.ts'
import type { PauseRow } from '../../src/state/pauses.ts'
import type { RecordingRow } from '../../src/state/recordings.ts'
import type { MemberRow, RoomRows } from '../../src/state/rooms.ts'
import type { SourceWithTask } from '../../src/state/sources.ts'
import type { TrackRow } from '../../src/state/tracks.ts'
import { noClock } from './no-clock.ts'

/** When the recording of these states was made, Unix milliseconds. */
export const createdMs = 1_000_000
export const nowMs = createdMs + 5_000
export const spool = { id: 'spl_here', lost: new Set<string>() }
export const port = 1935

export function here (change: Partial<Here> = {}): Here {
  return { awaySinceMs: undefined, listeningSinceMs: createdMs - 60_000, lastPushMs: () => undefined, maxIdleMs: 60_000, resumeHoldMs: 3_000, ...change }
}

export function recording (change: Partial<RecordingRow> = {}): RecordingRow {
  return {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId: 1,
    roomKey: 's:room',
    userId: 'recorder',
    status: 'Pending',
    reason: null,
    message: '',
    generation: 1,
    nodeId: 'node_1',
    jobId: 'job',
    options: { strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 7_200, maxIdleSeconds: 60, metadata: {} },
    sealedSecrets: '',
    stopRequestedMs: null,
    createdMs,
    startedMs: null,
    endedMs: null,
    completedMs: null,
    timelineFile: null,
    ...noClock,
    clockSteps: [],
    warned: [],
    ...change
  }
}

/** An anchor, unless it is changed. */
export function member (userId: string, change: Partial<MemberRow> = {}): MemberRow {
  const atMs = createdMs + 1
  return {
    sdkAppId: 1,
    roomKey: 's:room',
    userId,
    present: true,
    presentMs: atMs,
    anchor: true,
    anchorMs: atMs,
    audible: null,
    audibleMs: 0,
    anchoredMs: atMs,
    kickedMs: 0,
    lastEventMs: atMs,
    heardMs: atMs,
    unconfirmedMs: null,
    ...change
  }
}

export function track (id: string, userId: string, change: Partial<TrackRow> = {}): TrackRow {
  return {
    id,
    recordingId: 'rec_1',
    userId,
    number: 1,
    generation: 1,
    label: '',
    createdMs,
    closedMs: null,
    message: '',
    spoolId: spool.id,
    audioMs: null,
    lostMs: null,
    trouble: null,
    troubleMessage: '',
    ...change
  }
}

/** A source whose Start TRTC has answered. */
export function source (id: string, userId: string, change: Partial<SourceWithTask> = {}): SourceWithTask {
  return {
    id,
    recordingId: 'rec_1',
    engine: 'relay',
    userId,
    generation: 1,
    createdMs,
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
    port,
    sealedKey: 'sealed',
    toldMs: null,
    failedMs: null,
    idleMs: null,
    stopAskedMs: null,
    outcome: null,
    relayStatus: null,
    relayStatusMs: 0,
    ...change
  }
}

/** A track that a thread writes, and that nobody pushes to. */
export function actual (trackId: string, userId: string, change: Partial<Actual> = {}): Actual {
  return { trackId, userId, phase: 'recording', source: { ids: [], state: 'none', sinceMs: 0 }, reach: 'open', paused: false, retryAtMs: 0, ...change }
}

export function pushed (state: Actual['source']['state'], ids: readonly string[], change: Partial<Actual['source']> = {}): Actual['source'] {
  return { ids, state, sinceMs: createdMs, ...change }
}

export function live (...ids: string[]): Actual['source'] {
  return pushed('live', ids)
}

export function pause (userId: string | null, change: Partial<PauseRow> = {}): PauseRow {
  return { id: 'pau', recordingId: 'rec_1', userId, startMs: createdMs, endMs: null, ...change }
}

export function room (...members: MemberRow[]): RoomRows {
  return { dismissedMs: 0, lastAnchoredMs: Math.max(0, ...members.map(({ anchoredMs }) => anchoredMs)), members }
}

export function desired (change: Partial<Desired> = {}): Desired {
  return { recording: recording(), room: room(), tracks: [], sources: [], pauses: [], spool, ...change }
}
