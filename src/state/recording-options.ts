import type { OutputFormat } from '../core/output-format.ts'

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
  maxDurationSeconds: number
  maxIdleSeconds: number
  metadata: Record<string, unknown>
}

export function outputOf ({ format = 'm4a', segmentSeconds = 0 }: RecordingOptions): { format: OutputFormat, segmentSeconds: number } {
  return { format, segmentSeconds }
}
