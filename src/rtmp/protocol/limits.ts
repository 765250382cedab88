/** How much publishers may ask of us. The first group holds for all connections of a worker, the rest for each of them. */
export interface RtmpLimits {
  /** When they are all in use, one that does not publish gives way to a new one; if all publish, the new one is dropped. */
  connections: number
  /** Connections that do not publish: when there are more, the one that came first is closed, so that no stranger can hold the door shut. */
  waiting: number
  /** The same for those of one address. What publishes is not counted: TRTC's relays come from few addresses. */
  waitingPerAddress: number
  /** Buffers of half-read messages, beyond `ownBytes` of each connection. */
  sharedBytes: number

  /** What a connection may keep of half-read messages, however much the others keep: enough for any audio. */
  ownBytes: number
  /** From accepting to the end of the handshake. */
  handshakeMs: number
  /** From the handshake, or from the end of an earlier publish, to publishing. */
  publishMs: number
  /** Without a whole message while publishing; at half of it a ping asks whether anybody is there, so a muted speaker may stay silent. */
  idleMs: number
  /** How long a refused peer may take to read why. */
  lingerMs: number
  /** How often the times above are looked at. */
  sweepMs: number
  /** Chunks between two sweeps, whatever is in them. */
  sweepChunks: number
  /** Commands and pings between two sweeps. */
  sweepCommands: number
  /** The largest chunk size a peer may set. Costs no memory here. */
  chunkBytes: number
  /** A message that must be kept whole; twice this is the most that is kept of several half ones. */
  messageBytes: number
  chunkStreams: number
  /** All that a peer may send before it publishes. */
  unpublishedBytes: number
  /** Answers that the peer does not read. */
  unreadBytes: number
  /** The peer's wish to hear how much has arrived is not followed more often than once in so many bytes. */
  minWindowBytes: number
}

/**
 * All connections of a worker together keep at most 32 MiB + 4096 · 16 KiB = 96 MiB of half-read messages, and a stranger 64 KiB for 30 s at
 * the most. 2048 waiting connections are what a gateway sees whose relays all come back at once from one address; a handshake takes a
 * fraction of a second. A million chunks cost some 30 ms: video of 50 Mbit/s in chunks of 128 bytes has 50 000 in a second.
 */
export const defaultLimits: Readonly<RtmpLimits> = Object.freeze({
  connections: 4_096,
  waiting: 3_072,
  waitingPerAddress: 2_048,
  sharedBytes: 33_554_432,
  ownBytes: 16_384,
  handshakeMs: 10_000,
  publishMs: 20_000,
  idleMs: 60_000,
  lingerMs: 2_000,
  sweepMs: 1_000,
  sweepChunks: 1_000_000,
  sweepCommands: 500,
  chunkBytes: 1_048_576,
  messageBytes: 262_144,
  chunkStreams: 32,
  unpublishedBytes: 65_536,
  unreadBytes: 65_536,
  minWindowBytes: 8_192
})
