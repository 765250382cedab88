import type { StoreTarget } from '../core/store-target.ts'
import { roomIdOf, type RecordingRow } from '../state/recordings.ts'
import type { RecordingPlace } from '../upload/object-key.ts'

/** Where the objects of a recording lie in its store. */
export function placeOf (recording: RecordingRow, { path }: StoreTarget): RecordingPlace {
  const { id: recordingId, sdkAppId, options: { keyVersion = 1 } } = recording
  return { path, sdkAppId, roomId: roomIdOf(recording), recordingId, keyVersion }
}
