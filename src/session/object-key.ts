import type { RoomId } from '../trtc/room-id.ts'

/**
 * `<path>/<SdkAppId>/<room>/<RecordingId>/<user>/track`, the n-th track of a user ending in `-n`. Ids that hold anything but letters, digits,
 * `_` and `-` are base64url, so that no id can name a folder of somebody else.
 */
export function trackKeyStem (track: { path: string, sdkAppId: number, roomId: RoomId, recordingId: string, userId: string, number: number }): string {
  const folder = [String(track.sdkAppId), idInKey(String(track.roomId)), track.recordingId, idInKey(track.userId)].join('/')
  return `${track.path === '' ? '' : `${track.path}/`}${folder}/track${track.number === 1 ? '' : `-${track.number}`}`
}

function idInKey (id: string): string {
  return /^[\w-]+$/.test(id) ? id : Buffer.from(id).toString('base64url')
}
