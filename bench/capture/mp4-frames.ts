import { fragmentLayout } from '../../src/media/mp4-writer.ts'

/** The frames in a file of `Mp4Writer`, which must be whole. */
export function * mp4Frames (file: Buffer): Generator<Buffer> {
  for (let at = boxBytes(file, 0, 'ftyp') + boxBytes(file, boxBytes(file, 0, 'ftyp'), 'moov'); at < file.length;) {
    const moofBytes = boxBytes(file, at, 'moof')
    const count = file.readUInt32BE(at + fragmentLayout.frameCount)
    let payload = at + fragmentLayout.headBytes(count)
    for (let index = 0; index < count; index++) {
      const end = payload + file.readUInt32BE(at + fragmentLayout.sizes + 4 * index)
      if (end > file.length) throw new Error('an MP4 file ends inside a frame')
      yield file.subarray(payload, end)
      payload = end
    }
    at += moofBytes + boxBytes(file, at + moofBytes, 'mdat')
    if (at !== payload) throw new Error('the frames of an MP4 fragment are not as long as the fragment')
  }
}

function boxBytes (file: Buffer, at: number, type: string): number {
  if (at + 8 > file.length || file.toString('latin1', at + 4, at + 8) !== type) throw new Error(`no ${type} at byte ${at} of an MP4 file`)
  return file.readUInt32BE(at)
}
