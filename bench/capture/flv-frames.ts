import { aacTagHeaderBytes, audioTagOf, flvTag } from '../../src/media/flv.ts'

const fileHeaderBytes = 9
const tagHeaderBytes = 11
const backPointerBytes = 4

/** The AAC frames in an FLV file. */
export function * flvFrames (file: Buffer): Generator<Buffer> {
  for (let at = fileHeaderBytes + backPointerBytes; at < file.length;) {
    const body = at + tagHeaderBytes
    const end = body + file.readUIntBE(at + 1, 3)
    if (end > file.length) throw new Error('an FLV file ends inside a tag')
    if (file[at] === flvTag.audio && audioTagOf(file, body, end) === 'frame') yield file.subarray(body + aacTagHeaderBytes, end)
    at = end + backPointerBytes
  }
}
