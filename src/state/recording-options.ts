/** What was asked for and holds no secret. */
export interface RecordingOptions {
  roomId?: number
  strRoomId?: string
  subscribe: { userIds?: string[], excludeUserIds?: string[] }
  policies: Array<{ userIds: string[], label: string }>
  fillGaps: boolean
  maxDurationSeconds: number
  maxIdleSeconds: number
  metadata: Record<string, unknown>
}
