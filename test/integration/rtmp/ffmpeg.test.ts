import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  AV_CHANNEL_LAYOUT_MONO, AV_CODEC_FLAG_GLOBAL_HEADER, AV_LOG_QUIET, AV_SAMPLE_FMT_FLTP, Codec, CodecContext, FF_ENCODER_AAC, FFmpegError,
  FormatContext, Frame, Log, Packet, Rational
} from 'node-av'
import { openIngest, RecordingSink, streamKey } from '../../helpers/rtmp.ts'

// FFmpeg would write to the console that a live stream cannot be sought in.
Log.setLevel(AV_LOG_QUIET)

const frameSamples = 1024
const sampleRate = 48_000

/**
 * Publishes a 440 Hz tone with FFmpeg's own encoder, muxer and RTMP client. Gives the packets that were sent.
 * By the low-level calls, because `Muxer.close` of node-av 6.1 leaves the connection open.
 */
async function publishWithFfmpeg (url: string, frames: number): Promise<Buffer[]> {
  const sent: Buffer[] = []
  const output = new FormatContext()
  check(output.allocOutputContext2(null, 'flv', url))
  check(await output.openOutput())
  try {
    using encoder = await openEncoder()
    const stream = output.newStream()
    stream.timeBase = encoder.timeBase
    check(stream.codecpar.fromContext(encoder))
    check(await output.writeHeader())
    using packet = new Packet()
    packet.alloc()
    for (let index = 0; index <= frames; index++) {
      using frame = index < frames ? tone(index) : null
      check(await encoder.sendFrame(frame))
      while (await encoder.receivePacket(packet) === 0) {
        sent.push(Buffer.from(packet.data ?? []))
        packet.streamIndex = stream.index
        packet.rescaleTs(encoder.timeBase, stream.timeBase)
        check(await output.interleavedWriteFrame(packet))
      }
    }
    check(await output.writeTrailer())
  } finally {
    await output.closeOutput()
    output.freeContext()
  }
  return sent
}

async function openEncoder (): Promise<CodecContext> {
  const codec = Codec.findEncoderByName(FF_ENCODER_AAC)
  assert.ok(codec)
  const encoder = new CodecContext()
  encoder.allocContext3(codec)
  encoder.sampleRate = sampleRate
  encoder.sampleFormat = AV_SAMPLE_FMT_FLTP
  encoder.channelLayout = AV_CHANNEL_LAYOUT_MONO
  encoder.timeBase = new Rational(1, sampleRate)
  encoder.bitRate = 64_000n
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER) // FLV wants the configuration beside the frames
  check(await encoder.open2(codec))
  return encoder
}

function tone (index: number): Frame {
  const samples = Buffer.alloc(frameSamples * 4)
  for (let sample = 0; sample < frameSamples; sample++) {
    samples.writeFloatLE(Math.sin(2 * Math.PI * 440 * (index * frameSamples + sample) / sampleRate) / 2, sample * 4)
  }
  return Frame.fromAudioBuffer(samples, {
    nbSamples: frameSamples,
    format: AV_SAMPLE_FMT_FLTP,
    sampleRate,
    channelLayout: AV_CHANNEL_LAYOUT_MONO,
    timeBase: { num: 1, den: sampleRate },
    pts: BigInt(index * frameSamples)
  })
}

function check (result: number): void { FFmpegError.throwIfError(result, 'FFmpeg') }

async function record (t: TestContext, path: string): Promise<{ sink: RecordingSink, sent: Buffer[] }> {
  const { ingest, port } = await openIngest(t)
  const sink = new RecordingSink()
  ingest.expect(streamKey, sink)
  const sent = await publishWithFfmpeg(`rtmp://127.0.0.1:${port}/${path}`, 100)
  await sink.until(() => sink.ends.length === 1)
  return { sink, sent }
}

test('every frame that FFmpeg publishes arrives, in order, with its time', async (t) => {
  const { sink, sent } = await record(t, `roomtape/${streamKey}`)

  assert.ok(sent.length >= 100)
  assert.deepEqual(sink.frames, sent)
  assert.equal(sink.configs.length, 1)
  assert.partialDeepStrictEqual(sink.configs[0], { codec: 'aac', sampleRate, channels: 1, frameSamples })
  const times = sink.timestamps
  for (const [index, timestampMs] of times.entries()) {
    assert.ok(Math.abs(timestampMs - (times[0] ?? 0) - index * frameSamples * 1000 / sampleRate) <= 1, `frame ${index} at ${timestampMs} ms`)
  }
  assert.deepEqual(sink.ends, ['disconnected'])
})

for (const path of [`roomtape/name?k=${streamKey}`, `roomtape/${streamKey}/name`, `${streamKey}/name?some=thing`]) {
  test(`FFmpeg may carry the key as rtmp://…/${path.replace(streamKey, '<key>')}`, async (t) => {
    const { sink, sent } = await record(t, path)

    assert.deepEqual(sink.frames, sent)
  })
}

test('FFmpeg learns that its key is unknown', async (t) => {
  const { url, ingest } = await openIngest(t)

  await assert.rejects(publishWithFfmpeg(url, 3))

  assert.equal(ingest.stats().refusedTotal.key, 1)
})
