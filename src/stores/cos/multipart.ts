import type { ByteSource } from '../byte-source.ts'
import { bodyOf } from './cos-calls.ts'
import { CosFailure } from './cos-failure.ts'
import type { RetryingCalls } from './retrying-calls.ts'

export const MiB = 1_048_576

export interface PartsOptions {
  /** At least 1 MiB, which is what COS asks of every part but the last. */
  partBytes: number
  /** Parts of one file on their way at a time. */
  partsInFlight: number
}

/** COS takes 10 000 parts; a larger file gets larger parts. */
const maxParts = 10_000
/** For aborting an upload when its owner is already gone. */
const abortTimeoutMs = 2_000

/** An upload in parts, from its beginning to `complete` or an abort: until then COS keeps its parts and bills them. Fails with a CosFailure. */
export class MultipartUpload {
  readonly #calls: RetryingCalls
  readonly #key: string
  readonly #uploadId: string

  private constructor (calls: RetryingCalls, key: string, uploadId: string) {
    this.#calls = calls
    this.#key = key
    this.#uploadId = uploadId
  }

  static async begin (calls: RetryingCalls, key: string, { contentType, signal }: { contentType: string, signal: AbortSignal }): Promise<MultipartUpload> {
    return new MultipartUpload(calls, key, await calls.retry(signal, (cos) => cos.initiate(key, { contentType, signal })))
  }

  /** Sends a whole file; the first part that fails stops the others. @returns the parts' ETags in order */
  async putParts (file: ByteSource, { partBytes, partsInFlight, signal }: PartsOptions & { signal: AbortSignal }): Promise<string[]> {
    const sizeBytes = Math.max(partBytes, Math.ceil(file.bytes / maxParts / MiB) * MiB)
    const etags = Array.from({ length: Math.ceil(file.bytes / sizeBytes) }, () => '')
    const failed = new AbortController()
    const partSignal = AbortSignal.any([signal, failed.signal])
    const remaining = etags.keys()

    const lane = async (): Promise<void> => {
      for (const index of remaining) {
        const start = index * sizeBytes
        const length = Math.min(sizeBytes, file.bytes - start)
        etags[index] = await this.#calls.retry(partSignal, (cos) =>
          cos.putPart(this.#key, this.#uploadId, index + 1, bodyOf(file, start, length), { signal: partSignal }))
      }
    }

    const lanes = Array.from({ length: partsInFlight }, () => lane().catch((error: unknown) => { failed.abort(error) }))
    await Promise.all(lanes)
    failed.signal.throwIfAborted()
    return etags
  }

  async complete (etags: readonly string[], { signal }: { signal: AbortSignal }): Promise<void> {
    await this.#calls.retry(signal, (cos) => cos.complete(this.#key, this.#uploadId, etags, { signal }))
  }

  async abort ({ signal }: { signal: AbortSignal }): Promise<void> {
    await this.#calls.retry(signal, (cos) => cos.abort(this.#key, this.#uploadId, { signal })).catch((error: unknown) => {
      if (!isGone(error)) throw error
    })
  }

  /** Aborts after an error, once and without the owner's signal. @returns the error, which says so if the upload is left unfinished */
  async abandon (error: unknown): Promise<unknown> {
    const signal = AbortSignal.timeout(abortTimeoutMs)
    try {
      await this.#calls.once(signal, (cos) => cos.abort(this.#key, this.#uploadId, { signal }))
      return error
    } catch (abortError) {
      if (isGone(abortError)) return error
      const cause = new AggregateError([error, abortError], `upload ${this.#uploadId} of ${this.#key} is left unfinished in bucket '${this.#calls.bucket}'`)
      return this.#calls.translated(error, this.#key, cause)
    }
  }
}

/** COS knows of no such upload: aborted, or completed. */
export function isGone (error: unknown): boolean {
  return error instanceof CosFailure && error.code === 'NoSuchUpload'
}
