/** How a stream of AAC frames is to be read. All sizes are those of the AAC core, so that `frameSamples / sampleRate` is a frame's length. */
export interface AudioConfig {
  codec: 'aac'
  /** The AudioSpecificConfig (ISO 14496-3, 1.6.2.1). */
  config: Uint8Array
  /** Of the core; HE-AAC plays at twice this rate. */
  sampleRate: number
  channels: number
  /** Samples per channel in a frame: 1024, or 960 for the short form. */
  frameSamples: number
}
