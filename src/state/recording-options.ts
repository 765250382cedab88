import type { OutputFormat } from '../core/output-format.ts'
import type { CallbackFormat } from './endpoint-options.ts'

/** Options of a recording as they were asked for; none is a secret. */
export interface RecordingOptions {
  roomId?: number
  strRoomId?: string
  subscribe: { userIds?: string[], excludeUserIds?: string[] }
  policies: Array<{ userIds: string[], label: string }>
  fillGaps: boolean
  /** Absent in rows of versions that knew none: `outputOf` reads them. */
  format?: OutputFormat
  /** Length of a segment; 0: no segments. */
  segmentSeconds?: number
  /** How its object keys are made (src/upload/object-key.ts); absent in rows of version 0.1.0: 1. */
  keyVersion?: 1 | 2
  /** In which form the `Callback` is told; absent: `full`. */
  callbackFormat?: CallbackFormat
  maxDurationSeconds: number
  maxIdleSeconds: number
  metadata: Record<string, unknown>
}

export function outputOf ({ format = 'm4a', segmentSeconds = 0 }: RecordingOptions): { format: OutputFormat, segmentSeconds: number } {
  return { format, segmentSeconds }
}
