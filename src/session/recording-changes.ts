import { recordingStarted } from '../callback/events/recording-started.ts'
import { recordingUpdated } from '../callback/events/recording-updated.ts'
import type { Outbox } from '../callback/outbox.ts'
import type { Clock } from '../core/clock.ts'
import { changeRecording, type EndReason, type RecordingRow } from '../state/recordings.ts'
import type { MemberRow } from '../state/rooms.ts'

export interface RecordingChangesDeps {
  outbox: Pick<Outbox, 'transaction'>
  /** The recording's. */
  clock: Clock
  /** The wall clock, by which events are dated. */
  wall: Clock
}

/** The first audio of a recording, by its clock. */
export interface FirstAudio { userId: string, atMs: number }

/** Notes the first audio, by which a recording that has not ended is one that records, and tells of it. @param members by the recording's clock */
export async function startRecording (
  recording: RecordingRow, { userId, atMs }: FirstAudio, members: readonly MemberRow[], { outbox, wall }: RecordingChangesDeps
): Promise<void> {
  const { id, tenantId, generation } = recording
  const status = recording.reason === null ? { status: 'Recording' as const } : {}
  await outbox.transaction(async (transaction, tell) => {
    if (!await changeRecording(transaction, id, generation, { ...status, startedMs: atMs })) return
    const first = members.find((member) => member.userId === userId)
    const audibleMs = first === undefined ? 0 : first.audible === true ? first.audibleMs : first.anchorMs
    tell({ tenantId, event: recordingStarted({ recording, startedMs: atMs, audibleMs }, wall.now()) })
    if (status.status !== undefined) tell({ tenantId, event: recordingUpdated({ recording: { ...recording, ...status } }, wall.now()) })
  })
}

/** Notes why a recording ends, and that it is finished from now on, and tells of it. @returns it as it is then */
export async function endRecording (recording: RecordingRow, reason: EndReason, { outbox, clock, wall }: RecordingChangesDeps): Promise<RecordingRow> {
  const ended = { ...recording, reason, endedMs: clock.now(), status: 'Finishing' } as const
  await outbox.transaction(async (transaction, tell) => {
    const { id, generation, endedMs, status } = ended
    if (!await changeRecording(transaction, id, generation, { reason, endedMs, status })) return
    tell({ tenantId: recording.tenantId, event: recordingUpdated({ recording: ended }, wall.now()) })
  })
  return ended
}
