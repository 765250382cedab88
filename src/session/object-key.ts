import type { RoomId } from '../trtc/room-id.ts'

interface RecordingPlace { path: string, sdkAppId: number, roomId: RoomId, recordingId: string }

/** `<path>/<SdkAppId>/<room>/<RecordingId>/<user>/track`, the n-th track of a user ending in `-n`. */
export function trackKeyStem (track: RecordingPlace & { userId: string, number: number }): string {
  return `${folderOf(track)}/${idInKey(track.userId)}/track${track.number === 1 ? '' : `-${track.number}`}`
}

/** `<path>/<SdkAppId>/<room>/<RecordingId>/timeline.json` */
export function timelineKey (recording: RecordingPlace): string {
  return `${folderOf(recording)}/timeline.json`
}

function folderOf ({ path, sdkAppId, roomId, recordingId }: RecordingPlace): string {
  return [...path === '' ? [] : [path], sdkAppId, idInKey(String(roomId)), recordingId].join('/')
}

/** Ids that hold anything but letters, digits, `_` and `-` are base64url, so that no id can name a folder of somebody else. */
function idInKey (id: string): string {
  return /^[\w-]+$/.test(id) ? id : Buffer.from(id).toString('base64url')
}
