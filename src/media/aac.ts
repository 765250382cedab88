import { RoomtapeError } from '../core/errors.ts'
import type { AudioConfig } from './audio-config.ts'

export const aacSampleRates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350] as const

/** An AAC frame as ADTS can carry it: 13 bits of length, 7 of them the header. RTMP names no limit, so this one serves everywhere. */
export const maxAacFrameBytes = 8191 - 7

const lowComplexity = 2
const spectralBandReplication = 5
const parametricStereo = 29
/** The longest config seen in the wild is 19 bytes (with a program config element); what is longer is not a config. */
const maxConfigBytes = 64

type Element = 'single' | 'pair' | 'lfe'

/** What a frame holds, by channelConfiguration 1 to 7 (ISO 14496-3, table 1.19). */
const elementsOf: readonly (readonly Element[])[] = [
  [],
  ['single'],
  ['pair'],
  ['single', 'pair'],
  ['single', 'pair', 'single'],
  ['single', 'pair', 'pair'],
  ['single', 'pair', 'pair', 'lfe'],
  ['single', 'pair', 'pair', 'pair', 'lfe']
]

/** Channels by channelConfiguration: [0, 1, 2, 3, 4, 5, 6, 8]. 0 is a layout of its own, which nobody sends. */
const channelCounts = elementsOf.map((elements) => elements.reduce((sum, element) => sum + (element === 'pair' ? 2 : 1), 0))

/** @throws RoomtapeError VALIDATION for a number of channels that AAC has no plain layout for */
export function channelConfigurationOf (channels: number): number {
  const channelConfiguration = channelCounts.indexOf(channels)
  if (channelConfiguration < 1) throw new RoomtapeError('VALIDATION', `no AAC layout of ${channels} channels`)
  return channelConfiguration
}

/**
 * Reads an AudioSpecificConfig: AAC-LC, and HE-AAC (v1, v2) that says so explicitly.
 * Backward compatible SBR signalling, which may follow, is kept in `config` and not read.
 * @throws RoomtapeError VALIDATION
 */
export function parseAudioSpecificConfig (bytes: Uint8Array): AudioConfig {
  if (bytes.length < 2 || bytes.length > maxConfigBytes) {
    throw new RoomtapeError('VALIDATION', `AudioSpecificConfig of ${bytes.length} bytes, expected 2 to ${maxConfigBytes}`)
  }
  const bits = new BitReader(bytes)
  let objectType = readObjectType(bits)
  const sampleRate = readSampleRate(bits)
  const channels = channelCounts[bits.read(4)] ?? 0
  if (objectType === spectralBandReplication || objectType === parametricStereo) {
    readSampleRate(bits)
    objectType = readObjectType(bits)
  }
  if (objectType !== lowComplexity) throw new RoomtapeError('VALIDATION', `AAC object type ${objectType}, expected 2 (AAC-LC)`)
  if (channels === 0) throw new RoomtapeError('VALIDATION', 'AAC channel configuration outside 1 to 7')
  const frameSamples = bits.read(1) === 1 ? 960 : 1024
  return { codec: 'aac', config: Uint8Array.from(bytes), sampleRate, channels, frameSamples }
}

/** The two bytes that describe AAC-LC in a plain layout. @throws RoomtapeError VALIDATION */
export function audioSpecificConfig (sampleRate: number, channelConfiguration: number): Uint8Array {
  const index = aacSampleRates.findIndex((rate) => rate === sampleRate)
  if (index < 0) throw new RoomtapeError('VALIDATION', `AAC has no index for ${sampleRate} Hz`)
  const bits = lowComplexity << 11 | index << 7 | channelConfiguration << 3
  return Uint8Array.of(bits >> 8, bits & 0xff)
}

const silentFrames = elementsOf.map(encodeSilence)

/**
 * A frame that decodes to silence. Every element says "no scale factor bands" and stops, so it holds for every sample rate and frame
 * length. 4 bytes for mono, 7 for stereo; shared, so not to be written to.
 * @throws RoomtapeError VALIDATION for a number of channels that AAC has no plain layout for
 */
export function silentFrame (config: Pick<AudioConfig, 'channels'>): Uint8Array {
  return silentFrames[channelConfigurationOf(config.channels)] ?? new Uint8Array()
}

/** A raw_data_block (ISO 14496-3, table 4.3) without a spectrum. */
function encodeSilence (elements: readonly Element[]): Uint8Array {
  const bits: number[] = []
  const put = (value: number, count: number): void => { for (let i = count - 1; i >= 0; i--) bits.push(value >> i & 1) }
  const channel = (): void => {
    put(0, 8)   // global_gain
    put(0, 11)  // ics_info: reserved, long window, sine shape, max_sfb 0, no prediction
    put(0, 3)   // no pulse, no TNS, no gain control
  }
  const tags = { single: 0, pair: 0, lfe: 0 }
  for (const element of elements) {
    put({ single: 0, pair: 1, lfe: 3 }[element], 3)
    put(tags[element]++, 4)
    if (element === 'pair') {
      put(0, 1) // no common window: two channels in full
      channel()
    }
    channel()
  }
  put(7, 3) // end
  while (bits.length % 8 !== 0) bits.push(0)
  return Uint8Array.from({ length: bits.length / 8 }, (_, byte) => bits.slice(byte * 8, byte * 8 + 8).reduce((value, bit) => value << 1 | bit, 0))
}

function readObjectType (bits: BitReader): number {
  const objectType = bits.read(5)
  return objectType === 31 ? 32 + bits.read(6) : objectType
}

function readSampleRate (bits: BitReader): number {
  const index = bits.read(4)
  const sampleRate = index === 15 ? bits.read(24) : aacSampleRates[index] ?? 0
  if (sampleRate < 7350 || sampleRate > 96000) throw new RoomtapeError('VALIDATION', `AAC sample rate ${sampleRate}, expected 7350 to 96000`)
  return sampleRate
}

class BitReader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read (count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#position >> 3]
      if (byte === undefined) throw new RoomtapeError('VALIDATION', 'AudioSpecificConfig ends too early')
      value = value << 1 | byte >> (7 - this.#position % 8) & 1
      this.#position++
    }
    return value
  }
}
