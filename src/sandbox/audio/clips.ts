import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AudioConfig } from '../../media/audio-config.ts'
import { readAdts } from '../../media/adts.ts'

/** The tone of each of three speakers, in Hz; its clip lasts exactly eight seconds (375 frames) and can be played round and round. */
export const toneClips = { low: 440, middle: 880, high: 1760 } as const
export type ToneClip = keyof typeof toneClips

export const toneSeconds = 8

/** A tone begins with each second of its clip and lasts for a time that tells which second it is. */
export const secondOfTone = {
  lengthMs: (second: number): number => 200 + 90 * second,
  /** Tells the second from the length of the tone. @param lengthMs as heard; right to within 45 ms */
  ofLength: (lengthMs: number): number => Math.max(0, Math.round((lengthMs - 200) / 90))
} as const

/** A clip of six to eight seconds of talk: a lesson, a call centre, friends. */
export type SpeechClip = 'teacher' | 'agent' | 'guest'

/** Reads a clip from this folder: AAC-LC frames, 48 kHz mono at some 56 kbit/s. */
export function loadClip (name: ToneClip | SpeechClip): { config: AudioConfig, frames: Uint8Array[] } {
  return readAdts(readFileSync(join(import.meta.dirname, `${name}.aac`)))
}
