import { readFile } from 'node:fs/promises'
import { Decoder, Demuxer } from 'node-av/api'
import { AV_SAMPLE_FMT_FLTP } from 'node-av/constants'
import { toneClips } from '../../src/sandbox/audio/clips.ts'

/** A file as FFmpeg hears it, its channels mixed to one. */
export interface Heard {
  pcm: Float32Array
  sampleRate: number
  channels: number
  /** Length that the container says, not what was decoded. */
  durationSeconds: number
}

/**
 * Decodes a whole audio file. Nothing is cut at the start: our files have no edit list, and an AAC decoder puts frame n at sample n × 1024.
 * So audio stands where the encoder put it. The tone clips are made without the encoder's delay (offset measured: 0 samples); a stream from
 * FFmpeg's encoder begins with one frame of delay (1024 samples, 21 ms at 48 kHz).
 */
export async function listen (file: string | Buffer): Promise<Heard> {
  await using demuxer = await Demuxer.open(typeof file === 'string' ? await readFile(file) : file)
  const stream = demuxer.audio()
  if (stream === undefined) throw new Error('no audio in the file')
  using decoder = await Decoder.create(stream)

  const blocks: Float32Array[] = []
  let length = 0
  let sampleRate = 0
  let channels = 0
  for await (using frame of decoder.frames(demuxer.packets(stream.index))) {
    if (frame === null) continue
    if (frame.format !== AV_SAMPLE_FMT_FLTP) throw new Error(`decoder gives sample format ${frame.format}, expected planar float`)
    const block = mix((frame.data ?? []).slice(0, frame.channels), frame.nbSamples)
    sampleRate = frame.sampleRate
    channels = frame.channels
    blocks.push(block)
    length += block.length
  }
  const pcm = new Float32Array(length)
  let at = 0
  for (const block of blocks) {
    pcm.set(block, at)
    at += block.length
  }
  return { pcm, sampleRate, channels, durationSeconds: demuxer.duration }
}

function mix (planes: Buffer[], samples: number): Float32Array {
  const mixed = new Float32Array(samples)
  for (const plane of planes) {
    const channel = new Float32Array(plane.buffer.slice(plane.byteOffset, plane.byteOffset + samples * 4))
    for (let i = 0; i < samples; i++) mixed[i]! += channel[i]! / planes.length
  }
  return mixed
}

export interface Burst {
  frequency: number
  startMs: number
  lengthMs: number
}

const windowMs = 10
const hopMs = 2
/** A tone is heard from this on. Clips sound at 0.5; a window that the edge of a tone cuts in two shows half of that, so edges are right to a hop or two. */
const heardAmplitude = 0.25
/** A shorter burst is a click, not a tone. */
const shortestBurstMs = 15

/** Which of the tones sound when: bursts by start, exact to some 5 ms. */
export function tonesHeard ({ pcm, sampleRate }: Pick<Heard, 'pcm' | 'sampleRate'>, frequencies: readonly number[] = Object.values(toneClips)): Burst[] {
  return frequencies.flatMap((frequency) => burstsOf(frequency, pcm, sampleRate)).sort((a, b) => a.startMs - b.startMs)
}

function burstsOf (frequency: number, pcm: Float32Array, sampleRate: number): Burst[] {
  const windowSamples = Math.round(windowMs * sampleRate / 1000)
  const hopSamples = Math.round(hopMs * sampleRate / 1000)
  const bursts: Burst[] = []
  let startMs: number | undefined
  // Windows that reach over both ends see what begins and ends there
  for (let from = -windowSamples; from <= pcm.length; from += hopSamples) {
    const centreMs = (from + windowSamples / 2) * 1000 / sampleRate
    const sounds = amplitudeAt(frequency, pcm, from, windowSamples, sampleRate) > heardAmplitude
    if (sounds) startMs ??= centreMs
    if (!sounds && startMs !== undefined) {
      if (centreMs - startMs >= shortestBurstMs) bursts.push({ frequency, startMs: Math.max(0, startMs), lengthMs: centreMs - Math.max(0, startMs) })
      startMs = undefined
    }
  }
  return bursts
}

/** Goertzel: the amplitude of one frequency in one window. */
function amplitudeAt (frequency: number, pcm: Float32Array, from: number, length: number, sampleRate: number): number {
  const coefficient = 2 * Math.cos(2 * Math.PI * frequency / sampleRate)
  let previous = 0
  let beforeThat = 0
  for (let i = Math.max(0, from); i < Math.min(pcm.length, from + length); i++) {
    const value = (pcm[i] ?? 0) + coefficient * previous - beforeThat
    beforeThat = previous
    previous = value
  }
  return 2 * Math.sqrt(Math.max(0, previous ** 2 + beforeThat ** 2 - coefficient * previous * beforeThat)) / length
}

/** The loudest sample between two moments. */
export function peakBetween ({ pcm, sampleRate }: Pick<Heard, 'pcm' | 'sampleRate'>, fromMs: number, toMs: number): number {
  let peak = 0
  const part = pcm.subarray(Math.floor(fromMs * sampleRate / 1000), Math.floor(toMs * sampleRate / 1000))
  for (const sample of part) peak = Math.max(peak, Math.abs(sample))
  return peak
}
