/** What a receiver of the serverless template reads. */
interface TemplateBody {
  /** As text, '' when there is none; so `RoomId`. */
  SdkAppId: string
  RoomId: string
  StrRoomId: string
  UserId: string
  Files: Array<{ UserId: string, RecordFile: string, Status: 0 | 1, Message: string }>
}

/**
 * The end of a recording as the serverless template told it, and nothing else: for receivers that choke on more.
 * @param body of `recording.completed` or `recording.failed`
 * @see trtc.md §8.2
 */
export function templateBody (body: string): string {
  const { SdkAppId, RoomId, StrRoomId, UserId, Files } = JSON.parse(body) as Omit<TemplateBody, 'SdkAppId' | 'RoomId'> & { SdkAppId: number, RoomId: number }
  return JSON.stringify({
    SdkAppId: String(SdkAppId),
    RoomId: RoomId === 0 ? '' : String(RoomId),
    StrRoomId,
    UserId,
    Files: Files.map((file) => ({ UserId: file.UserId, RecordFile: file.RecordFile, Status: file.Status, Message: file.Message }))
  } satisfies TemplateBody)
}
