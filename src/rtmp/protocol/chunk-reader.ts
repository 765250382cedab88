import { RoomtapeError } from '../../core/errors.ts'
import { KeptBytes } from './kept-bytes.ts'
import type { ChunkLimits } from './chunk-limits.ts'
import { messageType } from './messages.ts'

type OnMessage = (type: number, timestampMs: number, bytes: Buffer, start: number, end: number, streamId: number) => void

/** What is remembered between the chunks of one id. */
interface ChunkStream {
  type: number
  length: number
  /** Id of the message stream, as `createStream` gave it; not to be confused with the chunk stream's own. */
  streamId: number
  /** Time of the message being read; 32 bit, wraps. */
  timestampMs: number
  /** The timestamp field of the last header that had one: what a header without one repeats. */
  fieldMs: number
  extended: boolean
  received: number
  /** The part read so far of a message that did not come in one piece. */
  partial: Buffer | undefined
}

/** Basic header 3, message header 11, extended timestamp 4. */
const maxHeaderBytes = 18
const extendedMark = 0xffffff
/** A buffer up to this size is kept between messages, so that frames larger than a chunk do not cost an allocation each. */
const reusedBytes = 4096

const messageHeaderBytes = [11, 7, 3, 0] as const

/** Message types that we read. The bodies of all others (video, metadata) are stepped over. */
const wanted = new Set<number>([
  messageType.setChunkSize, messageType.abort, messageType.userControl, messageType.windowAckSize,
  messageType.audio, messageType.command, messageType.commandAmf3, messageType.aggregate
])

/**
 * Takes a peer's bytes as they come and gives whole messages, in place wherever a message lies in one chunk and one read.
 * Obeys Set Chunk Size and Abort itself. Bytes given to `onMessage` are valid during that call only.
 * @see Adobe, RTMP 1.0, 5.3
 */
export class ChunkReader {
  readonly #limits: ChunkLimits
  readonly #onMessage: OnMessage
  readonly #kept: KeptBytes
  readonly #streams = new Map<number, ChunkStream>()
  /** A header that did not come whole. */
  readonly #header = Buffer.alloc(maxHeaderBytes)
  #headerBytes = 0
  /** The stream whose chunk is being read. */
  #current: ChunkStream | undefined
  #chunkLeft = 0
  #chunkSize = 128
  #heldBytes = 0
  #chunks = 0
  #messages = 0
  /** The timestamp that a continuing chunk may repeat, and how much of it came so far; 4 when none is looked for. */
  readonly #repeated = Buffer.alloc(4)
  #repeatedBytes = 4
  #stopped = false

  /** @param kept what the readers of a thread keep together */
  constructor (limits: ChunkLimits, onMessage: OnMessage, kept = new KeptBytes(limits)) {
    this.#limits = limits
    this.#onMessage = onMessage
    this.#kept = kept
  }

  /** Size of the buffers for messages that are not complete. */
  get heldBytes (): number { return this.#heldBytes }

  /** Chunks begun so far: how much work the peer has made. */
  get chunks (): number { return this.#chunks }

  /** Messages that came to their end so far, also those stepped over. */
  get messages (): number { return this.#messages }

  /** Nothing is read after this, also not the rest of what `push` is reading. */
  stop (): void {
    this.#stopped = true
    this.#streams.clear()
    this.#current = undefined
    this.#hold(-this.#heldBytes)
  }

  /** @throws RoomtapeError VALIDATION for what is no chunk stream, or over a limit */
  push (bytes: Buffer, start: number, end: number): void {
    let at = start
    if (this.#headerBytes > 0) {
      const taken = bytes.copy(this.#header, this.#headerBytes, at, Math.min(end, at + maxHeaderBytes - this.#headerBytes))
      const size = this.#readHeader(this.#header, 0, this.#headerBytes + taken)
      if (size === 0) {
        this.#headerBytes += taken
        return
      }
      at += size - this.#headerBytes
      this.#headerBytes = 0
    }
    while (at < end || this.#isEmptyChunk()) {
      if (this.#stopped) return
      if (this.#current === undefined) {
        const size = this.#readHeader(bytes, at, end)
        if (size === 0) {
          this.#headerBytes = bytes.copy(this.#header, 0, at, end)
          return
        }
        at += size
      } else {
        at = this.#repeatedBytes < 4 ? this.#matchRepeated(bytes, at, end) : this.#readBody(this.#current, bytes, at, end)
      }
    }
  }

  #isEmptyChunk (): boolean { return this.#current !== undefined && this.#chunkLeft === 0 }

  /** Gives the header's length, or 0 and changes nothing if it is cut off. */
  #readHeader (bytes: Buffer, start: number, end: number): number {
    const first = bytes[start] ?? 0
    const format = first >> 6 as 0 | 1 | 2 | 3
    const low = first & 0x3f
    const basicBytes = low === 0 ? 2 : low === 1 ? 3 : 1
    const at = start + basicBytes
    const fixedEnd = at + messageHeaderBytes[format]
    if (fixedEnd > end) return 0
    const id = basicBytes === 1 ? low : 64 + bytes.readUInt8(start + 1) + (basicBytes === 3 ? bytes.readUInt8(start + 2) * 256 : 0)
    const known = this.#streams.get(id)
    const continues = known !== undefined && known.received > 0
    if (continues && format !== 3) throw malformed('a message starts before the one before it has ended')
    if (continues) {
      this.#begin(known)
      if (known.extended) this.#repeatedBytes = 0
      return basicBytes
    }

    const field = format === 3 ? (known?.extended === true ? extendedMark : known?.fieldMs ?? 0) : bytes.readUIntBE(at, 3)
    const extended = field === extendedMark
    if (extended && fixedEnd + 4 > end) return 0
    const stream = known ?? this.#open(id, format)
    if (format !== 3) {
      stream.extended = extended
      if (format !== 2) {
        stream.length = bytes.readUIntBE(at + 3, 3)
        stream.type = bytes.readUInt8(at + 6)
        if (format === 0) stream.streamId = bytes.readUInt32LE(at + 7)
      }
    }
    stream.fieldMs = extended ? bytes.readUInt32BE(fixedEnd) : field
    stream.timestampMs = format === 0 ? stream.fieldMs : (stream.timestampMs + stream.fieldMs) >>> 0
    if (stream.length > this.#limits.messageBytes && wanted.has(stream.type)) {
      throw malformed(`a message of type ${stream.type} is larger than ${this.#limits.messageBytes} bytes`)
    }
    this.#begin(stream)
    return fixedEnd + (extended ? 4 : 0) - start
  }

  #open (id: number, format: number): ChunkStream {
    // librtmp opens with the short form 1 now and then; there is nothing that 2 and 3 could refer to.
    if (format > 1) throw malformed('a chunk refers to a message that never was')
    if (this.#streams.size >= this.#limits.chunkStreams) throw malformed(`more than ${this.#limits.chunkStreams} chunk streams`)
    const stream = { type: 0, length: 0, streamId: 0, timestampMs: 0, fieldMs: 0, extended: false, received: 0, partial: undefined }
    this.#streams.set(id, stream)
    return stream
  }

  #begin (stream: ChunkStream): void {
    this.#chunks++
    this.#current = stream
    this.#chunkLeft = Math.min(this.#chunkSize, stream.length - stream.received)
  }

  /**
   * Continuing chunks repeat an extended timestamp, but some publishers leave it out. So bytes are taken for it while they equal it; at the
   * first that does not, all of them are the body's.
   */
  #matchRepeated (bytes: Buffer, start: number, end: number): number {
    const stream = this.#current
    if (stream === undefined) return start
    this.#repeated.writeUInt32BE(stream.fieldMs)
    let at = start
    while (at < end && this.#repeatedBytes < 4) {
      if (bytes[at] !== this.#repeated[this.#repeatedBytes]) {
        const matched = this.#repeatedBytes
        this.#repeatedBytes = 4
        if (matched > this.#chunkLeft) throw malformed('an extended timestamp is not repeated as it was')
        if (matched > 0) this.#readBody(stream, this.#repeated, 0, matched)
        return at
      }
      at++
      this.#repeatedBytes++
    }
    return at
  }

  #readBody (stream: ChunkStream, bytes: Buffer, start: number, end: number): number {
    const size = Math.min(end - start, this.#chunkLeft)
    const stop = start + size
    this.#chunkLeft -= size
    if (this.#chunkLeft === 0) this.#current = undefined
    const before = stream.received
    stream.received += size
    const isWhole = stream.received === stream.length
    if (isWhole) this.#messages++
    if (!wanted.has(stream.type)) {
      if (isWhole) stream.received = 0
      return stop
    }
    if (isWhole && before === 0) {
      stream.received = 0
      this.#deliver(stream, bytes, start, stop)
      return stop
    }
    const partial = this.#keep(stream, before, bytes, start, stop)
    if (isWhole) {
      stream.received = 0
      if (partial.length > reusedBytes) this.#drop(stream)
      this.#deliver(stream, partial, 0, stream.length)
    }
    return stop
  }

  /** Copies into the stream's buffer, which grows with what came, never to what was announced. */
  #keep (stream: ChunkStream, before: number, bytes: Buffer, start: number, end: number): Buffer {
    let partial = stream.partial
    if (partial === undefined || partial.length < stream.received) {
      const size = Math.min(stream.length, Math.max(512, stream.received * 2))
      this.#hold(size - (partial?.length ?? 0))
      const grown = Buffer.allocUnsafeSlow(size)
      partial?.copy(grown, 0, 0, before)
      partial = stream.partial = grown
    }
    bytes.copy(partial, before, start, end)
    return partial
  }

  #drop (stream: ChunkStream): void {
    this.#hold(-(stream.partial?.length ?? 0))
    stream.partial = undefined
  }

  #hold (moreBytes: number): void {
    const held = this.#heldBytes + moreBytes
    if (moreBytes > 0 && held > 2 * this.#limits.messageBytes) throw malformed(`unfinished messages hold more than ${2 * this.#limits.messageBytes} bytes`)
    if (!this.#kept.resize(this.#heldBytes, held)) throw malformed('all connections together hold too many unfinished messages')
    this.#heldBytes = held
  }

  #deliver (stream: ChunkStream, bytes: Buffer, start: number, end: number): void {
    switch (stream.type) {
      case messageType.setChunkSize: {
        const size = end - start < 4 ? 0 : bytes.readUInt32BE(start)
        if (size < 1 || size > this.#limits.chunkBytes) throw malformed(`chunk size is not between 1 and ${this.#limits.chunkBytes}`)
        this.#chunkSize = size
        break
      }
      case messageType.abort: {
        const aborted = end - start < 4 ? undefined : this.#streams.get(bytes.readUInt32BE(start))
        if (aborted !== undefined) {
          aborted.received = 0
          this.#drop(aborted)
        }
        break
      }
      default: this.#onMessage(stream.type, stream.timestampMs, bytes, start, end, stream.streamId)
    }
  }
}

function malformed (what: string): RoomtapeError {
  return new RoomtapeError('VALIDATION', what)
}
