import { RoomtapeError } from '../core/errors.ts'
import { aacSampleRates, audioSpecificConfig, channelConfigurationOf, maxAacFrameBytes, parseAudioSpecificConfig } from './aac.ts'
import type { AudioConfig } from './audio-config.ts'

/** Length of the header before each frame. */
export const adtsHeaderBytes = 7
const lowComplexityProfile = 1

/**
 * Takes a whole ADTS stream apart. The frames are views into `bytes`, without their headers.
 * @throws RoomtapeError VALIDATION for anything but unbroken AAC-LC in one encoding, one frame per header
 */
export function readAdts (bytes: Uint8Array): { config: AudioConfig, frames: Uint8Array[] } {
  const frames: Uint8Array[] = []
  let config: AudioConfig | undefined
  let encoding = -1
  for (let offset = 0; offset < bytes.length;) {
    const header = bytes.subarray(offset, offset + adtsHeaderBytes)
    const [sync = 0, flags = 0, encodingHigh = 0, encodingLow = 0, lengthMiddle = 0, lengthLow = 0, blocks = 0] = header
    if (header.length < adtsHeaderBytes || sync !== 0xff || (flags & 0xf6) !== 0xf0) throw broken(offset, 'no frame header')
    if ((blocks & 3) !== 0) throw broken(offset, 'several frames behind one header')
    if (encodingHigh >> 6 !== lowComplexityProfile) throw broken(offset, 'not AAC-LC')

    const thisEncoding = encodingHigh << 8 | encodingLow & 0xc0
    config ??= parseAudioSpecificConfig(audioSpecificConfig(aacSampleRates[encodingHigh >> 2 & 15] ?? 0, (encodingHigh & 1) << 2 | encodingLow >> 6))
    if (encoding === -1) encoding = thisEncoding
    if (thisEncoding !== encoding) throw broken(offset, 'another encoding')

    const dataStart = offset + adtsHeaderBytes + ((flags & 1) === 1 ? 0 : 2) // a CRC follows unless the flag says otherwise
    const end = offset + ((encodingLow & 3) << 11 | lengthMiddle << 3 | lengthLow >> 5)
    if (end <= dataStart || end > bytes.length) throw broken(offset, 'frame length outside the stream')
    frames.push(bytes.subarray(dataStart, end))
    offset = end
  }
  if (config === undefined) throw new RoomtapeError('VALIDATION', 'ADTS stream without a frame')
  return { config, frames }
}

/** Whether ADTS can carry this: it knows 13 sample rates, and frames of 1024 samples. */
export function fitsAdts ({ sampleRate, frameSamples }: Pick<AudioConfig, 'sampleRate' | 'frameSamples'>): boolean {
  return frameSamples === 1024 && aacSampleRates.some((rate) => rate === sampleRate)
}

/** One frame with its header. HE-AAC is written as its AAC-LC core, which is how ADTS carries it. @throws RoomtapeError VALIDATION */
export function adtsFrame (config: Pick<AudioConfig, 'sampleRate' | 'channels' | 'frameSamples'>, frame: Uint8Array): Uint8Array {
  const index = aacSampleRates.findIndex((rate) => rate === config.sampleRate)
  if (!fitsAdts(config)) throw new RoomtapeError('VALIDATION', `ADTS cannot carry ${config.sampleRate} Hz in frames of ${config.frameSamples}`)
  if (frame.length > maxAacFrameBytes) throw new RoomtapeError('VALIDATION', `AAC frame of ${frame.length} bytes, expected at most ${maxAacFrameBytes}`)
  const channelConfiguration = channelConfigurationOf(config.channels)
  const length = adtsHeaderBytes + frame.length
  const out = new Uint8Array(length)
  out.set([
    0xff, 0xf1, // MPEG-4, no CRC
    lowComplexityProfile << 6 | index << 2 | channelConfiguration >> 2,
    (channelConfiguration & 3) << 6 | length >> 11,
    length >> 3 & 0xff,
    (length & 7) << 5 | 0x1f, 0xfc // buffer fullness "variable"
  ])
  out.set(frame, adtsHeaderBytes)
  return out
}

function broken (offset: number, what: string): RoomtapeError {
  return new RoomtapeError('VALIDATION', `ADTS stream: ${what} at byte ${offset}`)
}
