import { readFile } from 'node:fs/promises'
import { framesOfRun } from '../../src/media/segment-file.ts'
import type { Cut } from './cut-track.ts'
import { collect, decode } from './decode.ts'

const frameSamples = 1024

/** @returns how many frames there are. @throws Error when the frames of all segments are not those of the track, byte for byte */
export async function compareFrames ({ trackId, path, segmentPaths, segments }: Cut): Promise<number> {
  const frames = framesOfFile(await readFile(path))
  let count = 0
  for (const [index, segmentPath] of segmentPaths.entries()) {
    if (segments[index]?.seq !== index + 1) throw new Error(`${trackId}: segment ${index + 1} is numbered ${String(segments[index]?.seq)}`)
    for (const frame of framesOfFile(await readFile(segmentPath))) {
      const expected = frames.next()
      if (expected.done === true || !expected.value.equals(frame)) throw new Error(`${trackId}: frame ${count} is another one in segment ${index + 1}`)
      count++
    }
  }
  if (frames.next().done !== true) throw new Error(`${trackId}: the track has more than the ${count} frames of its segments`)
  return count
}

/**
 * Decodes the track, all segments through one decoder, and each segment by itself.
 * @returns samples compared. @throws Error when one differs, but in the first frame of a segment that is decoded by itself
 */
export async function compareAudio ({ trackId, path, segmentPaths, segments }: Cut): Promise<number> {
  const track = await readFile(path)
  const whole = await collect(decode(track, [track]))
  let at = 0
  for await (const block of decode(track, contents(segmentPaths))) {
    if (!equal(block, whole.subarray(at, at + block.length))) throw new Error(`${trackId}: decoded in one go, segments differ from the track at sample ${at}`)
    at += block.length
  }
  if (at !== whole.length) throw new Error(`${trackId}: segments have ${at} samples, the track ${whole.length}`)

  for (const [index, file] of (await Promise.all(segmentPaths.map((each) => readFile(each)))).entries()) {
    const alone = await collect(decode(file, [file]))
    const start = (segments[index]?.firstFrame ?? 0) * frameSamples
    const same = equal(alone.subarray(frameSamples), whole.subarray(start + frameSamples, start + alone.length))
    if (!same) throw new Error(`${trackId}: segment ${index + 1} differs from the track beyond its first frame`)
  }
  return whole.length
}

function framesOfFile (file: Buffer): Generator<Buffer> {
  return framesOfRun(file.subarray(file.indexOf('moof', 0, 'latin1') - 4))
}

async function * contents (paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield readFile(path)
}

function equal (a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && Buffer.compare(bytesOf(a), bytesOf(b)) === 0
}

function bytesOf ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
