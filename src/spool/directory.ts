import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RoomtapeError } from '../core/errors.ts'
import { attempt, hasCode } from './attempt.ts'

/** Names a file of the spool. Ids are made of `A-Z a-z 0-9 _ -`. */
export interface SpoolKey {
  recordingId: string
  trackId: string
  /** 1, 2, … within the track. */
  fileNumber: number
}

const audioEnding = '.m4a'
const journalEnding = '.ndjson'

/**
 * Where audio waits on this machine until a store has it: `<directory>/<recordingId>/<trackId>-<fileNumber>.m4a`, a spool journal beside each
 * file. Nothing is removed but by `remove`; whatever a crash left is found again by `recordings` and `list`.
 */
export class SpoolDirectory {
  readonly #directory: string

  constructor (directory: string) {
    this.#directory = directory
  }

  /** Path of the audio. @throws RoomtapeError VALIDATION for ids that are no file names */
  path (key: SpoolKey): string {
    return this.#stem(key) + audioEnding
  }

  /** Path of the spool journal beside the audio. @throws RoomtapeError VALIDATION */
  journalPath (key: SpoolKey): string {
    return this.#stem(key) + journalEnding
  }

  /** The recordings that have files here. @throws RoomtapeError SPOOL_FAILED */
  async recordings (): Promise<string[]> {
    const entries = await this.#entries(this.#directory)
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort()
  }

  /** Lists the files of a recording that were never removed, finished or not. @throws RoomtapeError SPOOL_FAILED */
  async list (recordingId: string): Promise<SpoolKey[]> {
    const entries = await this.#entries(this.#folder(recordingId))
    const keys = entries.flatMap(({ name }) => {
      const [, trackId, fileNumber] = /^([A-Za-z0-9_-]+)-([1-9][0-9]*)\.ndjson$/.exec(name) ?? []
      return trackId === undefined ? [] : [{ recordingId, trackId, fileNumber: Number(fileNumber) }]
    })
    // Not by localeCompare, which takes as long as all the rest
    return keys.sort((a, b) => a.trackId === b.trackId ? a.fileNumber - b.fileNumber : a.trackId < b.trackId ? -1 : 1)
  }

  /** Length of the audio; 0 when there is none. @throws RoomtapeError SPOOL_FAILED */
  async bytes (key: SpoolKey): Promise<number> {
    const path = this.path(key)
    return attempt(`look at ${nameOf(key)}`, async () => {
      try {
        return (await stat(path)).size
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return 0
        throw error
      }
    })
  }

  /** Deletes a file after a store has confirmed its bytes. Removing what is gone already is no error. @throws RoomtapeError SPOOL_FAILED */
  async remove (key: SpoolKey): Promise<void> {
    const stem = this.#stem(key)
    await attempt(`remove ${nameOf(key)}`, async () => {
      // In this order: audio without a journal would be lost from sight
      await rm(stem + audioEnding, { force: true })
      await rm(stem + journalEnding, { force: true })
      try {
        await rmdir(this.#folder(key.recordingId))
      } catch (error) {
        if (!hasCode(error, 'ENOTEMPTY', 'ENOENT', 'EEXIST')) throw error
      }
    })
  }

  #folder (recordingId: string): string {
    return join(this.#directory, checkedId(recordingId))
  }

  #stem ({ recordingId, trackId, fileNumber }: SpoolKey): string {
    if (!Number.isSafeInteger(fileNumber) || fileNumber < 1) throw new RoomtapeError('VALIDATION', `file number ${fileNumber}, expected 1, 2, …`)
    return join(this.#folder(recordingId), `${checkedId(trackId)}-${fileNumber}`)
  }

  async #entries (folder: string) {
    return attempt('list', async () => {
      try {
        return await readdir(folder, { withFileTypes: true })
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return []
        throw error
      }
    })
  }
}

/** How messages call a file. */
export function nameOf ({ trackId, fileNumber }: SpoolKey): string {
  return `${trackId}-${fileNumber}`
}

function checkedId (id: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) throw new RoomtapeError('VALIDATION', 'an id in the spool is 1 to 128 of A-Z a-z 0-9 _ -')
  return id
}
