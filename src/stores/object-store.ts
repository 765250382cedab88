import { RoomtapeError } from '../core/errors.ts'
import type { ByteSource } from './byte-source.ts'

/** What is known of a finished file before it goes anywhere. */
export interface Fingerprint {
  bytes: number
  /** Lower-case hex. */
  sha256: string
  /** CRC-64/XZ as COS prints it: unsigned decimal. */
  crc64: string
}

/** Where files of a recording end up. Keys are full object keys, path included. */
export interface ObjectStore {
  /**
   * Uploads a file whole; resolves only after the store confirmed its length and CRC64.
   * Retries what can heal; gives the URL the object is read from.
   * @throws RoomtapeError STORE_DENIED, STORE_UNAVAILABLE, STORE_CORRUPT; FILE_UNREADABLE for a file that is not what the fingerprint says
   */
  putFile (key: string, file: ByteSource, fingerprint: Fingerprint, options: { contentType: string, signal: AbortSignal }): Promise<{ url: string }>

  /**
   * Proves that objects may be written below the target's path, and leaves nothing behind.
   * @throws RoomtapeError STORE_DENIED, STORE_UNAVAILABLE
   */
  check (options: { signal: AbortSignal }): Promise<void>
}

/** Before anything is sent: a body shorter than announced would keep its connection waiting for the rest. @throws RoomtapeError FILE_UNREADABLE */
export function checkLength (key: string, { bytes }: ByteSource, expected: Fingerprint): void {
  if (bytes !== expected.bytes) throw new RoomtapeError('FILE_UNREADABLE', `what should become ${key} is ${bytes} bytes long, expected ${expected.bytes}`)
}
