import assert from 'node:assert/strict'
import test from 'node:test'
import { audioSpecificConfig, parseAudioSpecificConfig } from '../../../src/media/aac.ts'

test('plain AAC-LC configs are read', () => {
  const stereo = parseAudioSpecificConfig(Uint8Array.of(0x12, 0x10))
  const mono = parseAudioSpecificConfig(Uint8Array.of(0x11, 0x88))

  assert.deepEqual([stereo.sampleRate, stereo.channels, stereo.frameSamples], [44_100, 2, 1024])
  assert.deepEqual([mono.sampleRate, mono.channels, mono.frameSamples], [48_000, 1, 1024])
})

test('what encoders append for older players is kept and does not change what is read', () => {
  const bytes = Uint8Array.of(0x11, 0x88, 0x56, 0xe5, 0x00) // FFmpeg's "no SBR" after the AAC-LC config

  const config = parseAudioSpecificConfig(bytes)

  assert.deepEqual([config.sampleRate, config.channels], [48_000, 1])
  assert.deepEqual(config.config, bytes)
})

test('HE-AAC is described by its core, whose frames are what is stored', () => {
  const sbr = parseAudioSpecificConfig(Uint8Array.of(0x2b, 0x09, 0x88, 0x00))
  const parametricStereo = parseAudioSpecificConfig(Uint8Array.of(0xeb, 0x09, 0x88, 0x00))

  for (const config of [sbr, parametricStereo]) assert.deepEqual([config.sampleRate, config.channels, config.frameSamples], [24_000, 1, 1024])
})

test('short frames, a written-out sample rate and 7.1 are read', () => {
  const short = parseAudioSpecificConfig(Uint8Array.of(0x11, 0x8c))
  const written = parseAudioSpecificConfig(Uint8Array.of(0x17, 0x80, 0x5d, 0xc0, 0x08)) // index 15, then 24 bits: 48000
  const surround = parseAudioSpecificConfig(audioSpecificConfig(48_000, 7))

  assert.equal(short.frameSamples, 960)
  assert.deepEqual([written.sampleRate, written.channels], [48_000, 1])
  assert.equal(surround.channels, 8)
})

test('the config is a copy: what the source does to its buffer later does not reach it', () => {
  const buffer = Buffer.of(0x12, 0x10)
  const { config } = parseAudioSpecificConfig(buffer)

  buffer.fill(0)

  assert.deepEqual(config, Uint8Array.of(0x12, 0x10))
})

const refused = {
  nothing: [],
  'one byte': [0x12],
  'AAC Main': [0x09, 0x90],
  'a layout of its own': [0x11, 0x80],
  'a reserved sample rate': [0x16, 0x90],
  'a sample rate of 1 Hz': [0x17, 0x80, 0x00, 0x00, 0x88],
  'an end in the middle': [0x17, 0x80],
  'USAC, an escaped object type': [0xf9, 0x46, 0x40],
  'more bytes than any config has': Array.from({ length: 65 }, () => 0x12)
}
for (const [what, bytes] of Object.entries(refused)) {
  test(`${what} is refused as a config`, () => {
    assert.throws(() => parseAudioSpecificConfig(Uint8Array.from(bytes)), { error: 'VALIDATION' })
  })
}
