import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { RoomtapeError, messageOf } from '../core/errors.ts'
import type { LocalTarget } from '../core/store-target.ts'
import { fingerprint } from './fingerprint.ts'
import { checkLength, type ObjectStore } from './object-store.ts'
import { openByteSource } from './byte-source.ts'

/**
 * A folder of this machine. A file appears under its name only when it is whole, on the disk and read back.
 * An unfinished one is called `.<uuid>.part`; a process that is killed leaves it behind.
 */
export function openLocalStore ({ directory, path }: LocalTarget): ObjectStore {
  return {
    async putFile (key, file, expected, { signal }) {
      signal.throwIfAborted()
      checkLength(key, file, expected)
      const finalPath = pathOf(directory, key)
      const folder = dirname(finalPath)
      const unfinishedPath = join(folder, `.${randomUUID()}.part`)
      try {
        await mkdir(folder, { recursive: true })
        // `flush` is fsync before close
        await pipeline(file.read(0, file.bytes), createWriteStream(unfinishedPath, { flags: 'wx', flush: true }), { signal })
        await using copy = await openByteSource(unfinishedPath)
        const written = await fingerprint(copy, { signal })
        if (written.bytes !== expected.bytes || written.crc64 !== expected.crc64) {
          const found = `${written.bytes} bytes with CRC64 ${written.crc64}`
          throw new RoomtapeError('STORE_CORRUPT', `${directory} took ${found} as ${key}, expected ${expected.bytes} with ${expected.crc64}`)
        }
        await rename(unfinishedPath, finalPath)
        await syncFolder(folder)
      } catch (error) {
        await rm(unfinishedPath, { force: true }).catch((rmError: unknown) => { throw translated(directory, key, rmError) })
        signal.throwIfAborted()
        throw translated(directory, key, error)
      }
      return { url: pathToFileURL(finalPath).href }
    },

    async check ({ signal }) {
      const key = [path, `.${randomUUID()}.part`].filter(Boolean).join('/')
      const probePath = pathOf(directory, key)
      try {
        await mkdir(dirname(probePath), { recursive: true })
        await writeFile(probePath, basename(probePath), { flag: 'wx', flush: true, signal })
        await rm(probePath)
      } catch (error) {
        signal.throwIfAborted()
        throw translated(directory, key, error)
      }
    }
  }
}

/** The path of a key's file below the directory. A key that a file system would fold together with another or lead elsewhere is refused. */
function pathOf (directory: string, key: string): string {
  const segments = key.split('/')
  if (key.includes('\0') || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new RoomtapeError('STORE_DENIED', `${JSON.stringify(key)} does not name a file below ${directory}`)
  }
  return join(directory, ...segments)
}

/** Makes the new name as durable as the bytes. */
async function syncFolder (folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Errors that an operator has to mend; the rest (a full or failing disk) is tried again later. */
const denyingCodes: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENAMETOOLONG'])

function translated (directory: string, key: string, error: unknown): unknown {
  if (error instanceof RoomtapeError || !(error instanceof Error)) return error
  const denied = 'code' in error && denyingCodes.has(error.code)
  return new RoomtapeError(denied ? 'STORE_DENIED' : 'STORE_UNAVAILABLE', `${directory} did not take ${key}: ${messageOf(error)}`, { cause: error })
}
