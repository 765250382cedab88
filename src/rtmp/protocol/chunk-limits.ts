/** How much of a thread's memory peers may use by what they send. */
export interface ChunkLimits {
  /** The largest chunk size a peer may set. Costs no memory here. */
  chunkBytes: number
  /** The largest message that must be kept whole. Several half-read ones together may keep twice this. */
  messageBytes: number
  /** Chunk streams of one connection. */
  chunkStreams: number
  /** What one connection may keep of half-read messages, however much the others keep: enough for any audio. */
  ownBytes: number
  /** What all connections of a thread may keep of half-read messages beyond `ownBytes` of each. */
  sharedBytes: number
}

export const defaultChunkLimits: Readonly<ChunkLimits> = Object.freeze({
  chunkBytes: 1_048_576,
  messageBytes: 262_144,
  chunkStreams: 32,
  ownBytes: 16_384,
  sharedBytes: 33_554_432
})
