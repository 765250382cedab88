import type { Segment } from '../media/segments.ts'
import type { SpoolDirectory, SpoolKey } from '../spool/directory.ts'
import { removeJustBegun } from '../spool/just-begun.ts'
import { salvage, spooledSegments } from '../spool/salvage.ts'
import type { UploadedFile, UploadedSegment } from '../stores/uploaded.ts'
import { fileKeyStem, type TrackFolder } from './object-key.ts'
import { putSegment, putTrackFile, type Destination } from './put-audio.ts'

/** How many segments one call uploads: what is uploaded is noted soon, and a failure undoes little. */
const segmentsPerCall = 32
/** How many of them are on their way at a time. */
const segmentsAtATime = 4

/** The files of a track that nobody writes any more, as the spool has them. */
export class FinishedTrack {
  readonly #spool: SpoolDirectory
  readonly #recordingId: string
  readonly #trackId: string

  constructor (spool: SpoolDirectory, { recordingId, trackId }: Pick<SpoolKey, 'recordingId' | 'trackId'>) {
    this.#spool = spool
    this.#recordingId = recordingId
    this.#trackId = trackId
  }

  /**
   * Uploads every file, salvaging what a dead thread or process left.
   * @param to `notedKeys`: of the recording's files that are noted
   * @throws RoomtapeError INTERNAL rather than put over a key that is noted
   */
  async uploadFiles (
    to: TrackFolder & { notedKeys: readonly string[] }, destination: Destination, { signal }: { signal: AbortSignal }
  ): Promise<UploadedFile[]> {
    const notedKeys = new Set(to.notedKeys)
    const uploaded: UploadedFile[] = []
    for (const key of await this.#files()) {
      const summary = await salvage(this.#spool, key)
      if (summary === undefined) {
        await removeJustBegun(this.#spool, key)
        continue
      }
      const object = await putTrackFile(this.#spool.path(key), fileKeyStem(to, key.fileNumber), destination, { notedKeys, signal })
      uploaded.push({ ...summary, ...object })
    }
    return uploaded
  }

  /**
   * Uploads the next segments that are not noted, in no order.
   * @param noted numbers of those that are
   * @param beforeFile only of files with a lower number: the track may be written in others
   * @returns those that were uploaded, by number; none when there are none left
   * @throws what the first failed with, when none could be uploaded
   */
  async uploadSegments (
    { keyFolder, noted, beforeFile = Infinity }: { keyFolder: string, noted: readonly number[], beforeFile?: number | undefined },
    destination: Destination, { signal }: { signal: AbortSignal }
  ): Promise<UploadedSegment[]> {
    const missing = await this.#segments(new Set(noted), beforeFile)
    const uploaded: UploadedSegment[] = []
    const remaining = missing.values()
    const lane = async (): Promise<void> => {
      for (const { segment, partial } of remaining) {
        const path = this.#spool.path({ recordingId: this.#recordingId, trackId: this.#trackId, fileNumber: segment.fileNumber })
        uploaded.push({ ...await putSegment(path, segment, keyFolder, destination, { signal }), partial })
      }
    }
    const lanes = await Promise.allSettled(Array.from({ length: segmentsAtATime }, lane))
    const failed = lanes.find((result) => result.status === 'rejected')
    if (failed !== undefined && uploaded.length === 0) throw failed.reason
    return uploaded.sort((a, b) => a.seq - b.seq)
  }

  async #segments (noted: ReadonlySet<number>, beforeFile: number): Promise<Array<{ segment: Segment, partial: boolean }>> {
    const missing: Array<{ segment: Segment, partial: boolean }> = []
    let seq = 0
    for (const key of await this.#files()) {
      if (key.fileNumber >= beforeFile) break
      const summary = await salvage(this.#spool, key)
      if (summary === undefined) continue
      const segments = await spooledSegments(this.#spool, key, () => ++seq)
      for (const segment of segments) {
        const partial = summary.partial && segment === segments.at(-1)
        if (!noted.has(segment.seq) && missing.push({ segment, partial }) === segmentsPerCall) return missing
      }
    }
    return missing
  }

  async #files (): Promise<SpoolKey[]> {
    return (await this.#spool.list(this.#recordingId)).filter(({ trackId }) => trackId === this.#trackId)
  }
}
