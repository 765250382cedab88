import { RoomtapeError } from '../core/errors.ts'

/** What the types of FLV tags and RTMP messages have in common. */
export const flvTag = { audio: 8, video: 9 } as const

/** Bytes before the AudioSpecificConfig or the raw frame in an AAC tag of the plain form. */
export const aacTagHeaderBytes = 2

/**
 * `config`: an AudioSpecificConfig follows. `frame`: a raw AAC frame follows. `empty`: nothing to record, as encoders send around a pause.
 * `enhanced`: of Enhanced RTMP, see `readEnhancedAudio`.
 */
export type AudioTag = 'config' | 'frame' | 'empty' | 'enhanced' | 'other-codec'

const aac = 10
const enhanced = 9

/** Sound formats by their number; undefined where the specification names none. */
const formatNames = [
  'PCM', 'ADPCM', 'MP3', 'PCM', 'Nellymoser', 'Nellymoser', 'Nellymoser', 'G.711', 'G.711', undefined, 'AAC', 'Speex', undefined, undefined, 'MP3'
] as const

/**
 * What an audio tag's body (`bytes` from `start` up to `end`) carries. The rate, size and channel bits beside the format mean nothing for AAC.
 * @see Adobe, Video File Format Specification 10.1, E.4.2
 */
export function audioTagOf (bytes: Uint8Array, start: number, end: number): AudioTag {
  if (end <= start) return 'empty'
  const format = (bytes[start] ?? 0) >> 4
  if (format === enhanced) return 'enhanced'
  if (format !== aac) return 'other-codec'
  if (end - start <= aacTagHeaderBytes) return 'empty'
  switch (bytes[start + 1]) {
    case 0: return 'config'
    case 1: return 'frame'
    default: return 'empty'
  }
}

/** Names the codec of a tag that is `other-codec`. */
export function codecName (formatByte: number): string {
  return formatNames[formatByte >> 4] ?? 'an unknown codec'
}

const enhancedType = { sequenceStart: 0, codedFrames: 1, sequenceEnd: 2, multichannelConfig: 4, multitrack: 5, modEx: 7 } as const
const fourCcBytes = 4
/** What Enhanced RTMP calls AAC. */
export const aacFourCc = 'mp4a'

/**
 * An audio tag of Enhanced RTMP: what it carries, and where its payload begins. A packet of several tracks is `empty`: the first track comes
 * in packets of its own, and there is one voice to record.
 * @throws RoomtapeError VALIDATION when it ends inside its header
 * @see Enhanced RTMP v2, ExAudioTagHeader
 */
export function readEnhancedAudio (bytes: Buffer, start: number, end: number): { kind: Exclude<AudioTag, 'enhanced'>, at: number } {
  const byte = (at: number): number => {
    if (at >= end) throw new RoomtapeError('VALIDATION', 'an audio tag ends inside its header')
    return bytes.readUInt8(at)
  }
  let type = byte(start) & 15
  let at = start + 1
  while (type === enhancedType.modEx) {
    const short = byte(at++) + 1
    const size = short < 256 ? short : byte(at++) * 256 + byte(at++) + 1
    at += size
    type = byte(at++) & 15
  }
  if (type === enhancedType.multitrack) return { kind: 'empty', at }
  byte(at + fourCcBytes - 1)
  if (bytes.toString('latin1', at, at + fourCcBytes) !== aacFourCc) return { kind: 'other-codec', at }
  at += fourCcBytes
  const kind = type === enhancedType.sequenceStart ? 'config' : type === enhancedType.codedFrames ? 'frame' : 'empty'
  return { kind: at < end ? kind : 'empty', at }
}

/** The body of an AAC tag: stereo, 16 bit and 44 kHz in its bits, as the specification wants whatever the truth is. */
export function aacTag (kind: 'config' | 'frame', payload: Uint8Array): Buffer {
  const tag = Buffer.allocUnsafe(aacTagHeaderBytes + payload.length)
  tag[0] = 0xaf
  tag[1] = kind === 'config' ? 0 : 1
  tag.set(payload, aacTagHeaderBytes)
  return tag
}

const tagHeaderBytes = 11
const backPointerBytes = 4

/**
 * Walks the tags of an aggregate message. Their times are shifted so that the first one's is the message's own.
 * @param visit the tag's type, its time in ms (32 bit, wraps) and where its body lies in `bytes`
 * @throws RoomtapeError VALIDATION when a tag is longer than the message
 * @see Adobe, RTMP 1.0, 7.1.6
 */
export function visitAggregate (
  bytes: Buffer, start: number, end: number, timestampMs: number,
  visit: (type: number, timestampMs: number, bytes: Buffer, start: number, end: number) => void
): void {
  let shiftMs: number | undefined
  for (let at = start; at < end;) {
    if (end - at < tagHeaderBytes) throw new RoomtapeError('VALIDATION', 'aggregate message ends inside a tag header')
    const type = bytes.readUInt8(at)
    const body = at + tagHeaderBytes
    const next = body + bytes.readUIntBE(at + 1, 3)
    if (next > end) throw new RoomtapeError('VALIDATION', 'aggregate message ends inside a tag')
    const tagMs = bytes.readUIntBE(at + 4, 3) + bytes.readUInt8(at + 7) * 0x1000000
    shiftMs ??= timestampMs - tagMs
    visit(type, (tagMs + shiftMs) >>> 0, bytes, body, next)
    at = next + backPointerBytes // some publishers leave the last one out
  }
}
