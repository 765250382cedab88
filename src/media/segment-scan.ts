import type { AudioConfig } from './audio-config.ts'
import { readMp4Header, scanMp4, type ReadAt } from './mp4-reader.ts'
import { SegmentRun, type Segment } from './segments.ts'
import type { Gap } from './track-summary.ts'

interface ScannedFile {
  fileNumber: number
  /** The room's time of its first frame, Unix milliseconds. */
  startMs: number
  fillGaps: boolean
  /** By `atFrame`. */
  gaps: readonly Gap[]
  nextSeq: () => number
}

/**
 * Finds the segments of a file that was cut while it was written: those that were told of then, and those that were not.
 * @returns how its frames are to be read; undefined for a file without a whole header
 */
export async function scanSegments (read: ReadAt, { gaps, ...file }: ScannedFile, visit: (segment: Segment) => void): Promise<AudioConfig | undefined> {
  const header = await readMp4Header(read)
  if (header === undefined) return undefined
  const run = new SegmentRun({ ...file, config: header.config, headerBytes: header.bytes })
  const close = (): void => {
    const segment = run.close()
    if (segment !== undefined) visit(segment)
  }
  let gapsSeen = 0
  await scanMp4(read, ({ firstFrame, frames, bytes, startsSegment }) => {
    if (startsSegment) close()
    for (let gap = gaps[gapsSeen]; gap !== undefined && gap.atFrame <= firstFrame; gap = gaps[++gapsSeen]) run.gap(gap)
    run.fragment(frames, bytes)
  })
  close()
  return header.config
}
