import { createHash } from 'node:crypto'
import { Crc64 } from './crc64.ts'
import type { Fingerprint } from './object-store.ts'
import type { ByteSource } from './byte-source.ts'

/**
 * Reads a file once, for everything that is later compared with what a store holds. Hashing happens in steps of 64 KiB (some 0.1 ms
 * each); those of a file on the disk have a read between them, so that a capture thread goes on receiving meanwhile.
 * @throws RoomtapeError FILE_UNREADABLE
 */
export async function fingerprint (file: ByteSource, { signal }: { signal: AbortSignal }): Promise<Fingerprint> {
  const sha256 = createHash('sha256')
  const crc64 = new Crc64()
  for await (const chunk of file.read(0, file.bytes)) {
    signal.throwIfAborted()
    sha256.update(chunk)
    crc64.update(chunk)
  }
  return { bytes: file.bytes, sha256: sha256.digest('hex'), crc64: crc64.digest() }
}
