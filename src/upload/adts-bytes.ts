import { adtsHeaderBytes } from '../media/adts.ts'
import type { AudioConfig } from '../media/audio-config.ts'
import { scanMp4 } from '../media/mp4-reader.ts'
import { adtsOfRun } from '../media/segment-file.ts'
import { readBytes, type ByteSource } from '../stores/byte-source.ts'

/** A fragment of the file, and where its frames begin in the stream. */
interface Piece { offset: number, bytes: number, adtsOffset: number }

/**
 * A track's file as an ADTS stream, made while it is read: nothing is written, and any stretch of it can be read again.
 * @param file whole, of `Mp4Writer`
 * @throws RoomtapeError FILE_UNREADABLE
 */
export async function adtsBytes (file: ByteSource, config: AudioConfig): Promise<ByteSource> {
  const pieces: Piece[] = []
  let total = 0
  await scanMp4((offset, length) => readBytes(file, offset, length), ({ offset, bytes, payloadBytes, frames }) => {
    pieces.push({ offset, bytes, adtsOffset: total })
    total += payloadBytes + frames * adtsHeaderBytes
  })
  return {
    bytes: total,
    async * read (start, length) {
      const end = start + length
      for (let index = pieceAt(pieces, start); ; index++) {
        const piece = pieces[index]
        if (piece === undefined || piece.adtsOffset >= end) return
        const adts = adtsOfRun(config, await readBytes(file, piece.offset, piece.bytes))
        yield adts.subarray(Math.max(0, start - piece.adtsOffset), end - piece.adtsOffset)
      }
    }
  }
}

/** The last piece that begins at or before this byte of the stream. */
function pieceAt (pieces: readonly Piece[], adtsOffset: number): number {
  let low = 0
  let high = pieces.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((pieces[middle]?.adtsOffset ?? 0) <= adtsOffset) low = middle
    else high = middle
  }
  return low
}
