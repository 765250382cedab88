import { createHash } from 'node:crypto'
import { Crc64 } from './crc64.ts'
import type { Fingerprint } from './object-store.ts'
import type { Source } from './byte-source.ts'

/**
 * Reads a source once, for everything that is later compared with what a store holds. Hashing happens in steps of 64 KiB (some 0.1 ms
 * each); those of a file have a read between them, so that a capture thread goes on receiving meanwhile.
 * @throws RoomtapeError FILE_UNREADABLE
 */
export async function fingerprint (source: Source, { signal }: { signal: AbortSignal }): Promise<Fingerprint> {
  const sha256 = createHash('sha256')
  const crc64 = new Crc64()
  for await (const chunk of source.read(0, source.bytes)) {
    signal.throwIfAborted()
    sha256.update(chunk)
    crc64.update(chunk)
  }
  return { bytes: source.bytes, sha256: sha256.digest('hex'), crc64: crc64.digest() }
}
