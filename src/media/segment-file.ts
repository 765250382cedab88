import { adtsFrame } from './adts.ts'
import type { AudioConfig } from './audio-config.ts'
import { fragmentsIn } from './mp4-reader.ts'
import { fileHeader } from './mp4-writer.ts'

/**
 * A run of a track's fragments as a complete file: numbered from 1, timed from 0, its true length in the header. The run's heads are written over.
 * @throws RoomtapeError FILE_UNREADABLE for what is no run of fragments
 */
export function m4aOfRun (config: AudioConfig, run: Buffer): Buffer {
  let sequence = 0
  let frames = 0
  for (const { offset, layout, frames: count } of fragmentsIn(run)) {
    const head = run.subarray(offset)
    const decodeTime = frames * config.frameSamples
    head[layout.startsSegment] = 0
    head.writeUInt32BE(++sequence, layout.sequence)
    head.writeUInt32BE(Math.floor(decodeTime / 2 ** 32), layout.decodeTime)
    head.writeUInt32BE(decodeTime % 2 ** 32, layout.decodeTime + 4)
    frames += count
  }
  return Buffer.concat([fileHeader(config, frames * config.frameSamples), run])
}

/** The frames of a run of fragments as ADTS. @throws RoomtapeError FILE_UNREADABLE, VALIDATION for what ADTS cannot carry */
export function adtsOfRun (config: AudioConfig, run: Buffer): Buffer {
  return Buffer.concat([...framesOfRun(run)].map((frame) => adtsFrame(config, frame)))
}

/** Views into the run. @throws RoomtapeError FILE_UNREADABLE */
export function * framesOfRun (run: Buffer): Generator<Buffer> {
  for (const { offset, frames, layout } of fragmentsIn(run)) {
    let start = offset + layout.headBytes(frames)
    for (let i = 0; i < frames; i++) {
      const end = start + run.readUInt32BE(offset + layout.sizes + i * 4)
      yield run.subarray(start, end)
      start = end
    }
  }
}
