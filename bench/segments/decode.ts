import { Decoder, Demuxer } from 'node-av/api'

/**
 * The audio of files one after the other, as one FFmpeg decoder gives it.
 * @param files whole, mono, of the encoding of `first`
 */
export async function * decode (first: Buffer, files: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Float32Array, void, void> {
  await using like = await Demuxer.open(first)
  using decoder = await Decoder.create(audioOf(like))
  for await (using frame of decoder.frames(packetsOf(files))) {
    const [plane] = frame?.data ?? []
    if (frame === null) continue
    if (plane === undefined) throw new Error('a decoded frame without samples')
    yield new Float32Array(plane.buffer.slice(plane.byteOffset, plane.byteOffset + frame.nbSamples * 4))
  }
}

async function * packetsOf (files: Iterable<Buffer> | AsyncIterable<Buffer>) {
  for await (const file of files) {
    await using demuxer = await Demuxer.open(file)
    for await (const packet of demuxer.packets(audioOf(demuxer).index)) {
      if (packet !== null) yield packet
    }
  }
  yield null // the end: the decoder gives what it still holds
}

function audioOf (demuxer: Demuxer) {
  const stream = demuxer.audio()
  if (stream === undefined) throw new Error('no audio in a file')
  return stream
}

/** All of it as one piece. */
export async function collect (blocks: AsyncIterable<Float32Array>): Promise<Float32Array> {
  const parts: Float32Array[] = []
  let length = 0
  for await (const block of blocks) {
    parts.push(block)
    length += block.length
  }
  const whole = new Float32Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
