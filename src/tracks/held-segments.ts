import type { Segment } from '../media/segments.ts'

/** How many segments are held: as many as wait for a store. Those beyond are found when the track is over. */
const maxHeld = 512

/** The segments of a track that is gone on with: they have no number of their own until those before them are counted. */
export class HeldSegments {
  readonly #tell: (segment: Segment) => void
  readonly #held: Segment[] = []
  /** How many segments the track's earlier files hold. */
  #before: number | undefined

  constructor (tell: (segment: Segment) => void) {
    this.#tell = tell
  }

  /** @param segment numbered among those of the new files */
  add (segment: Segment): void {
    if (this.#before !== undefined) this.#tell({ ...segment, seq: this.#before + segment.seq })
    else if (this.#held.length < maxHeld) this.#held.push(segment)
  }

  /** The earlier ones are counted: tells of those that were held, and of others at once from now on. */
  goOnFrom (before: number): void {
    this.#before = before
    for (const segment of this.#held.splice(0)) this.add(segment)
  }
}
