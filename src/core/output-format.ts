/** What files hold the audio in: `m4a` is fragmented MP4, `aac` is ADTS. Both carry the frames as they came. */
export const outputFormats = ['m4a', 'aac'] as const
export type OutputFormat = typeof outputFormats[number]
