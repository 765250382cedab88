import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AV_CODEC_ID_AAC, AV_LOG_QUIET, Codec, CodecContext, Frame, Log, Packet } from 'node-av'
import { RoomtapeError } from '../../src/core/errors.ts'
import { parseAudioSpecificConfig, silentFrame } from '../../src/media/aac.ts'
import type { AudioConfig } from '../../src/media/audio-config.ts'
import { runs } from '../helpers/fuzz.ts'

Log.setLevel(AV_LOG_QUIET)
const decoder = Codec.findDecoder(AV_CODEC_ID_AAC)
assert.ok(decoder)

function ours (bytes: Uint8Array): AudioConfig | undefined {
  try {
    return parseAudioSpecificConfig(bytes)
  } catch (error) {
    assert.ok(error instanceof RoomtapeError && error.error === 'VALIDATION', String(error))
    return undefined
  }
}

/** What FFmpeg makes of a silent frame under this configuration. */
async function ffmpegs (bytes: Uint8Array, frame: Uint8Array): Promise<{ seconds: number, channels: number } | undefined> {
  using context = new CodecContext()
  context.allocContext3(decoder)
  context.extraData = Buffer.from(bytes)
  if (await context.open2(decoder) < 0) return undefined
  using packet = new Packet()
  packet.alloc()
  packet.data = Buffer.from(frame)
  using decoded = new Frame()
  decoded.alloc()
  if (await context.sendPacket(packet) < 0 || await context.receiveFrame(decoded) < 0) return undefined
  return { seconds: decoded.nbSamples / decoded.sampleRate, channels: decoded.channelLayout.nbChannels }
}

/** Whether it names SBR: by its object type, or behind all else, where FFmpeg looks for the mark at every bit. */
function namesSbr (bytes: Uint8Array): boolean {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.slice(0, 5) !== '00010' || bits.includes(0x2b7.toString(2).padStart(11, '0'), 16)
}

function rateIndex ([first = 0, second = 0]: Uint8Array): number { return (first & 7) << 1 | second >> 7 }

/** Fields of a configuration in their order, most of them as they should be, packed to bytes. */
const nearConfig = fc.record({
  objectType: fc.constantFrom(1, 2, 2, 2, 5, 29, 31, 42),
  rateIndex: fc.integer({ min: 0, max: 15 }),
  rate: fc.constantFrom(0, 7349, 7350, 44_100, 48_000, 96_000, 96_001, 0xffffff),
  channels: fc.integer({ min: 0, max: 15 }),
  extensionIndex: fc.integer({ min: 0, max: 15 }),
  flags: fc.nat(7),
  rest: fc.uint8Array({ maxLength: 6 })
}).map(({ objectType, rateIndex, rate, channels, extensionIndex, flags, rest }) => {
  const bits: string[] = []
  const put = (value: number, count: number): void => { bits.push(value.toString(2).padStart(count, '0').slice(-count)) }
  const putRate = (index: number): void => {
    put(index, 4)
    if (index === 15) put(rate, 24)
  }
  if (objectType >= 32) put(31 << 6 | objectType - 32, 11)
  else put(objectType, 5)
  putRate(rateIndex)
  put(channels, 4)
  if (objectType === 5 || objectType === 29) {
    putRate(extensionIndex)
    put(2, 5)
  }
  put(flags, 3)
  const all = bits.join('')
  const bytes = Array.from({ length: Math.ceil(all.length / 8) }, (_, index) => parseInt(all.slice(index * 8, index * 8 + 8).padEnd(8, '0'), 2))
  return Uint8Array.from([...bytes, ...rest])
})

test('a configuration that is taken means to FFmpeg what it means to us', async () => {
  let taken = 0
  const anyConfig = fc.oneof({ weight: 5, arbitrary: nearConfig }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) })
  await fc.assert(fc.asyncProperty(anyConfig, async (bytes) => {
    const config = ours(bytes)
    // FFmpeg takes no rate that is written out, which the standard allows and nobody does.
    if (config === undefined || rateIndex(bytes) === 15) return
    taken++
    const theirs = await ffmpegs(bytes, silentFrame(config))
    assert.ok(theirs, 'FFmpeg refuses it')
    assert.equal(theirs.seconds, config.frameSamples / config.sampleRate)
    // Behind a mono core with SBR FFmpeg makes room for a second channel, in case it is HE-AAC v2.
    const mayBeStereo = config.channels === 1 && namesSbr(bytes)
    assert.ok(theirs.channels === config.channels || (mayBeStereo && theirs.channels === 2), `${theirs.channels} channels, ${config.channels} for us`)
  }), { ...runs(1000), examples: [[Uint8Array.of(0x10, 0x08, 0x95, 0xb9, 0x62)]] }) // SBR named at a bit of its own
  assert.ok(taken > 0)
})
