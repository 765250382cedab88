import { open, type FileHandle } from 'node:fs/promises'
import type { Gap, TrackSummary, Trim } from '../media/track-summary.ts'
import { attempt } from './attempt.ts'
import { nameOf, type SpoolDirectory } from './directory.ts'
import { beginJournal, noteClosed, noteGap, noteTrim, ownerOnly, type SpoolStart } from './journal.ts'

/** Appends between two looks whether the file is still there: some six seconds. */
const appendsBetweenLooks = 8

/** Begins a file that does not exist yet. @throws RoomtapeError SPOOL_FAILED, VALIDATION */
export async function createSpoolFile (directory: SpoolDirectory, start: SpoolStart): Promise<SpoolWriter> {
  const path = directory.path(start)
  const journalPath = directory.journalPath(start)
  return attempt(`begin ${nameOf(start)}`, async () => {
    // The journal comes first: audio without one could not be placed in time
    await beginJournal(journalPath, start)
    return new SpoolWriter(await open(path, 'wx', ownerOnly), path, journalPath)
  })
}

/** A file being written. Calls must not overlap. All of them throw RoomtapeError SPOOL_FAILED. */
export class SpoolWriter {
  readonly path: string
  readonly #journalPath: string
  readonly #audio: FileHandle
  #end = 0
  #appends = 0

  constructor (audio: FileHandle, path: string, journalPath: string) {
    this.#audio = audio
    this.path = path
    this.#journalPath = journalPath
  }

  /** After a failure the file may hold a piece of `bytes`; salvage knows. */
  async append (bytes: Uint8Array): Promise<void> {
    await attempt('append', async () => {
      await writeAll(this.#audio, bytes, this.#end)
      // Writing to a file that somebody removed goes well for ever, and all of it is lost
      if (++this.#appends % appendsBetweenLooks === 0 && (await this.#audio.stat()).nlink === 0) throw new Error('the file was removed while it was written')
    })
    this.#end += bytes.length
  }

  async patch (offset: number, bytes: Uint8Array): Promise<void> {
    await attempt('patch', () => writeAll(this.#audio, bytes, offset))
  }

  async addGap (gap: Gap): Promise<void> {
    await attempt('note a gap', () => noteGap(this.#journalPath, gap))
  }

  async addTrim (trim: Trim): Promise<void> {
    await attempt('note a trim', () => noteTrim(this.#journalPath, trim))
  }

  /** Makes the audio durable, then says in the journal that it is complete. */
  async finish (summary: TrackSummary): Promise<void> {
    await attempt('finish', async () => {
      await this.#audio.datasync()
      await noteClosed(this.#journalPath, this.#end, summary)
      await this.#audio.close()
    })
  }

  async close (): Promise<void> {
    await attempt('close', () => this.#audio.close())
  }
}

/** Writes all of `bytes`, however often the system takes less. */
export async function writeAll (file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
