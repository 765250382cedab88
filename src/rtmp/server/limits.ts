import { defaultChunkLimits, type ChunkLimits } from '../protocol/chunk-limits.ts'

/** How much publishers may ask of us. The first group holds for all connections of a thread, the rest for each of them. */
export interface RtmpLimits extends ChunkLimits {
  /** Connections. When there are so many, one that does not publish gives way to a new one; if all publish, the new one is dropped. */
  connections: number
  /** Connections that do not publish. When there are more, the oldest of them is closed, so that no stranger can keep others out. */
  waiting: number
  /** Connections of one address that do not publish. Those that publish are not counted: TRTC's relays come from few addresses. */
  waitingPerAddress: number

  /** From accepting a connection to the end of its handshake. */
  handshakeMs: number
  /** From the handshake, or from the end of an earlier publish, to publishing. */
  publishMs: number
  /** A publisher is closed after this time without a whole message. After half of it a ping asks whether it is there, so a muted speaker may stay silent. */
  idleMs: number
  /** How long a refused peer may take to read why. */
  lingerMs: number
  /** How often the times above are looked at. */
  sweepMs: number
  /** Chunks between two sweeps, whatever is in them. */
  sweepChunks: number
  /** Commands and pings between two sweeps. */
  sweepCommands: number
  /** All that a peer may send before it publishes. */
  unpublishedBytes: number
  /** Answers that the peer does not read. */
  unreadBytes: number
  /** The fewest bytes between two acknowledgements, whatever window the peer asks for. */
  minWindowBytes: number
}

/**
 * All connections of a thread together keep at most 32 MiB + 4096 · 16 KiB = 96 MiB of half-read messages, and a stranger 64 KiB for 30 s at
 * the most. 2048 waiting connections are what a gateway sees whose relays all come back at once from one address; a handshake takes a
 * fraction of a second. A million chunks cost some 30 ms: video of 50 Mbit/s in chunks of 128 bytes has 50 000 in a second.
 */
export const defaultLimits: Readonly<RtmpLimits> = Object.freeze({
  ...defaultChunkLimits,
  connections: 4_096,
  waiting: 3_072,
  waitingPerAddress: 2_048,
  handshakeMs: 10_000,
  publishMs: 20_000,
  idleMs: 60_000,
  lingerMs: 2_000,
  sweepMs: 1_000,
  sweepChunks: 1_000_000,
  sweepCommands: 500,
  unpublishedBytes: 65_536,
  unreadBytes: 65_536,
  minWindowBytes: 8_192
})
