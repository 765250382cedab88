import type { Callback } from '../callback/outbox.ts'
import type { RecordingSecrets } from '../state/recording-secrets.ts'
import type { RecordingRow } from '../state/recordings.ts'

/** Where the caller of a recording is told, as the request said; undefined: nowhere. */
export function callbackOf ({ options: { callbackFormat = 'full' } }: Pick<RecordingRow, 'options'>, { callback }: RecordingSecrets): Callback | undefined {
  return callback === undefined ? undefined : { url: callback, format: callbackFormat }
}
