import { open } from 'node:fs/promises'
import { RoomtapeError, messageOf } from '../core/errors.ts'

const chunkBytes = 65_536

/** Bytes to upload or to read back: a finished file, or what stands for one. They do not change any more. */
export interface ByteSource {
  readonly bytes: number
  /** Exactly `bytes` bytes from `start` on; may be read by several at a time. Throws RoomtapeError FILE_UNREADABLE. */
  read (start: number, bytes: number): AsyncIterable<Uint8Array>
}

/** Opens a finished file; once, so that it may be renamed or unlinked meanwhile. @throws RoomtapeError FILE_UNREADABLE */
export async function openByteSource (path: string): Promise<ByteSource & AsyncDisposable> {
  const handle = await open(path).catch((error: unknown) => { throw unreadable(path, messageOf(error), error) })
  const { size } = await handle.stat().catch(async (error: unknown) => {
    await handle.close()
    throw unreadable(path, messageOf(error), error)
  })
  return {
    bytes: size,
    async * read (start, length) {
      for (let done = 0; done < length;) {
        const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, length - done))
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, start + done)
          .catch((error: unknown) => { throw unreadable(path, messageOf(error), error) })
        if (bytesRead === 0) throw unreadable(path, `it ends at ${start + done} bytes, expected ${size}`)
        done += bytesRead
        yield chunk.subarray(0, bytesRead)
      }
    },
    [Symbol.asyncDispose]: () => handle.close()
  }
}

/** Bytes that are in memory as a whole. */
export function byteSourceOf (content: Uint8Array): ByteSource {
  return {
    bytes: content.length,
    async * read (start, length) {
      for (let done = 0; done < length; done += chunkBytes) yield content.subarray(start + done, start + Math.min(length, done + chunkBytes))
    }
  }
}

/** Reads up to `bytes` bytes from `start` on into one buffer: fewer where the source ends. @throws RoomtapeError FILE_UNREADABLE */
export async function readBytes (source: ByteSource, start: number, bytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const length = Math.max(0, Math.min(bytes, source.bytes - start))
  for await (const chunk of source.read(start, length)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function unreadable (path: string, what: string, cause?: unknown): RoomtapeError {
  return new RoomtapeError('FILE_UNREADABLE', `${path} could not be read: ${what}`, { cause })
}
