import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Crc64 } from '../../stores/crc64.ts'

/** A file of this server, with what is known of its bytes. */
export interface Content {
  path: string
  bytes: number
  /** MD5 of the bytes, in lower-case hex. */
  md5: string
  /** CRC64 of the bytes, as an unsigned decimal number. */
  crc64: string
}

/** Writes a body to a file; a body that breaks off leaves none. */
export async function receive (body: Readable | AsyncIterable<Buffer>, path: string, options: { corrupt?: boolean } = {}): Promise<Content> {
  const md5 = createHash('md5')
  const crc64 = new Crc64()
  let bytes = 0
  async function * measured (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      if (options.corrupt === true && bytes === 0) chunk.writeUInt8(chunk.readUInt8(0) ^ 1, 0)
      md5.update(chunk)
      crc64.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  try {
    await pipeline(body, measured, createWriteStream(path, { flags: 'wx' }))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { path, bytes, md5: md5.digest('hex'), crc64: crc64.digest() }
}
