import { createHash } from 'node:crypto'
import type { RoomId } from '../trtc/room-id.ts'

/**
 * How the keys of a recording are made. 2: as described here. 1: of a recording that version 0.1.0 began, whose keys could be the same for two
 * users and for two files. What is uploaded for it from now on lies in folders that 0.1.0 made for nobody, so nothing noted is put over.
 */
type KeyVersion = 1 | 2

export interface RecordingPlace { path: string, sdkAppId: number, roomId: RoomId, recordingId: string, keyVersion: KeyVersion }
export interface TrackPlace extends RecordingPlace {
  userId: string
  /** Of the track among the user's: 1, 2, … */
  number: number
}

/** Where the files of a track go: the folder of its user, ending in `/`, and the track's number within it. */
export interface TrackFolder { userFolder: string, trackNumber: number }

/** `<path>/<SdkAppId>/<room>/<RecordingId>/<user>/` */
export function trackFolder (track: TrackPlace): TrackFolder {
  return { userFolder: `${folderOf(track)}/${userInKey(track)}/`, trackNumber: track.number }
}

/** Key, without its ending, of a file: `track`, all but the first file of the user's first track `track-<track>-<file>`. */
export function fileKeyStem ({ userFolder, trackNumber }: TrackFolder, fileNumber: number): string {
  return `${userFolder}track${trackNumber === 1 && fileNumber === 1 ? '' : `-${trackNumber}-${fileNumber}`}`
}

/** `<path>/<SdkAppId>/<room>/<RecordingId>/<user>/segments/`, that of the n-th track of a user `segments-n/`. */
export function segmentKeyFolder (track: TrackPlace): string {
  const { userFolder, trackNumber } = trackFolder(track)
  return `${userFolder}segments${trackNumber === 1 ? '' : `-${trackNumber}`}/`
}

/** `<path>/<SdkAppId>/<room>/<RecordingId>/timeline.json` */
export function timelineKey (recording: RecordingPlace): string {
  return `${folderOf(recording)}/timeline.json`
}

function folderOf ({ path, sdkAppId, roomId, recordingId, keyVersion }: RecordingPlace): string {
  const room = String(roomId)
  return [...path === '' ? [] : [path], sdkAppId, keyVersion === 1 ? roomOfVersion1(room) : idInKey(room), recordingId].join('/')
}

function userInKey ({ userId, keyVersion }: TrackPlace): string {
  return keyVersion === 1 ? escaped(userId) : idInKey(userId)
}

/** Names of our own beside the folders of users, now or in a later version. */
const reserved: ReadonlySet<string> = new Set(['timeline.json', 'segments', '.roomtape'])
/** How long an id may be that stands in a key in full: a file system takes 255 bytes, and the escape makes four of three. */
const longestIdBytes = 120

/** An id as a folder of a key. Two ids never give the same: what is escaped begins with `=`, which no plain id holds. */
function idInKey (id: string): string {
  return /^[A-Za-z0-9_-]+$/.test(id) && id.length <= longestIdBytes && !reserved.has(id) ? id : escaped(id)
}

function escaped (id: string): string {
  const bytes = Buffer.from(id)
  return bytes.length > longestIdBytes ? `==${createHash('sha256').update(bytes).digest('base64url')}` : `=${bytes.toString('base64url')}`
}

function roomOfVersion1 (room: string): string {
  return /^[\w-]+$/.test(room) ? room : Buffer.from(room).toString('base64url')
}
