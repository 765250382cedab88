import { RoomtapeError } from '../core/errors.ts'

/** What the types of FLV tags and RTMP messages have in common. */
export const flvTag = { audio: 8, video: 9 } as const

/** Bytes before the AudioSpecificConfig or the raw frame in an AAC tag. */
export const aacTagHeaderBytes = 2

/** `config`: an AudioSpecificConfig follows. `frame`: a raw AAC frame follows. `empty`: nothing to record, as encoders send around a pause. */
export type AudioTag = 'config' | 'frame' | 'empty' | 'enhanced' | 'other-codec'

const aac = 10
const enhanced = 9

/**
 * What an audio tag's body (`bytes` from `start` up to `end`) carries. The rate, size and channel bits beside the format mean nothing for AAC.
 * @see Adobe, Video File Format Specification 10.1, E.4.2; Enhanced RTMP v2 for format 9
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
