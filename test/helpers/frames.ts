import { readAdts } from '../../src/media/adts.ts'
import { framesOfRun } from '../../src/media/segment-file.ts'

/** The frames of a whole file of ours in hex, whichever form it has. */
export function framesOf (file: Buffer): string[] {
  const frames = file.toString('latin1', 4, 8) === 'ftyp' ? [...framesOfRun(file.subarray(file.indexOf('moof') - 4))] : readAdts(file).frames
  return frames.map((frame) => Buffer.from(frame).toString('hex'))
}
