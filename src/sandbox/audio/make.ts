/**
 * Makes the clips of this folder: `node src/sandbox/audio/make.ts`. They are committed, so this is for changing them.
 * Needs the devDependency node-av (FFmpeg's own AAC encoder) and, for the voices, the Debian program `espeak-ng`.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AV_CHANNEL_LAYOUT_MONO, AV_SAMPLE_FMT_FLTP, FF_ENCODER_AAC } from 'node-av/constants'
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib'
import { adtsFrame } from '../../media/adts.ts'
import { secondOfTone, toneClips, toneSeconds, type SpeechClip } from './clips.ts'

const sampleRate = 48_000
const frameSamples = 1024
const bitRate = 56_000
const toneAmplitude = 0.5
const rampSeconds = 0.003

interface Voice { voice: string, words: string }

const voices: Record<SpeechClip, Voice> = {
  teacher: {
    voice: 'en-gb-x-rp+f3',
    words: 'Good morning, everyone. Please open your books on page twelve. Who can tell me why the sky is blue? Take your time, there is no hurry.'
  },
  agent: {
    voice: 'en-us+m3',
    words: 'Thank you for calling. I can see your order from Monday. The parcel left our warehouse this morning. Is there anything else I can do for you?'
  },
  guest: {
    voice: 'en-gb-scotland+f2',
    words: 'Hi, can you hear me now? I was on mute, sorry! We just came back from the beach, and the water was freezing. You should have been there.'
  }
}

for (const [name, frequency] of Object.entries(toneClips)) {
  const pattern = tonePattern(frequency)
  // The second of three rounds: the encoder is settled, and its own delay of one frame is behind us, so the first frame starts second 0
  // to the sample and the last one leads into the first.
  const rounds = encode(Float32Array.from({ length: pattern.length * 3 }, (_, i) => pattern[i % pattern.length] ?? 0))
  const roundFrames = pattern.length / frameSamples
  save(name, rounds.slice(1 + roundFrames, 1 + 2 * roundFrames))
}
for (const [name, voice] of Object.entries(voices)) save(name, encode(speech(voice)).slice(1))

/** In each second the tone sounds for a time that names the second. */
function tonePattern (frequency: number): Float32Array {
  return Float32Array.from({ length: toneSeconds * sampleRate }, (_, i) => {
    const second = Math.floor(i / sampleRate)
    const t = i / sampleRate - second
    const untilEnd = secondOfTone.lengthMs(second) / 1000 - t
    const ramp = Math.max(0, Math.min(1, t / rampSeconds, untilEnd / rampSeconds))
    return toneAmplitude * ramp * Math.sin(2 * Math.PI * frequency * t)
  })
}

function speech ({ voice, words }: Voice): Float32Array {
  const wav = execFileSync('espeak-ng', ['-v', voice, '-s', '180', '--stdout', words], { maxBuffer: 16 * 1024 * 1024 })
  const from = wav.readUInt32LE(24)
  const samples = wav.subarray(44)
  const at = (i: number): number => 2 * i + 1 < samples.length ? samples.readInt16LE(2 * i) / 32768 : 0
  // Straight lines between the samples: enough for a synthetic voice, and no resampler is needed
  return Float32Array.from({ length: Math.floor(samples.length / 2 * sampleRate / from) }, (_, i) => {
    const position = i * from / sampleRate
    const whole = Math.floor(position)
    return at(whole) + (at(whole + 1) - at(whole)) * (position - whole)
  })
}

function encode (samples: Float32Array): Uint8Array[] {
  const codec = Codec.findEncoderByName(FF_ENCODER_AAC)
  if (codec === null) throw new Error('node-av came without FFmpeg\'s AAC encoder')
  using encoder = new CodecContext()
  encoder.allocContext3(codec)
  encoder.sampleRate = sampleRate
  encoder.sampleFormat = AV_SAMPLE_FMT_FLTP
  encoder.channelLayout = AV_CHANNEL_LAYOUT_MONO
  encoder.timeBase = new Rational(1, sampleRate)
  encoder.bitRate = BigInt(bitRate)
  FFmpegError.throwIfError(encoder.open2Sync(codec), 'open the AAC encoder')

  const frames: Uint8Array[] = []
  using packet = new Packet()
  packet.alloc()
  const drain = (): void => {
    while (encoder.receivePacketSync(packet) >= 0) {
      if (packet.data !== null) frames.push(Uint8Array.from(packet.data))
      packet.unref()
    }
  }
  for (let start = 0; start < samples.length; start += frameSamples) {
    const block = new Float32Array(frameSamples)
    block.set(samples.subarray(start, start + frameSamples))
    using frame = Frame.fromAudioBuffer(Buffer.from(block.buffer), {
      nbSamples: frameSamples, format: AV_SAMPLE_FMT_FLTP, sampleRate, channelLayout: AV_CHANNEL_LAYOUT_MONO, pts: BigInt(start)
    })
    FFmpegError.throwIfError(encoder.sendFrameSync(frame), 'encode')
    drain()
  }
  FFmpegError.throwIfError(encoder.sendFrameSync(null), 'finish encoding')
  drain()
  return frames
}

function save (name: string, frames: Uint8Array[]): void {
  const file = Buffer.concat(frames.map((frame) => adtsFrame({ sampleRate, channels: 1, frameSamples }, frame)))
  writeFileSync(join(import.meta.dirname, `${name}.aac`), file)
  process.stdout.write(`${name}.aac: ${frames.length} frames, ${file.length} bytes\n`)
}
