import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Seal } from '../core/seal.ts'
import { StoreTarget } from '../core/store-target.ts'
import type { RecordingRow } from './recordings.ts'

/** Secrets of a recording; they are kept sealed. */
export const RecordingSecrets = Type.Object({
  store: StoreTarget,
  callback: Type.Optional(Type.String())
})
export type RecordingSecrets = Static<typeof RecordingSecrets>

export function sealSecrets (seal: Seal, recordingId: string, secrets: RecordingSecrets): string {
  return seal.seal(JSON.stringify(secrets), context(recordingId))
}

/** @throws RoomtapeError SEAL_BROKEN */
export function openSecrets (seal: Seal, recording: RecordingRow): RecordingSecrets {
  return Value.Parse(RecordingSecrets, JSON.parse(seal.open(recording.sealedSecrets, context(recording.id))))
}

function context (recordingId: string): string { return `recording:${recordingId}` }
