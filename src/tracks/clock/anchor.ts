export interface HeldFrame { bytes: Uint8Array, timestampMs: number, arrivalMs: number }

/**
 * How long the first frames of a connection, and those after a leap of its clock, are held: the least delayed of them anchors the clock. The first
 * one often is late by whatever the handshake took, all of them by up to a nap of the thread.
 */
const holdMs = 500
/** More than half a second of any AAC; a source that sends more at once is anchored by these. */
const maxHeld = 64

/** Frames that wait for the clock to be anchored, in the order they came. */
export class HeldFrames {
  #frames: HeldFrame[] = []

  /** Whether the source's clock and arrival part ways before this frame: it then says nothing of how late the frames held were. */
  isCutOffFrom (timestampMs: number, arrivalMs: number): boolean {
    const last = this.#frames.at(-1)
    return last !== undefined && Math.abs(((timestampMs - last.timestampMs) | 0) - (arrivalMs - last.arrivalMs)) > holdMs
  }

  /** Keeps a copy of `bytes` from `start` up to `end`. */
  add (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    this.#frames.push({ bytes: Buffer.from(bytes.subarray(start, end)), timestampMs, arrivalMs })
  }

  /** Whether they have been held for long enough, or are too many. @param nowMs Unix milliseconds */
  isDue (nowMs: number): boolean {
    const [first] = this.#frames
    return first !== undefined && (this.#frames.length >= maxHeld || nowMs - first.arrivalMs >= holdMs)
  }

  /** Gives them all back, and where in the room's time the first of them belongs by the least delayed one, Unix milliseconds. */
  take (): { frames: HeldFrame[], firstMs: number } {
    const frames = this.#frames
    this.#frames = []
    const [first] = frames
    const firstMs = frames.reduce((least, { timestampMs, arrivalMs }) => Math.min(least, arrivalMs - ((timestampMs - (first?.timestampMs ?? 0)) | 0)), Infinity)
    return { frames, firstMs }
  }
}
