import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny'
import { createFile, MP4BoxBuffer, type Movie } from 'mp4box'
import { parseBuffer } from 'music-metadata'

/** What a program that is not ours finds in a file of ours. */
export interface Read {
  /** `AAC`: it does not say which. */
  codec: 'AAC-LC' | 'HE-AAC' | 'AAC'
  sampleRate: number | undefined
  channels: number | undefined
  /** Undefined where it does not count them. */
  frames: number | undefined
  durationMs: number
}

interface Reader {
  containers: readonly ('mp4' | 'adts')[]
  read: (file: Buffer) => Promise<Read>
  /** Where it finds other than what was written, and is right in its own way. */
  limits: (written: Read, container: 'mp4' | 'adts') => Partial<Read>
}

const codecs: Record<string, Read['codec']> = { 'mp4a.40.2': 'AAC-LC', 'mp4a.40.5': 'HE-AAC', 'AAC LC': 'AAC-LC' }

/** Programs from npm that know these files from their own reading of the standards. */
export const readers: Record<string, Reader> = {
  'music-metadata': {
    containers: ['mp4', 'adts'],
    async read (file) {
      const { format } = await parseBuffer(file, undefined, { duration: true })
      return {
        codec: codecs[format.codecProfile ?? ''] ?? 'AAC',
        sampleRate: format.sampleRate,
        channels: format.numberOfChannels,
        frames: format.numberOfSamples === undefined ? undefined : format.numberOfSamples / 1024,
        durationMs: Math.round((format.duration ?? NaN) * 1000)
      }
    },
    // In MP4 it looks neither into the decoder's description nor at single frames
    limits: (_, container) => container === 'mp4' ? { codec: 'AAC', frames: undefined } : {}
  },
  mp4box: {
    containers: ['mp4'],
    async read (file) {
      const reading = createFile()
      let movie: Movie | undefined
      let failure: string | undefined
      reading.onReady = (info) => { movie = info }
      reading.onError = (_module, message) => { failure = message }
      reading.appendBuffer(MP4BoxBuffer.fromArrayBuffer(Uint8Array.from(file).buffer, 0), true)
      reading.flush()
      const [track] = movie?.tracks ?? []
      if (failure !== undefined || track === undefined) throw new Error(failure ?? 'no track')
      const samples = reading.getTrackSamplesInfo(track.id)
      const last = samples.at(-1)
      return {
        codec: codecs[track.codec] ?? 'AAC',
        sampleRate: track.audio?.sample_rate,
        channels: track.audio?.channel_count,
        frames: samples.length,
        durationMs: Math.round(last === undefined ? NaN : (last.dts + last.duration) * 1000 / last.timescale)
      }
    },
    limits: () => ({})
  },
  mediabunny: {
    containers: ['mp4', 'adts'],
    async read (file) {
      const track = await new Input({ source: new BufferSource(file), formats: ALL_FORMATS }).getPrimaryAudioTrack()
      if (track === null) throw new Error('no track')
      const packets = await Array.fromAsync(new EncodedPacketSink(track).packets())
      return {
        codec: codecs[await track.getCodecParameterString() ?? ''] ?? 'AAC',
        sampleRate: await track.getSampleRate(),
        channels: await track.getNumberOfChannels(),
        frames: packets.length,
        durationMs: Math.round(await track.computeDuration() * 1000)
      }
    },
    // It gives the rate that HE-AAC plays at, the others that of the core
    limits: ({ codec, sampleRate = NaN }) => codec === 'HE-AAC' ? { sampleRate: sampleRate * 2 } : {}
  }
}
