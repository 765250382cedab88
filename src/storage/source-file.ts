import { open } from 'node:fs/promises'
import { RoomtapeError, messageOf } from '../core/errors.ts'

const chunkBytes = 65_536

/** A finished file on its way out. It is opened once, so that it may be renamed or unlinked meanwhile. */
export interface SourceFile extends AsyncDisposable {
  readonly bytes: number
  /** Exactly `bytes` bytes from `start` on; may be read by several at a time. Throws RoomtapeError FILE_UNREADABLE. */
  read (start: number, bytes: number): AsyncGenerator<Uint8Array, void, void>
}

/**
 * Opens a file that is expected to have this length: a body shorter than announced would keep its connection waiting for the rest.
 * @throws RoomtapeError FILE_UNREADABLE
 */
export async function openSource (path: string, bytes: number): Promise<SourceFile> {
  const handle = await open(path).catch((error: unknown) => { throw unreadable(path, messageOf(error), error) })
  try {
    const { size } = await handle.stat()
    if (size !== bytes) throw unreadable(path, `${size} bytes long, expected ${bytes}`)
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    bytes,
    async * read (start, length) {
      for (let done = 0; done < length;) {
        const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, length - done))
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, start + done)
          .catch((error: unknown) => { throw unreadable(path, messageOf(error), error) })
        if (bytesRead === 0) throw unreadable(path, `it ends at ${start + done} bytes, expected ${bytes}`)
        done += bytesRead
        yield chunk.subarray(0, bytesRead)
      }
    },
    [Symbol.asyncDispose]: () => handle.close()
  }
}

function unreadable (path: string, what: string, cause?: unknown): RoomtapeError {
  return new RoomtapeError('FILE_UNREADABLE', `${path} could not be read: ${what}`, { cause })
}
