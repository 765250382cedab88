import type { FileHandle } from 'node:fs/promises'

/** Up to `length` bytes of a file from `offset`; fewer only where it ends. */
export async function readAt (file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}
