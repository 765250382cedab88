import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { RoomtapeError, messageOf } from '../core/errors.ts'
import { Crc64 } from './crc64.ts'
import type { Fingerprint } from './object-store.ts'

/**
 * Reads a finished file once, for everything that is later compared with what a store holds. Hashing happens in steps of
 * 64 KiB (some 0.1 ms each) with a read between them, so that a capture thread goes on receiving meanwhile.
 * @throws RoomtapeError FILE_UNREADABLE
 */
export async function fingerprint (path: string, { signal }: { signal: AbortSignal }): Promise<Fingerprint> {
  const sha256 = createHash('sha256')
  const crc64 = new Crc64()
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
      sha256.update(chunk)
      crc64.update(chunk)
      bytes += chunk.length
    }
  } catch (error) {
    signal.throwIfAborted()
    throw new RoomtapeError('FILE_UNREADABLE', `${path} could not be read: ${messageOf(error)}`, { cause: error })
  }
  return { bytes, sha256: sha256.digest('hex'), crc64: crc64.digest() }
}
