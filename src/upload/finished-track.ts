import type { TrackSummary } from '../media/track-summary.ts'
import type { Segment } from '../media/segments.ts'
import { putSegment, putTrackFile, type AudioObject, type Destination } from './put-audio.ts'
import type { Spool, SpoolKey } from '../spool/spool.ts'

/** At 500 kbit/s, the most TRTC relays. */
const secondOfAudioBytes = 64 * 1024
/** Segments are stored so many for a call, and so many of them at a time: what is stored is noted soon, and a failure undoes little. */
const segmentsPerCall = 32
const segmentsAtATime = 4

/** A track that nobody writes any more, as the spool has it. */
export class SpooledTrack {
  readonly #spool: Spool
  readonly #recordingId: string
  readonly #trackId: string

  constructor (spool: Spool, { recordingId, trackId }: Pick<SpoolKey, 'recordingId' | 'trackId'>) {
    this.#spool = spool
    this.#recordingId = recordingId
    this.#trackId = trackId
  }

  /**
   * Stores every file, salvaging what a dead thread or process left.
   * @param keyStem of the first without ending; further parts add `-2`, `-3`, …
   */
  async storeFiles (keyStem: string, destination: Destination, { signal }: { signal: AbortSignal }) {
    const stored: Array<TrackSummary & AudioObject> = []
    for (const part of await this.#parts()) {
      const summary = await this.#spool.salvage(part)
      if (summary === undefined) {
        // Not a second of audio: a file just begun. More than that is kept, for somebody to look at.
        if (await this.#spool.bytes(part) < secondOfAudioBytes) await this.#spool.remove(part)
        continue
      }
      const object = await putTrackFile(this.#spool.path(part), `${keyStem}${part.part === 1 ? '' : `-${part.part}`}`, destination, { signal })
      stored.push({ ...summary, ...object })
    }
    return stored
  }

  /**
   * Stores the next segments that are not noted, in no order.
   * @param noted their numbers
   * @returns those that were stored, by number; none when there are none left
   * @throws what the first failed with, when none could be stored
   */
  async storeSegments (keyFolder: string, noted: readonly number[], destination: Destination, { signal }: { signal: AbortSignal }) {
    const missing = await this.#segments(new Set(noted))
    const stored: Array<Awaited<ReturnType<typeof putSegment>> & { partial: boolean }> = []
    const remaining = missing.values()
    const lane = async (): Promise<void> => {
      for (const { segment, partial } of remaining) {
        const path = this.#spool.path(this.#key(segment.part))
        stored.push({ ...await putSegment(path, segment, keyFolder, destination, { signal }), partial })
      }
    }
    const lanes = await Promise.allSettled(Array.from({ length: segmentsAtATime }, lane))
    const failed = lanes.find((result) => result.status === 'rejected')
    if (failed !== undefined && stored.length === 0) throw failed.reason
    return stored.sort((a, b) => a.seq - b.seq)
  }

  async #segments (noted: ReadonlySet<number>): Promise<Array<{ segment: Segment, partial: boolean }>> {
    const missing: Array<{ segment: Segment, partial: boolean }> = []
    let seq = 0
    for (const part of await this.#parts()) {
      const summary = await this.#spool.salvage(part)
      if (summary === undefined) continue
      const segments = await this.#spool.segments(part, () => ++seq)
      for (const segment of segments) {
        const partial = summary.partial && segment === segments.at(-1)
        if (!noted.has(segment.seq) && missing.push({ segment, partial }) === segmentsPerCall) return missing
      }
    }
    return missing
  }

  async #parts (): Promise<SpoolKey[]> {
    return (await this.#spool.list(this.#recordingId)).filter(({ trackId }) => trackId === this.#trackId)
  }

  #key (part: number): SpoolKey {
    return { recordingId: this.#recordingId, trackId: this.#trackId, part }
  }
}
