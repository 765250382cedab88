import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { RoomtapeError } from '../../core/errors.ts'
import { retry, type RetrySchedule } from '../../core/retry.ts'
import type { CosTarget } from '../../core/store-target.ts'
import { CosCalls, type Body } from './cos-calls.ts'
import { CosFailure } from './cos-failure.ts'
import type { CredentialSource, Credentials } from '../credentials.ts'
import { checkLength, type Fingerprint, type ObjectStore } from '../object-store.ts'
import type { ByteSource } from '../byte-source.ts'

const MiB = 1_048_576

export interface CosStoreOptions {
  credentials: CredentialSource
  /** How long a connection may be silent. */
  timeoutMs?: number
  /** For each call. Who has more patience than this (the uploader) puts the file again later. */
  schedule?: RetrySchedule
  /** Larger files go in parts. */
  multipartAboveBytes?: number
  /** At least 1 MiB, which is what COS asks of every part but the last. */
  partBytes?: number
  /** Parts of one file on their way at a time. */
  partsInFlight?: number
  random?: () => number
}

/** COS takes 10 000 parts; a larger file gets larger parts. */
const maxParts = 10_000
/** A file that arrived damaged is sent once more before it counts as corrupt. */
const maxRounds = 2
/** For giving up an upload when its owner is already gone. */
const abortTimeoutMs = 2_000

/**
 * A bucket of Tencent COS, through the official SDK. Bytes are confirmed by HEAD, never by the answer to a PUT:
 * an answer may be lost, and a lost answer to Complete looks like an upload that never was.
 */
export function openCosStore (target: CosTarget, options: CosStoreOptions): ObjectStore {
  const {
    credentials: credentialSource,
    timeoutMs = 30_000,
    schedule = { attempts: 5, firstDelayMs: 250, maxDelayMs: 8_000 },
    multipartAboveBytes = 8 * MiB,
    partBytes = 4 * MiB,
    partsInFlight = 3,
    random = Math.random
  } = options
  let current: { credentials: Credentials, calls: CosCalls } | undefined

  function callsWith (credentials: Credentials): CosCalls {
    if (current?.credentials !== credentials) current = { credentials, calls: new CosCalls(target, credentials, timeoutMs) }
    return current.calls
  }

  /** One call, until it succeeds or cannot heal. What it fails with is a CosFailure still. */
  async function call<T> (signal: AbortSignal, attempt: (calls: CosCalls) => Promise<T>): Promise<T> {
    let renewed = false
    return await retry(async () => {
      renewed = false
      const credentials = await credentialSource.get({ signal })
      try {
        return await attempt(callsWith(credentials))
      } catch (error) {
        renewed = error instanceof CosFailure && error.refusesCredentials && credentialSource.discard(credentials)
        throw error
      }
    }, { schedule, signal, random, retryable: (error) => renewed || (error instanceof CosFailure && error.heals) })
  }

  async function put (key: string, file: ByteSource, contentType: string, signal: AbortSignal): Promise<void> {
    if (file.bytes <= multipartAboveBytes) {
      await call(signal, (calls) => calls.put(key, bodyOf(file, 0, file.bytes), { contentType, signal }))
      return
    }
    const uploadId = await call(signal, (calls) => calls.initiate(key, { contentType, signal }))
    try {
      const etags = await putParts(key, uploadId, file, signal)
      await call(signal, (calls) => calls.complete(key, uploadId, etags, { signal }))
    } catch (error) {
      // gone is also what an upload is whose Complete was done and whose answer was lost: the HEAD after this decides
      if (error instanceof CosFailure && error.code === 'NoSuchUpload') return
      throw await abandoned(key, uploadId, error)
    }
  }

  async function putParts (key: string, uploadId: string, file: ByteSource, signal: AbortSignal): Promise<string[]> {
    const sizeBytes = Math.max(partBytes, Math.ceil(file.bytes / maxParts / MiB) * MiB)
    const etags = Array.from({ length: Math.ceil(file.bytes / sizeBytes) }, () => '')
    const failed = new AbortController()
    const partSignal = AbortSignal.any([signal, failed.signal])
    const remaining = etags.keys()

    async function lane (): Promise<void> {
      for (const index of remaining) {
        const start = index * sizeBytes
        const length = Math.min(sizeBytes, file.bytes - start)
        etags[index] = await call(partSignal, (calls) =>
          calls.putPart(key, uploadId, index + 1, bodyOf(file, start, length), { signal: partSignal }))
      }
    }

    const lanes = Array.from({ length: partsInFlight }, () => lane().catch((error: unknown) => { failed.abort(error) }))
    await Promise.all(lanes)
    failed.signal.throwIfAborted()
    return etags
  }

  /** Parts of an unfinished upload are kept and billed until it is aborted. */
  async function abandoned (key: string, uploadId: string, error: unknown): Promise<unknown> {
    const signal = AbortSignal.timeout(abortTimeoutMs)
    try {
      await callsWith(await credentialSource.get({ signal })).abort(key, uploadId, { signal })
      return error
    } catch (abortError) {
      if (abortError instanceof CosFailure && abortError.code === 'NoSuchUpload') return error
      const cause = new AggregateError([error, abortError], `upload ${uploadId} of ${key} is left unfinished in bucket '${target.bucket}'`)
      return translated(error, key, cause)
    }
  }

  /** Undefined if the bucket holds exactly this, else what it holds instead. Asked again before it is believed. */
  async function difference (key: string, expected: Fingerprint, signal: AbortSignal): Promise<string | undefined> {
    let found = ''
    for (let asked = 0; asked < 2; asked++) {
      const held = await call(signal, (calls) => calls.head(key, { signal })).catch((error: unknown) => {
        if (error instanceof CosFailure && error.statusCode === 404) return undefined
        throw error
      })
      if (held?.bytes === expected.bytes && held.crc64 === expected.crc64) return undefined
      found = held === undefined ? 'nothing' : `${held.bytes} bytes with CRC64 ${held.crc64 ?? 'unknown'}`
    }
    return found
  }

  function translated (error: unknown, key: string, cause = error): unknown {
    if (!(error instanceof CosFailure)) return error
    const name = error.heals ? 'STORE_UNAVAILABLE' : 'STORE_DENIED'
    const verb = error.heals ? 'did not take' : 'refused'
    return new RoomtapeError(name, `bucket '${target.bucket}' ${verb} ${key}: ${error.summary}`, { cause })
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
        throw translated(error, key)
      }
    },

    async check ({ signal }) {
      const key = [target.path, `.roomtape-check-${randomUUID()}`].filter(Boolean).join('/')
      try {
        // an upload that is begun and given up needs no right that recording does not need, and leaves no object
        const uploadId = await call(signal, (calls) => calls.initiate(key, { contentType: 'application/octet-stream', signal }))
        await call(signal, (calls) => calls.abort(key, uploadId, { signal })).catch((error: unknown) => {
          if (!(error instanceof CosFailure && error.code === 'NoSuchUpload')) throw error
        })
      } catch (error) {
        throw translated(error, key)
      }
    }
  }
}

function bodyOf (file: ByteSource, start: number, bytes: number): Body {
  return { stream: Readable.from(file.read(start, bytes), { objectMode: false }), bytes }
}

/** Where an object is read from; by whom is up to the bucket. */
export function objectUrl ({ bucket, region, endpoint }: CosTarget, key: string): string {
  const origin = endpoint === undefined ? `https://${bucket}.cos.${region}.myqcloud.com` : `${endpoint}/${bucket}`
  return `${origin}/${key.split('/').map(encodeSegment).join('/')}`
}

/** As COS signs it: everything but A–Z a–z 0–9 - _ . ~ is escaped. */
function encodeSegment (segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
