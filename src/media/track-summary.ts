import { Type, type Static } from 'typebox'

/**
 * Why there is no audio.
 *
 * - `missing`: frames within a connection; what a mute leaves looks like that
 * - `reconnected`: the connection broke, the same source came back
 * - `disconnected`: the source was let go, another was asked for
 * - `takeover`: a newer connection of the source took over from one that seemed alive
 * - `clock`: the source's clock leapt
 * - `stalled`: the source's clock stood still
 * - `drift`: the source's clock is slow, so a frame of silence falls due now and then
 * - `overload`: the disk could not take what came
 * - `paused`: somebody paused the recording
 */
export const GapCause = Type.Union([
  Type.Literal('missing'), Type.Literal('reconnected'), Type.Literal('disconnected'), Type.Literal('takeover'), Type.Literal('clock'),
  Type.Literal('stalled'), Type.Literal('drift'), Type.Literal('overload'), Type.Literal('paused')
])
export type GapCause = Static<typeof GapCause>

/** A stretch of the room's time without audio. */
export const Gap = Type.Object({
  /** Unix milliseconds, as `endMs`. */
  startMs: Type.Integer(),
  endMs: Type.Integer(),
  cause: GapCause,
  /** The frame of the file before which the gap lies; filled gaps have their silence from here on. */
  atFrame: Type.Integer({ minimum: 0 })
})
export type Gap = Static<typeof Gap>

/** Audio that came and is not in the file, since the file was ahead of the room's time: the source's clock is fast, or it outran it. */
export const Trim = Type.Object({
  /** The room's time of the first frame left out, Unix milliseconds. */
  atMs: Type.Integer(),
  /** The frame of the file before which they would be. */
  atFrame: Type.Integer({ minimum: 0 }),
  frames: Type.Integer({ minimum: 1 })
})
export type Trim = Static<typeof Trim>

/** What is known of a finished file of a track. */
export const TrackSummary = Type.Object({
  /** 1, 2, … within its track: a change of encoding begins another file. */
  fileNumber: Type.Integer({ minimum: 1 }),
  /** The room's time of the first sample and of the end of the last: Unix milliseconds. */
  startMs: Type.Integer(),
  endMs: Type.Integer(),
  /** Of the file; shorter than end − start by what was cut out when gaps are not filled. */
  durationMs: Type.Integer(),
  gapMs: Type.Integer(),
  gaps: Type.Array(Gap),
  trims: Type.Array(Trim),
  /** AAC frames in the file, silent ones included. */
  frames: Type.Integer({ minimum: 1 }),
  /** Of the AAC core, as in `AudioConfig`. */
  sampleRate: Type.Integer(),
  channels: Type.Integer(),
  /** The writer did not live to finish the file; it ends with its last whole fragment. */
  partial: Type.Boolean(),
  /** With this file the track was gone on with, after a thread or process that died or ended. */
  resumed: Type.Boolean()
})
export type TrackSummary = Static<typeof TrackSummary>

interface Written extends Pick<TrackSummary, 'fileNumber' | 'startMs' | 'gaps' | 'trims' | 'frames' | 'partial' | 'resumed'> {
  /** False: the gaps are cut out of the file. */
  fillGaps: boolean
  config: { sampleRate: number, channels: number, frameSamples: number }
}

/** Counts a file up from what was written. */
export function summarize (file: Written): TrackSummary {
  const { fileNumber, startMs, fillGaps, frames, partial, resumed, config: { sampleRate, channels, frameSamples } } = file
  // A gap at the file's end or beyond never made it there
  const reached = file.gaps.filter((gap) => gap.atFrame < frames)
  const trims = file.trims.filter((trim) => trim.atFrame <= frames)
  const fileMs = frames * frameSamples * 1000 / sampleRate
  const cutMs = fillGaps ? 0 : lengthOf(reached)
  const endMs = Math.round(startMs + fileMs + cutMs)
  const gaps = fillGaps ? reached.map((gap) => ({ ...gap, endMs: Math.max(gap.startMs, Math.min(gap.endMs, endMs)) })) : reached
  return { fileNumber, startMs, endMs, durationMs: Math.round(fileMs), gapMs: lengthOf(gaps), gaps, trims, frames, sampleRate, channels, partial, resumed }
}

function lengthOf (gaps: readonly Gap[]): number {
  return gaps.reduce((sum, gap) => sum + gap.endMs - gap.startMs, 0)
}
