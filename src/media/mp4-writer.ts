import { maxAacFrameBytes, silentFrame } from './aac.ts'
import type { AudioConfig } from './audio-config.ts'
import { fragmentLayout, mdatHeaderBytes } from './fragment-layout.ts'

/** The longest fragment. With up to 100 ms that wait in a socket while the thread naps, a killed process then loses less than a second. */
const maxFragmentMs = 800
/**
 * The size of a fragment's buffer, most of a track's memory: room for the longest fragment at 88 kbit/s, where relays are asked for 64; denser
 * audio gets shorter fragments. Holds the longest AAC frame behind the longest head.
 */
const fragmentBufferBytes = 9 * 1024
/** How many unused buffers are kept: a thread that once had many tracks gives the rest of the memory back. */
const maxSpareBuffers = 256
/** How many buffers are taken when there are too many, 64 MB: twice what 3500 tracks hold while the disk keeps up. */
const crowdedBuffers = 7168
const silenceChunkBytes = 64 * 1024

/** Buffers that fragments are built in, shared by the tracks of a thread: a track holds one from its first unwritten frame until that is on disk. */
export class FragmentBuffers {
  readonly #spare: Buffer[] = []
  #taken = 0

  /** Whether so many are taken that whoever can should let go of theirs. */
  get crowded (): boolean { return this.#taken >= crowdedBuffers }

  take (): Buffer {
    this.#taken++
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(fragmentBufferBytes)
  }

  /** @param fragment what `Mp4Writer.takeFragment` gave; not to be touched afterwards */
  give (fragment: Uint8Array): void {
    this.#taken--
    if (this.#spare.length < maxSpareBuffers) this.#spare.push(Buffer.from(fragment.buffer as ArrayBuffer))
  }
}

/**
 * AAC frames to a fragmented MP4 (`.m4a`) that is only ever appended to: `header`, then fragments of at most 0.8 s, each one contiguous
 * piece. Everything but the last fragment plays after a crash. Frames follow each other without holes; time zero is the first frame.
 */
export class Mp4Writer {
  readonly header: Uint8Array
  readonly #durationOffset: number
  readonly #config: AudioConfig
  readonly #buffers: FragmentBuffers
  readonly #sizes: Uint16Array
  readonly #payloadStart: number
  #buffer: Buffer | undefined
  #payloadEnd = 0
  #pending = 0
  #sequence = 0
  #frames = 0
  #startsSegment = false

  constructor (config: AudioConfig, buffers: FragmentBuffers) {
    this.#config = config
    this.#buffers = buffers
    this.#sizes = new Uint16Array(Math.max(1, Math.floor(config.sampleRate / config.frameSamples * maxFragmentMs / 1000)))
    this.#payloadStart = fragmentLayout.headBytes(this.#sizes.length)
    this.header = fileHeader(config)
    this.#durationOffset = this.header.length - mehdDurationFromEnd
  }

  /** Frames given so far, silence included. */
  get frames (): number { return this.#frames }

  /** Frames that are in no fragment yet. */
  get pendingFrames (): number { return this.#pending }

  /** Whether a frame of so many bytes still goes into this fragment; if not, take the fragment first. */
  fits (byteLength: number): boolean {
    return this.#pending < this.#sizes.length && (this.#pending === 0 || this.#payloadEnd + byteLength <= fragmentBufferBytes)
  }

  /** Copies a frame of at most `maxAacFrameBytes`; only after `fits` said yes. */
  add (bytes: Uint8Array, start: number, end: number): void {
    if (this.#buffer === undefined) {
      this.#buffer = this.#buffers.take()
      this.#payloadEnd = this.#payloadStart
    }
    copy(bytes, start, end, this.#buffer, this.#payloadEnd)
    this.#payloadEnd += end - start
    this.#sizes[this.#pending++] = end - start
    this.#frames++
  }

  /** Closes the fragment. The bytes stay valid until given back to the buffers. Undefined when no frame is pending. */
  takeFragment (): Uint8Array | undefined {
    const buffer = this.#buffer
    if (buffer === undefined) return undefined
    const start = this.#payloadStart - fragmentLayout.headBytes(this.#pending)
    writeFragmentHead(buffer, start, ++this.#sequence, this.#frames - this.#pending, this.#config.frameSamples, this.#sizes.subarray(0, this.#pending))
    if (this.#startsSegment) buffer[start + fragmentLayout.startsSegment] = 1
    this.#startsSegment = false
    const fragment = buffer.subarray(start, this.#payloadEnd)
    this.#buffer = undefined
    this.#pending = 0
    return fragment
  }

  /** The next fragment begins a segment, and says so. */
  startSegment (): void { this.#startsSegment = true }

  /**
   * Frames of silence as fragments of their own, made piece by piece while they are read: hours of it cost neither memory nor a long
   * halt. The pieces share one buffer, so each must be written before the next is asked for. Only while no frame is pending.
   */
  silence (frames: number): Iterable<Uint8Array> {
    const first = { sequence: this.#sequence, firstFrame: this.#frames, startsSegment: this.#startsSegment }
    this.#frames += frames
    this.#sequence += Math.ceil(frames / this.#sizes.length)
    this.#startsSegment = false
    return this.#silence(first, frames)
  }

  /** How many bytes such silence takes. */
  silenceBytes (frames: number): number {
    const whole = Math.floor(frames / this.#sizes.length)
    const rest = frames % this.#sizes.length
    const headBytes = whole * fragmentLayout.headBytes(this.#sizes.length) + (rest === 0 ? 0 : fragmentLayout.headBytes(rest))
    return headBytes + frames * silentFrame(this.#config).length
  }

  * #silence (first: { sequence: number, firstFrame: number, startsSegment: boolean }, frames: number): Generator<Uint8Array> {
    let { sequence } = first
    const frame = silentFrame(this.#config)
    const sizes = new Uint16Array(this.#sizes.length).fill(frame.length)
    const fragmentBytes = fragmentLayout.headBytes(sizes.length) + sizes.length * frame.length
    const chunk = Buffer.allocUnsafe(Math.min(silenceChunkBytes, Math.ceil(frames / sizes.length) * fragmentBytes))
    let used = 0
    for (let done = 0; done < frames;) {
      const count = Math.min(sizes.length, frames - done)
      const headBytes = fragmentLayout.headBytes(count)
      if (used + headBytes + count * frame.length > chunk.length) {
        yield chunk.subarray(0, used)
        used = 0
      }
      writeFragmentHead(chunk, used, ++sequence, first.firstFrame + done, this.#config.frameSamples, sizes.subarray(0, count))
      if (first.startsSegment && done === 0) chunk[used + fragmentLayout.startsSegment] = 1
      used += headBytes
      for (let i = 0; i < count; i++, used += frame.length) chunk.set(frame, used)
      done += count
    }
    if (used > 0) yield chunk.subarray(0, used)
  }

  /** The true length, to be put into the header once the file is finished. */
  durationPatch (): { offset: number, bytes: Uint8Array } {
    return { offset: this.#durationOffset, bytes: durationBytes(this.#frames * this.#config.frameSamples) }
  }
}

/** Where mehd's duration stands, bytes from the header's end: mehd is the last box but trex, and its duration ends it. */
export const mehdDurationFromEnd = 32 + 8

/** What stands in mehd: samples, 64 bit. */
export function durationBytes (samples: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(samples))
  return bytes
}

/** Copies bytes. Engines give Buffers, whose own `copy` needs no object for the piece. */
function copy (source: Uint8Array, start: number, end: number, target: Buffer, at: number): void {
  if (source instanceof Buffer) source.copy(target, at, start, end)
  else target.set(source.subarray(start, end), at)
}

function writeFragmentHead (out: Buffer, start: number, sequence: number, firstFrame: number, frameSamples: number, sizes: Uint16Array): void {
  const headBytes = fragmentLayout.headBytes(sizes.length)
  const decodeTime = firstFrame * frameSamples
  out.set(moofTemplate, start)
  out.writeUInt32BE(headBytes - mdatHeaderBytes, start)
  out.writeUInt32BE(sequence, start + fragmentLayout.sequence)
  out.writeUInt32BE(headBytes - mdatHeaderBytes - 24, start + 24)      // traf
  out.writeUInt32BE(frameSamples, start + 48)
  out.writeUInt32BE(Math.floor(decodeTime / 2 ** 32), start + fragmentLayout.decodeTime)
  out.writeUInt32BE(decodeTime % 2 ** 32, start + fragmentLayout.decodeTime + 4)
  out.writeUInt32BE(20 + 4 * sizes.length, start + fragmentLayout.trun)
  out.writeUInt32BE(sizes.length, start + fragmentLayout.frameCount)
  out.writeUInt32BE(headBytes, start + fragmentLayout.sizes - 4)       // where the frames begin, from moof
  let at = start + fragmentLayout.sizes
  let payloadBytes = 0
  for (let i = 0; i < sizes.length; i++, at += 4) {
    const size = sizes[i] ?? 0
    payloadBytes += size
    out.writeUInt32BE(size, at)
  }
  out.writeUInt32BE(mdatHeaderBytes + payloadBytes, at)
  out.write('mdat', at + 4, 'latin1')
}

const moofTemplate = box('moof',
  fullBox('mfhd', 0, 0, u32(0)),
  box('traf',
    fullBox('tfhd', 0, 0x020008, u32(1, 0)),            // offsets count from moof; how long a sample is
    fullBox('tfdt', 1, 0, u32(0), u32(0)),
    fullBox('trun', 0, 0x000201, u32(0), u32(0))))      // data offset, a size per sample

const identityMatrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

/** What a file begins with. @param samples its length, 0 while that is not known */
export function fileHeader (config: AudioConfig, samples = 0): Uint8Array {
  return Buffer.concat([
    box('ftyp', text('M4A '), u32(0), text('M4A '), text('iso5'), text('iso6'), text('mp41')),
    box('moov',
      // Times are 0: the file begins when its first frame does, and that moment is kept beside it. Durations are mehd's business.
      fullBox('mvhd', 0, 0, u32(0, 0, config.sampleRate, 0, 0x10000), u16(0x0100, 0), u32(0, 0), identityMatrix, u32(0, 0, 0, 0, 0, 0), u32(2)),
      box('trak',
        fullBox('tkhd', 0, 7, u32(0, 0, 1, 0, 0, 0, 0), u16(0, 1, 0x0100, 0), identityMatrix, u32(0, 0)),
        box('mdia',
          fullBox('mdhd', 0, 0, u32(0, 0, config.sampleRate, 0), u16(0x55c4, 0)), // language "und"
          fullBox('hdlr', 0, 0, u32(0), text('soun'), u32(0, 0, 0), text('\0')),
          box('minf',
            fullBox('smhd', 0, 0, u16(0, 0)),
            box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
            box('stbl',
              fullBox('stsd', 0, 0, u32(1), sampleEntry(config)),
              fullBox('stts', 0, 0, u32(0)),
              fullBox('stsc', 0, 0, u32(0)),
              fullBox('stsz', 0, 0, u32(0, 0)),
              fullBox('stco', 0, 0, u32(0)))))),
      box('mvex',
        fullBox('mehd', 1, 0, durationBytes(samples)),
        fullBox('trex', 0, 0, u32(1, 1, config.frameSamples, 0, 0x02000000))))  // every sample stands alone
  ])
}

function sampleEntry (config: AudioConfig): Buffer {
  // 16.16 cannot hold rates above 65535; 0 then, the decoder config knows
  const rate = config.sampleRate < 2 ** 16 ? config.sampleRate * 2 ** 16 : 0
  return box('mp4a', u32(0), u16(0, 1), u32(0, 0), u16(config.channels, 16, 0, 0), u32(rate), decoderDescription(config))
}

/** ISO 14496-1, 7.2.6.5: ES descriptor { decoder config { AudioSpecificConfig }, SL config }. */
function decoderDescription (config: AudioConfig): Buffer {
  const decoderConfig = descriptor(4,
    Buffer.of(0x40, 0x15),                                // MPEG-4 audio, audio stream
    u32(maxAacFrameBytes).subarray(1), u32(0, 0),         // buffer size; bit rates unknown
    descriptor(5, config.config))
  return fullBox('esds', 0, 0, descriptor(3, u16(1), Buffer.of(0), decoderConfig, descriptor(6, Buffer.of(2))))
}

function descriptor (tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  // Four bytes of length, as every writer since QuickTime does it
  return Buffer.concat([Buffer.of(tag, 0x80, 0x80, 0x80, body.length), body])
}

function box (type: string, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(8 + body.length), text(type), body])
}

function fullBox (type: string, version: number, flags: number, ...parts: Uint8Array[]): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...parts)
}

function text (value: string): Buffer { return Buffer.from(value, 'latin1') }

function u16 (...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 2)
  values.forEach((value, i) => out.writeUInt16BE(value, i * 2))
  return out
}

function u32 (...values: number[]): Buffer {
  const out = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => out.writeUInt32BE(value, i * 4))
  return out
}
