import { randomUUID } from 'node:crypto'
import { RoomtapeError } from '../../core/errors.ts'
import type { RetrySchedule } from '../../core/retry.ts'
import type { CosTarget } from '../../core/store-target.ts'
import { bodyOf } from './cos-calls.ts'
import { CosFailure } from './cos-failure.ts'
import type { CredentialSource } from '../credentials.ts'
import { isGone, MiB, MultipartUpload, type PartsOptions } from './multipart.ts'
import { objectUrl } from './object-url.ts'
import { RetryingCalls } from './retrying-calls.ts'
import { checkLength, type Fingerprint, type ObjectStore } from '../object-store.ts'
import type { ByteSource } from '../byte-source.ts'

export interface CosStoreOptions extends Partial<PartsOptions> {
  credentials: CredentialSource
  /** How long a connection may be silent. */
  timeoutMs?: number
  /** For each call. A caller with more patience than this (the uploader) puts the file again later. */
  schedule?: RetrySchedule
  /** Larger files go in parts. */
  multipartAboveBytes?: number
  random?: () => number
}

/** A file that arrived damaged is sent once more before it counts as corrupt. */
const maxRounds = 2

/**
 * A bucket of Tencent COS, through the official SDK. Bytes are confirmed by HEAD, never by the answer to a PUT:
 * an answer may be lost, and a lost answer to Complete looks like an upload that never was.
 */
export function openCosStore (target: CosTarget, options: CosStoreOptions): ObjectStore {
  const {
    credentials,
    timeoutMs = 30_000,
    schedule = { attempts: 5, firstDelayMs: 250, maxDelayMs: 8_000 },
    multipartAboveBytes = 8 * MiB,
    partBytes = 4 * MiB,
    partsInFlight = 3,
    random = Math.random
  } = options
  const calls = new RetryingCalls(target, { credentials, timeoutMs, schedule, random })

  async function put (key: string, file: ByteSource, contentType: string, signal: AbortSignal): Promise<void> {
    if (file.bytes <= multipartAboveBytes) {
      await calls.retry(signal, (cos) => cos.put(key, bodyOf(file, 0, file.bytes), { contentType, signal }))
      return
    }
    const upload = await MultipartUpload.begin(calls, key, { contentType, signal })
    try {
      const etags = await upload.putParts(file, { partBytes, partsInFlight, signal })
      await upload.complete(etags, { signal })
    } catch (error) {
      // gone is also what an upload is whose Complete was done and whose answer was lost: the HEAD after this decides
      if (isGone(error)) return
      throw await upload.abandon(error)
    }
  }

  /** What the bucket holds instead of this, undefined if it is exactly this. A difference is asked for again before it is believed. */
  async function difference (key: string, expected: Fingerprint, signal: AbortSignal): Promise<string | undefined> {
    let found = ''
    for (let asked = 0; asked < 2; asked++) {
      const held = await calls.retry(signal, (cos) => cos.head(key, { signal })).catch((error: unknown) => {
        if (error instanceof CosFailure && error.statusCode === 404) return undefined
        throw error
      })
      if (held?.bytes === expected.bytes && held.crc64 === expected.crc64) return undefined
      found = held === undefined ? 'nothing' : `${held.bytes} bytes with CRC64 ${held.crc64 ?? 'unknown'}`
    }
    return found
  }

  return {
    async putFile (key, file, expected, { contentType, signal }) {
      signal.throwIfAborted()
      checkLength(key, file, expected)
      try {
        for (let round = 1; ; round++) {
          await put(key, file, contentType, signal)
          const found = await difference(key, expected, signal)
          if (found === undefined) return { url: objectUrl(target, key) }
          if (round < maxRounds) continue
          const wanted = `${expected.bytes} bytes with CRC64 ${expected.crc64}`
          throw new RoomtapeError('STORE_CORRUPT', `bucket '${target.bucket}' holds ${found} as ${key}, expected ${wanted}`)
        }
      } catch (error) {
        throw calls.translated(error, key)
      }
    },

    async check ({ signal }) {
      const key = [target.path, `.roomtape-check-${randomUUID()}`].filter(Boolean).join('/')
      try {
        // an upload that is begun and given up needs no right that recording does not need, and leaves no object
        const upload = await MultipartUpload.begin(calls, key, { contentType: 'application/octet-stream', signal })
        await upload.abort({ signal })
      } catch (error) {
        throw calls.translated(error, key)
      }
    }
  }
}
