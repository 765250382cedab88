import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { RecordingOptions } from './recording-options.ts'
import type { Scope } from '../core/api-key.ts'
import type { ClockStep } from '../core/clock-steps.ts'
import type { Gap, Trim } from '../media/track-summary.ts'
import type { AttemptCause, CallbackFormat, EndpointFilters, EndpointSchedule, GaveUp } from './endpoint-options.ts'
import type { AbsenceCause, SourceTrouble, TaskOutcome, TrackTrouble } from './troubles.ts'

/** The tables as `migrations/` makes them. Columns ending in `Ms` are Unix milliseconds. */
export interface Tables {
  masterKeyCheck: { sealed: string }
  /** One row at most. */
  workingGateway: {
    id: number
    processId: string
    nodeId: string
    bootId: string
    host: string
    lockInode: string
    seenMs: number
    /** When the process ended in good order; of no meaning while `seenMs` is not 0. */
    freedMs: Generated<number>
    /** When the process before this one last worked; null: there was none. */
    awaySinceMs: number | null
    /** Of the gateway's clock: `core/clock.ts`. */
    clockOffsetMs: number | null
    /** As `seenMs` and `awaySinceMs`, by CLOCK_MONOTONIC of `bootId`; null: not known, or of another boot. */
    seenMonotonicMs: number | null
    awayMonotonicMs: number | null
  }
  tenants: { id: string, name: string, sealedCallbackSecret: string, createdMs: number }
  apiKeys: {
    keyId: string
    tenantId: string
    name: string
    hash: string
    last4: string
    scopes: JSONColumnType<Scope[]>
    networks: JSONColumnType<string[]>
    createdMs: number
    expiresMs: number | null
    revokedMs: number | null
  }
  apps: {
    sdkAppId: number
    tenantId: string
    engine: string
    /** Of the `Callback` of starts that name none. */
    callbackFormat: Generated<CallbackFormat>
    sealedSecrets: string
    createdMs: number
    updatedMs: number
  }
  /** Where a tenant may write by the role of this machine. */
  roleStores: { tenantId: string, bucket: string, region: string, path: string }
  roomEvents: {
    dedupeKey: string
    sdkAppId: number
    roomKey: string | null
    userId: string | null
    eventGroup: number
    eventType: number
    receivedMs: number
    body: string
  }
  /** `lastAnchoredMs`: the greatest of its members. */
  rooms: { sdkAppId: number, roomKey: string, dismissedMs: Generated<number>, lastAnchoredMs: Generated<number>, updatedMs: number }
  members: {
    sdkAppId: number
    roomKey: string
    userId: string
    present: boolean | null
    presentMs: Generated<number>
    anchor: boolean | null
    anchorMs: Generated<number>
    audible: boolean | null
    audibleMs: Generated<number>
    anchoredMs: Generated<number>
    kickedMs: Generated<number>
    /** Event time of the newest event about the member. */
    lastEventMs: Generated<number>
    /** When the newest event about the member arrived. */
    heardMs: Generated<number>
    /** When it was concluded that the member may be gone though no event said so. */
    unconfirmedMs: number | null
  }
  recordings: {
    id: string
    tenantId: string
    sdkAppId: number
    roomKey: string
    userId: string
    status: string
    reason: string | null
    message: Generated<string>
    generation: Generated<number>
    nodeId: string | null
    jobId: string
    options: JSONColumnType<RecordingOptions>
    sealedSecrets: string
    stopRequestedMs: number | null
    createdMs: number
    startedMs: number | null
    endedMs: number | null
    completedMs: number | null
    timelineFile: string | null
    /** Its clock is CLOCK_MONOTONIC of `clockBootId` plus this: all its times are by it. Null until somebody has it. */
    clockOffsetMs: number | null
    clockBootId: string | null
    /** How much its clock is ahead of that of the gateway, by which events and relay tasks are dated. */
    clockAheadMs: Generated<number>
    /** How the wall clock was set against it. */
    clockSteps: ColumnType<readonly ClockStep[], string | undefined, string>
    /** Warnings that were told of while it went on, each `Code:UserId`. */
    warned: ColumnType<readonly string[], string | undefined, string>
  }
  /** Spans in which a user is not recorded; `userId` null: the whole recording is paused. */
  pauses: { id: string, recordingId: string, userId: string | null, startMs: number, endMs: number | null }
  sources: {
    id: string
    recordingId: string
    engine: string
    /** Whose audio it is; null: the whole room's. */
    userId: string | null
    generation: number
    createdMs: number
    stoppedMs: number | null
    /** When a push of it first came; null: none has. */
    pushedMs: number | null
    /** Arrival of its first frame; null: none came. */
    firstAudioMs: number | null
    /** Arrival of its last frame, as of the last time that its push ended. */
    lastFrameMs: number | null
    /** When its push ended; null while one lasts, and when none came. */
    pushEndedMs: number | null
    /** When it was found absent: announced, and no push came. */
    absentMs: number | null
    /** What was, or is, the matter with it. */
    trouble: SourceTrouble | null
    troubleMessage: Generated<string>
  }
  relayTasks: {
    /** No foreign key: the row may outlive the source's. */
    sourceId: string
    sdkAppId: number
    robotId: string
    /** Of the Cloud API, where the task was started; null: where the app's calls go at present. */
    host: string | null
    taskId: string | null
    /** By the newest callback 401, and that one's event time. */
    status: string | null
    statusMs: Generated<number>
    createdMs: number
    /** The key of its push, and the port it goes to; null: not known. */
    sealedKey: string | null
    port: number | null
    /** How often TRTC said that it was connecting. */
    connectings: Generated<number>
    /** When TRTC first said that it pushes or cannot: RUNNING, FAILED or a second CONNECTING. */
    toldMs: number | null
    /** When TRTC said that it gave up; unless a Stop had been asked for by then. */
    failedMs: number | null
    /** When TRTC said that the task has ended; unless a Stop had been asked for by then. */
    idleMs: number | null
    /** Since when the task has to end. */
    stopAskedMs: number | null
    /** When the next Stop is due. */
    stopDueMs: number | null
    stopFailures: Generated<number>
    /** When it was known to have ended, and by what. */
    stoppedMs: number | null
    outcome: TaskOutcome | null
  }
  tracks: {
    id: string
    recordingId: string
    userId: string
    number: number
    generation: number
    label: string
    createdMs: number
    closedMs: number | null
    message: Generated<string>
    /** Where its audio waits; null: left by version 0.1.0, and claimed by nobody yet. */
    spoolId: string | null
    /** The room's time of the first fragment known to be on the disk. */
    audioMs: number | null
    /** When it was closed without audio that it had received. */
    lostMs: number | null
    /** What is in the way of recording or uploading it at present. */
    trouble: TrackTrouble | null
    troubleMessage: Generated<string>
  }
  /** Spans in which nobody here could record a user; `userId` null: the whole room. */
  absences: { id: string, recordingId: string, userId: string | null, cause: AbsenceCause, startMs: number, endMs: number | null }
  /** `seenMs`: when a gateway last worked on it. */
  spools: { id: string, nodeId: string, host: string, path: string, createdMs: number, seenMs: number, forgottenMs: number | null }
  files: {
    trackId: string
    /** The number of the file within its track. */
    part: number
    key: string
    url: string
    bytes: number
    sha256: string
    startMs: number
    endMs: number
    durationMs: number
    gapMs: number
    gaps: JSONColumnType<Gap[]>
    trims: JSONColumnType<Trim[]>
    frames: number
    sampleRate: number
    channels: number
    partial: boolean
    /** Goes on after the gateway, or the thread that wrote the one before, was not there. */
    resumed: Generated<boolean>
  }
  segments: {
    trackId: string
    /** 1, 2, … over all files of a track. */
    seq: number
    /** Which file of the track it is cut from, at which of its frames, and how many of them. */
    part: number
    firstFrame: number
    frames: number
    key: string
    url: string
    bytes: number
    sha256: string
    startMs: number
    endMs: number
    durationMs: number
    gapMs: number
    sampleRate: number
    channels: number
    partial: boolean
  }
  /** What happened, as it is told. Its recording may be gone. */
  events: { id: string, tenantId: string, recordingId: string | null, type: string, body: string, createdMs: number }
  /** Who is told. Moments other than `createdMs`, `updatedMs` and `usedMs` are by the database's clock. */
  endpoints: {
    id: string
    tenantId: string
    /** Made of a `Callback` URL: found by `urlHash`, which is of the URL without its query. */
    hidden: Generated<boolean>
    urlHash: string | null
    /** Null with `pull`; of a hidden one without the query. */
    sealedUrl: string | null
    /** JSON of name to value; null: none. */
    sealedHeaders: string | null
    /** `endpoint-secrets.ts`; null: what it gets is signed with the tenant's. */
    sealedSecrets: string | null
    types: JSONColumnType<string[]>
    filters: JSONColumnType<EndpointFilters>
    /** A schedule by name, or seconds; null: by the event's type. */
    schedule: ColumnType<EndpointSchedule | null, string | null | undefined, string | null>
    format: Generated<CallbackFormat>
    /** It asks for its events. */
    pull: Generated<boolean>
    enabled: Generated<boolean>
    /** Counts changes by the tenant. */
    version: Generated<number>
    createdMs: number
    updatedMs: number
    /** When a start last named a hidden one, to a day. */
    usedMs: number | null
    deletedMs: number | null
    /** In a row, by network, timeout, 429 or 5xx. */
    failures: Generated<number>
    /** The breaker is open, and the next probe is due then. */
    probeDueMs: number | null
    probeStep: Generated<number>
    /** The first failure since the last success. */
    failingSinceMs: number | null
    lastSuccessMs: number | null
    /** Since when it is not enabled, or what waits for a hidden one was given up. */
    disabledMs: number | null
    /** Why we gave it up; null: we have not. */
    gaveUp: GaveUp | null
    /** Of the newest delivery of a `pull` endpoint that has a place in its feed. */
    feedPosition: Generated<number>
  }
  /** One event for one endpoint. */
  deliveries: {
    id: string
    eventId: string
    /** Null only in rows of before there were endpoints, until the gateway has started. */
    endpointId: string | null
    tenantId: string | null
    /** Null: that of the endpoint. */
    sealedUrl: string | null
    format: Generated<CallbackFormat>
    state: string
    /** Attempts made. */
    attempts: Generated<number>
    /** How much of its schedule is used up. */
    steps: Generated<number>
    /** Of the next attempt. */
    cause: Generated<AttemptCause>
    lastStatus: number | null
    lastError: string | null
    /** By the database's clock; not null exactly while it is to be sent. */
    nextAttemptMs: number | null
    /** It waits by a failure that is over when its endpoint is back. */
    pullable: Generated<boolean>
    /** The process that sends it, until `nextAttemptMs`. */
    claimedBy: string | null
    pull: Generated<boolean>
    /** Its place in the feed of a `pull` endpoint. */
    position: number | null
    createdMs: number
    settledMs: number | null
  }
  /** One try to make a delivery. */
  attempts: {
    deliveryId: string
    number: number
    cause: AttemptCause
    startedMs: number
    /** Null where nothing may be told of it. */
    durationMs: number | null
    status: number | null
    reason: string | null
    headers: JSONColumnType<Record<string, string>> | null
    body: string | null
    cut: Generated<boolean>
  }
  idempotencyKeys: {
    tenantId: string
    route: string
    key: string
    fingerprint: string
    createdMs: number
    status: number | null
    headers: JSONColumnType<Record<string, string>> | null
    body: string | null
  }
}
