import type { OutputFormat } from '../core/output-format.ts'

/** What was asked for and holds no secret. */
export interface RecordingOptions {
  roomId?: number
  strRoomId?: string
  subscribe: { userIds?: string[], excludeUserIds?: string[] }
  policies: Array<{ userIds: string[], label: string }>
  fillGaps: boolean
  /** Absent in rows of versions that knew none: `outputOf` reads them. */
  format?: OutputFormat
  /** 0: no segments. */
  segmentSeconds?: number
  maxDurationSeconds: number
  maxIdleSeconds: number
  metadata: Record<string, unknown>
}

export function outputOf ({ format = 'm4a', segmentSeconds = 0 }: RecordingOptions): { format: OutputFormat, segmentSeconds: number } {
  return { format, segmentSeconds }
}
