import type { TrackSummary } from './track-summary.ts'

/** What says where a file's audio lies in the room's time. Frames that were left out play no part: what follows them stands where it belongs. */
export interface TrackTime extends Pick<TrackSummary, 'startMs' | 'endMs' | 'gaps'> {
  /** False: the gaps are cut out of the file. */
  fillGaps: boolean
  sampleRate: number
  frameSamples: number
}

/**
 * The room's time of a moment of the file, Unix milliseconds. Where a gap is cut out, the moment is that of the first sound after it.
 * @param fileMs from the file's beginning
 */
export function roomTimeOf (fileMs: number, track: TrackTime): number {
  return track.startMs + fileMs + cutBefore(track, (gap) => gapAtMs(gap, track) <= fileMs)
}

/**
 * Where a moment of the room's time is in the file, milliseconds from its beginning. All of a gap that is cut out is the one place where it
 * was; before the file it is 0, after it the file's end.
 * @param roomMs Unix milliseconds
 */
export function fileTimeOf (roomMs: number, track: TrackTime): number {
  const withinMs = Math.max(track.startMs, Math.min(track.endMs, roomMs))
  const inside = track.fillGaps ? undefined : track.gaps.find(({ startMs, endMs }) => startMs <= withinMs && withinMs < endMs)
  if (inside !== undefined) return gapAtMs(inside, track)
  return withinMs - track.startMs - cutBefore(track, ({ endMs }) => endMs <= withinMs)
}

function gapAtMs ({ atFrame }: { atFrame: number }, { frameSamples, sampleRate }: TrackTime): number {
  return atFrame * frameSamples * 1000 / sampleRate
}

function cutBefore ({ fillGaps, gaps }: TrackTime, isBefore: (gap: TrackTime['gaps'][number]) => boolean): number {
  return fillGaps ? 0 : gaps.filter(isBefore).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
}
