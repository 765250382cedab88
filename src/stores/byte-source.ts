import { open } from 'node:fs/promises'
import { RoomtapeError, messageOf } from '../core/errors.ts'

const chunkBytes = 65_536

/** What is on its way out: bytes that do not change any more. */
export interface Source {
  readonly bytes: number
  /** Exactly `bytes` bytes from `start` on; may be read by several at a time. Throws RoomtapeError FILE_UNREADABLE. */
  read (start: number, bytes: number): AsyncIterable<Uint8Array>
}

/** A finished file. It is opened once, so that it may be renamed or unlinked meanwhile. @throws RoomtapeError FILE_UNREADABLE */
export async function openSource (path: string): Promise<Source & AsyncDisposable> {
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

/** What is in memory as a whole. */
export function memorySource (content: Uint8Array): Source {
  return {
    bytes: content.length,
    async * read (start, length) {
      for (let done = 0; done < length; done += chunkBytes) yield content.subarray(start + done, start + Math.min(length, done + chunkBytes))
    }
  }
}

/** So much of a source as one piece; less where it ends. @throws RoomtapeError FILE_UNREADABLE */
export async function readSource (source: Source, start: number, bytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const length = Math.max(0, Math.min(bytes, source.bytes - start))
  for await (const chunk of source.read(start, length)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function unreadable (path: string, what: string, cause?: unknown): RoomtapeError {
  return new RoomtapeError('FILE_UNREADABLE', `${path} could not be read: ${what}`, { cause })
}
