import COS from 'cos-nodejs-sdk-v5'
import { Readable } from 'node:stream'
import { CosFailure } from './cos-failure.ts'
import type { ByteSource } from '../byte-source.ts'
import type { Credentials } from '../credentials.ts'

interface CosBucket {
  region: string
  bucket: string
  endpoint?: string
}

export interface StoredObject {
  bytes: number
  /** Unsigned decimal; undefined where the server gave none. */
  crc64: string | undefined
}

/** Bytes for one try: made anew for each, since a stream is gone once it was read. */
export interface Body {
  stream: Readable
  bytes: number
}

export function bodyOf (file: ByteSource, start: number, bytes: number): Body {
  return { stream: Readable.from(file.read(start, bytes), { objectMode: false }), bytes }
}

interface CallOptions {
  signal: AbortSignal
}

interface SendOptions {
  headers: Record<string, unknown>
  proxy?: null
  signal?: AbortSignal | undefined
}

const callHeader = 'roomtape-call'

/**
 * The COS calls this program makes, over the official SDK, one instance per credential set. Each rejects with a CosFailure,
 * with what its body threw, or with the signal's reason; each ends within the idle timeout or at once when aborted.
 *
 * The SDK tries again by itself, four times without a pause, unless the body is a stream: hence streams wherever there are bytes.
 */
export class CosCalls {
  readonly #sdk: COS
  readonly #address: { Bucket: string, Region: string }
  readonly #timeoutMs: number
  readonly #signals = new Map<string, AbortSignal>()
  #lastCall = 0

  constructor ({ region, bucket, endpoint }: CosBucket, credentials: Credentials, timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    this.#address = { Bucket: bucket, Region: region }
    this.#sdk = new COS({
      SecretId: credentials.secretId,
      SecretKey: credentials.secretKey,
      ...(credentials.securityToken !== undefined && { SecurityToken: credentials.securityToken }),
      ...(endpoint !== undefined && { Domain: `${endpoint}/{Bucket}` }),
      // without one a silent server is waited for without end; it counts idle time, so long bodies are fine
      Timeout: timeoutMs,
      UseRawKey: true,
      // what a region is called is for the server to judge; the SDK would write its opinion to the console
      CompatibilityMode: true
    })
    this.#sdk.on('before-send', (options: SendOptions) => {
      const call = String(options.headers[callHeader])
      // the SDK cannot cancel, but what it sends with hands a signal on to node:http; the header only carries the name here
      options.signal = this.#signals.get(call)
      Reflect.deleteProperty(options.headers, callHeader)
      // or HTTP_PROXY in the environment would see every recording
      options.proxy = null
    })
  }

  async put (key: string, { stream, bytes }: Body, { contentType, signal }: CallOptions & { contentType: string }): Promise<void> {
    await this.#call(signal, stream, (Headers) => {
      // the SDK's list of tasks would keep the bodies of failed ones
      const params = { ...this.#address, Key: key, Body: stream, ContentLength: bytes, ContentType: contentType, Headers, SkipTask: true }
      return this.#sdk.putObject(params)
    })
  }

  async initiate (key: string, { contentType, signal }: CallOptions & { contentType: string }): Promise<string> {
    const { UploadId: uploadId } = await this.#ask(signal, (Headers) =>
      this.#sdk.multipartInit({ ...this.#address, Key: key, ContentType: contentType, Headers }))
    return uploadId
  }

  /** Gives the part's ETag. */
  async putPart (key: string, uploadId: string, partNumber: number, { stream, bytes }: Body, { signal }: CallOptions): Promise<string> {
    const { ETag: etag } = await this.#call(signal, stream, (Headers) => this.#sdk.multipartUpload({
      ...this.#address, Key: key, UploadId: uploadId, PartNumber: partNumber, Body: stream, ContentLength: bytes, Headers
    }))
    return etag
  }

  async complete (key: string, uploadId: string, etags: readonly string[], { signal }: CallOptions): Promise<void> {
    // fresh objects each time, since the SDK writes into them
    const Parts = etags.map((etag, index) => ({ PartNumber: index + 1, ETag: etag }))
    await this.#call(signal, undefined, (Headers) => this.#sdk.multipartComplete({ ...this.#address, Key: key, UploadId: uploadId, Parts, Headers }))
  }

  async abort (key: string, uploadId: string, { signal }: CallOptions): Promise<void> {
    await this.#ask(signal, (Headers) => this.#sdk.multipartAbort({ ...this.#address, Key: key, UploadId: uploadId, Headers }))
  }

  async head (key: string, { signal }: CallOptions): Promise<StoredObject> {
    const { headers = {} } = await this.#ask(signal, (Headers) => this.#sdk.headObject({ ...this.#address, Key: key, Headers }))
    const crc64: unknown = headers['x-cos-hash-crc64ecma']
    return { bytes: Number(headers['content-length']), crc64: typeof crc64 === 'string' ? crc64 : undefined }
  }

  /** A call that should be answered at once: the SDK's four tries together get the time of one. */
  async #ask<T> (signal: AbortSignal, start: (headers: Record<string, unknown>) => Promise<T>): Promise<T> {
    const limit = AbortSignal.timeout(this.#timeoutMs)
    try {
      return await this.#call(AbortSignal.any([signal, limit]), undefined, start)
    } catch (error) {
      signal.throwIfAborted()
      throw limit.aborted && !(error instanceof CosFailure) ? new CosFailure({ code: 'ETIMEDOUT', message: `no answer within ${this.#timeoutMs} ms` }) : error
    }
  }

  async #call<T> (signal: AbortSignal, body: Readable | undefined, start: (headers: Record<string, unknown>) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const call = String(++this.#lastCall)
    this.#signals.set(call, signal)
    try {
      return await start({ [callHeader]: call })
    } catch (rejection) {
      signal.throwIfAborted()
      throw body?.errored ?? new CosFailure(rejection)
    } finally {
      this.#signals.delete(call)
      body?.destroy()
    }
  }
}
