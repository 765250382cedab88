/** A stretch of a track that becomes a file of its own: a run of whole fragments of one part. */
export interface Segment {
  /** 1, 2, … over the parts of a track. */
  seq: number
  part: number
  /** Frames of the part. */
  firstFrame: number
  frames: number
  /** Bytes of the part's file, `byteEnd` not included. */
  byteStart: number
  byteEnd: number
  /** The room's time of its first sample and of the end of its last: Unix milliseconds. */
  startMs: number
  endMs: number
  /** How long it plays; shorter than end − start by gaps that were cut out. */
  durationMs: number
  /** How much of the room's time in it is without audio: filled with silence or cut out. */
  gapMs: number
}
