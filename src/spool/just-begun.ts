import { open } from 'node:fs/promises'
import { hasFragment } from '../media/mp4-reader.ts'
import { attempt, hasCode } from './attempt.ts'
import { nameOf, type SpoolDirectory, type SpoolKey } from './directory.ts'
import { readAt } from './read-at.ts'

/** A second of audio at 500 kbit/s, the most TRTC relays. */
const secondOfAudioBytes = 64 * 1024

/**
 * Removes a file that was just begun and that nobody writes any more: it holds no whole fragment, and not a second of audio. More than that
 * without a whole fragment is damaged, and kept for somebody to look at.
 * @returns whether it is gone
 * @throws RoomtapeError SPOOL_FAILED
 */
export async function removeJustBegun (directory: SpoolDirectory, key: SpoolKey): Promise<boolean> {
  if (await directory.bytes(key) >= secondOfAudioBytes || await holdsFragment(directory, key)) return false
  await directory.remove(key)
  return true
}

/**
 * The number of the file with which a track goes on that nobody writes any more: the one after its last. A last file that was just begun is
 * removed, and its number used again.
 * @throws RoomtapeError SPOOL_FAILED
 */
export async function nextFileNumber (directory: SpoolDirectory, { recordingId, trackId }: Omit<SpoolKey, 'fileNumber'>): Promise<number> {
  const keys = (await directory.list(recordingId)).filter((key) => key.trackId === trackId)
  for (let last = keys.pop(); last !== undefined; last = keys.pop()) {
    if (!await removeJustBegun(directory, last)) return last.fileNumber + 1
  }
  return 1
}

/** Looks at the first fragment alone. */
async function holdsFragment (directory: SpoolDirectory, key: SpoolKey): Promise<boolean> {
  return attempt(`look at ${nameOf(key)}`, async () => {
    try {
      await using file = await open(directory.path(key))
      return await hasFragment((offset, length) => readAt(file, offset, length))
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false
      throw error
    }
  })
}
