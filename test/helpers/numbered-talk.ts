import { numbered } from '../../bench/kill/numbered.ts'
import { parseAudioSpecificConfig, silentFrame } from '../../src/media/aac.ts'
import type { AudioConfig } from '../../src/media/audio-config.ts'
import { loadClip, type ToneClip } from '../../src/sandbox/audio/clips.ts'
import type { Clip } from '../../src/sandbox/speaker.ts'

const seconds = 120
/** Encoders use the same tables for both rates, so frames of one play as the other: a tenth slower, and lower. */
const sampleRates = { 48_000: Buffer.of(0x11, 0x88), 44_100: Buffer.of(0x12, 0x08) } as const

/**
 * A tone, or silence, for two minutes, in frames that say which one they are. A speaker says frame n of a clip at the room's beginning + n frames,
 * so a file tells when each of its frames was said. @param firstNumber of frame 0, so that frames tell their speaker too
 */
export function numberedClip (tone: ToneClip | 'silence', sampleRate: keyof typeof sampleRates = 48_000, firstNumber = 0): Clip {
  const config = parseAudioSpecificConfig(sampleRates[sampleRate])
  const frames = tone === 'silence' ? [silentFrame(config)] : loadClip(tone).frames
  const length = Math.ceil(seconds * 1000 / frameMsOf(config))
  return { config, frames: Array.from({ length }, (_, number) => numbered(frames[number % frames.length]!, firstNumber + number)) }
}

export function frameMsOf ({ frameSamples, sampleRate }: Pick<AudioConfig, 'frameSamples' | 'sampleRate'>): number {
  return frameSamples * 1000 / sampleRate
}
