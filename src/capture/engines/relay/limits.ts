/** How much a publisher may ask of us. Every bound is per connection but the first. */
export interface RtmpLimits {
  connections: number
  /** From accepting to the end of the handshake. */
  handshakeMs: number
  /** From the handshake, or from the end of an earlier publish, to publishing. */
  publishMs: number
  /** Without a byte while publishing; at half of it a ping asks whether anybody is there, so a muted speaker may stay silent. */
  idleMs: number
  /** How long a refused peer may take to read why. */
  lingerMs: number
  /** How often the times above are looked at. */
  sweepMs: number
  /** The largest chunk size a peer may set. Costs no memory here. */
  chunkBytes: number
  /** A message that must be kept whole; and all that are kept half at one time. */
  messageBytes: number
  chunkStreams: number
  /** All that a peer may send before it publishes. */
  unpublishedBytes: number
  /** Answers that the peer does not read. */
  unreadBytes: number
}

export const defaultLimits: Readonly<RtmpLimits> = Object.freeze({
  connections: 4_096,
  handshakeMs: 10_000,
  publishMs: 20_000,
  idleMs: 60_000,
  lingerMs: 2_000,
  sweepMs: 1_000,
  chunkBytes: 1_048_576,
  messageBytes: 262_144,
  chunkStreams: 32,
  unpublishedBytes: 65_536,
  unreadBytes: 65_536
})
