import type { RoomId } from '../trtc/room-id.ts'

interface RecordingPlace { path: string, sdkAppId: number, roomId: RoomId, recordingId: string }
interface TrackPlace extends RecordingPlace { userId: string, number: number }

/** `<path>/<SdkAppId>/<room>/<RecordingId>/<user>/track`, the n-th track of a user ending in `-n`. */
export function trackKeyStem (track: TrackPlace): string {
  return `${folderOf(track)}/${idInKey(track.userId)}/track${numberInKey(track)}`
}

/** `<path>/<SdkAppId>/<room>/<RecordingId>/<user>/segments/`, that of the n-th track of a user `segments-n/`. */
export function segmentKeyFolder (track: TrackPlace): string {
  return `${folderOf(track)}/${idInKey(track.userId)}/segments${numberInKey(track)}/`
}

/** `<path>/<SdkAppId>/<room>/<RecordingId>/timeline.json` */
export function timelineKey (recording: RecordingPlace): string {
  return `${folderOf(recording)}/timeline.json`
}

function folderOf ({ path, sdkAppId, roomId, recordingId }: RecordingPlace): string {
  return [...path === '' ? [] : [path], sdkAppId, idInKey(String(roomId)), recordingId].join('/')
}

function numberInKey ({ number }: TrackPlace): string {
  return number === 1 ? '' : `-${number}`
}

/** Ids that hold anything but letters, digits, `_` and `-` are base64url, so that no id can name a folder of somebody else. */
function idInKey (id: string): string {
  return /^[\w-]+$/.test(id) ? id : Buffer.from(id).toString('base64url')
}
