import { setImmediate as nextTurn } from 'node:timers/promises'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { salvage, spooledSegments } from '../spool/salvage.ts'
import { nextFileNumber } from '../spool/just-begun.ts'
import type { SpoolDirectory, SpoolKey } from '../spool/directory.ts'

type SpooledTrack = Pick<SpoolKey, 'recordingId' | 'trackId'>

/** How many tracks are salvaged at a time: after a restart hundreds wait, and the thread has audio to write. */
const maxAtATime = 4

/** The files that tracks of a thread had before it went on with them. */
export class EarlierFiles {
  readonly #spool: SpoolDirectory
  readonly #waiting: Array<() => void> = []
  #running = 0

  constructor (spool: SpoolDirectory) {
    this.#spool = spool
  }

  /** Whether some are being salvaged. */
  get busy (): boolean { return this.#running > 0 }

  /** @returns the number of the file with which the track goes on @throws RoomtapeError SPOOL_FAILED */
  nextNumber (track: SpooledTrack): Promise<number> {
    return nextFileNumber(this.#spool, track)
  }

  /**
   * Makes the files whole that have a lower number, when it is their turn, and counts their segments.
   * @param isCut whether the track is cut into segments
   * @throws RoomtapeError SPOOL_FAILED, or the signal's reason when nobody needs them any more
   */
  async salvage (track: SpooledTrack, beforeFile: number, { isCut, signal }: { isCut: boolean, signal: AbortSignal }): Promise<number> {
    if (beforeFile === 1) return 0
    await this.#turn()
    try {
      await nextTurn() // whoever opened the track is answered first
      return await this.#salvage(track, beforeFile, isCut, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw error instanceof RoomtapeError ? error : new RoomtapeError('SPOOL_FAILED', messageOf(error), { cause: error })
    } finally {
      this.#endTurn()
    }
  }

  /** Where the files that have a lower number end, Unix milliseconds by the clock of then; −Infinity without any. @throws RoomtapeError SPOOL_FAILED */
  async endMs ({ recordingId, trackId }: SpooledTrack, beforeFile: number): Promise<number> {
    let endMs = -Infinity
    for (const key of await this.#spool.list(recordingId)) {
      if (key.trackId !== trackId || key.fileNumber >= beforeFile) continue
      endMs = Math.max(endMs, (await salvage(this.#spool, key))?.endMs ?? -Infinity)
    }
    return endMs
  }

  async #salvage ({ recordingId, trackId }: SpooledTrack, beforeFile: number, isCut: boolean, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted()
    let segments = 0
    for (const key of await this.#spool.list(recordingId)) {
      if (key.trackId !== trackId || key.fileNumber >= beforeFile) continue
      signal.throwIfAborted()
      const summary = await salvage(this.#spool, key)
      if (isCut && summary !== undefined) segments += (await spooledSegments(this.#spool, key, () => 1)).length
    }
    return segments
  }

  async #turn (): Promise<void> {
    if (this.#running < maxAtATime) this.#running++
    else await new Promise<void>((resolve) => { this.#waiting.push(resolve) })
  }

  #endTurn (): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running--
    else next()
  }
}
