import { AV_CHANNEL_LAYOUT_MONO, AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING, AV_SAMPLE_FMT_FLTP, FF_ENCODER_AAC } from 'node-av/constants'
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib'
import type { AudioConfig } from '../../src/media/audio-config.ts'
import { adtsFrame } from '../../src/media/adts.ts'
import { loadClip } from '../../src/sandbox/audio/clips.ts'
import { collect, decode } from './decode.ts'

const bitRate = 56_000

/**
 * Talk, encoded without noise substitution. With it a decoder makes up noise by a generator that runs on from frame to frame, so that no
 * stretch decoded by itself could be compared.
 */
export async function loadTalk (): Promise<{ config: AudioConfig, frames: Uint8Array[] }> {
  const { config, frames } = loadClip('teacher')
  const clip = Buffer.concat(frames.map((frame) => adtsFrame(config, frame)))
  return { config, frames: encode(await collect(decode(clip, [clip])), config) }
}

function encode (samples: Float32Array, { sampleRate, frameSamples }: AudioConfig): Uint8Array[] {
  const codec = Codec.findEncoderByName(FF_ENCODER_AAC)
  if (codec === null) throw new Error('node-av came without FFmpeg\'s AAC encoder')
  using encoder = new CodecContext()
  encoder.allocContext3(codec)
  encoder.sampleRate = sampleRate
  encoder.sampleFormat = AV_SAMPLE_FMT_FLTP
  encoder.channelLayout = AV_CHANNEL_LAYOUT_MONO
  encoder.timeBase = new Rational(1, sampleRate)
  encoder.bitRate = BigInt(bitRate)
  FFmpegError.throwIfError(encoder.setOption('aac_pns', '0', AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN), 'leave noise as it is')
  FFmpegError.throwIfError(encoder.open2Sync(codec), 'open the AAC encoder')

  const frames: Uint8Array[] = []
  using packet = new Packet()
  packet.alloc()
  for (let start = 0; start + frameSamples <= samples.length; start += frameSamples) {
    const block = samples.slice(start, start + frameSamples)
    using frame = Frame.fromAudioBuffer(Buffer.from(block.buffer), {
      nbSamples: frameSamples, format: AV_SAMPLE_FMT_FLTP, sampleRate, channelLayout: AV_CHANNEL_LAYOUT_MONO, pts: BigInt(start)
    })
    FFmpegError.throwIfError(encoder.sendFrameSync(frame), 'encode')
    while (encoder.receivePacketSync(packet) >= 0) {
      if (packet.data !== null) frames.push(Uint8Array.from(packet.data))
      packet.unref()
    }
  }
  return frames
}
