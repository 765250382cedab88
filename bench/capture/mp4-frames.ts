import { framesOfRun } from '../../src/media/segment-file.ts'

/** The frames in a file of `Mp4Writer`, which must be whole. */
export function * mp4Frames (file: Buffer): Generator<Buffer> {
  const ftypBytes = boxBytes(file, 0, 'ftyp')
  yield * framesOfRun(file.subarray(ftypBytes + boxBytes(file, ftypBytes, 'moov')))
}

function boxBytes (file: Buffer, at: number, type: string): number {
  if (at + 8 > file.length || file.toString('latin1', at + 4, at + 8) !== type) throw new Error(`no ${type} at byte ${at} of an MP4 file`)
  return file.readUInt32BE(at)
}
