import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '../core/clock.ts'
import { hostInUrl } from '../core/networks.ts'
import { refusalAnswer, send, type CosAnswer } from './cos/answer.ts'
import { readRequest, type CosAction, type CosRequest } from './cos/cos-request.ts'
import { Faults, afterOperation, beforeOperation, type FaultRule } from './cos/faults.ts'
import { listBuckets, listObjects, listParts, listUploads } from './cos/listings.ts'
import { abortUpload, completeUpload, initiateUpload, putPart } from './cos/multipart.ts'
import { CosObjects, type CosObject } from './cos/objects.ts'
import { deleteObject, getObject, headObject, putObject, type CosContext } from './cos/operations.ts'
import { Refusal } from './cos/refusal.ts'
import { answerMetadata, metadataPath, type CosRole } from './cos/role.ts'
import { verifySignature, type CosCredential } from './cos/signature.ts'

export interface CosServerOptions {
  host?: string
  port?: number
  /** Full names, `<name>-<appid>`. */
  buckets: readonly string[]
  credentials: readonly CosCredential[]
  /** Folder where the server keeps objects and finds them again when it starts; without it, a temporary one that `close` removes. */
  directory?: string
  clock?: Clock
  /** Serves the metadata address of a CVM that has this role, at `/latest/meta-data/cam/security-credentials/`. */
  role?: CosRole
  /** Lets anybody read objects, so that a link can be opened in a browser. */
  anonymousRead?: boolean
}

/** One line of the server's log. */
interface CosLogEntry {
  action: CosAction
  bucket: string
  key: string
  partNumber?: number
  fault?: FaultRule['kind']
  /** HTTP status; undefined if the connection ended without an answer. */
  status?: number
  /** COS's error code, e.g. `NoSuchKey`. */
  code?: string
}

export interface CosServer {
  /** Origin; with `/{Bucket}` behind it the SDK's `Domain`. */
  url: string
  faults: Faults
  /** The newest requests, oldest first, each added when it has been dealt with. */
  log: readonly CosLogEntry[]
  list (bucket: string): CosObject[]
  get (bucket: string, key: string): Promise<CosObject & { content: Buffer } | undefined>
  /** Uploads that were neither completed nor aborted. */
  unfinished (bucket: string): Array<{ key: string, uploadId: string }>
  /** Ends all unfinished uploads, as a lifecycle rule of the bucket would. */
  drop (bucket: string): Promise<void>
  close (): Promise<void>
}

const keptLogEntries = 10_000

const operations: Record<CosAction, (request: CosRequest, context: CosContext) => CosAnswer | Promise<CosAnswer>> = {
  'list-buckets': listBuckets,
  'head-bucket': () => ({ status: 200, headers: { 'x-cos-bucket-region': 'sandbox' } }),
  'list-objects': listObjects,
  'list-uploads': listUploads,
  put: putObject,
  get: (request, context) => getObject(request, context),
  head: headObject,
  delete: deleteObject,
  initiate: initiateUpload,
  'put-part': putPart,
  complete: completeUpload,
  abort: abortUpload,
  'list-parts': listParts
}

/** A COS for one machine: what a streaming uploader, a downloader and a person with a link need, signatures verified. */
export async function startCosServer (options: CosServerOptions): Promise<CosServer> {
  const { host = '127.0.0.1', port = 0, clock = systemClock, anonymousRead = false, role } = options
  const buckets = new Set(options.buckets)
  const credentials = new Map(options.credentials.map((credential) => [credential.secretId, credential]))
  const directory = options.directory ?? await mkdtemp(join(tmpdir(), 'roomtape-cos-'))
  const objects = await CosObjects.open(directory)
  const faults = new Faults()
  const log: CosLogEntry[] = []
  const closing = new AbortController()
  const running = new Set<Promise<void>>()

  async function serve (incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.sendDate = false
    if (incoming.url?.startsWith(metadataPath) === true) {
      serveMetadata(incoming.url, response)
      return
    }
    const entry: Partial<CosLogEntry> = {}
    try {
      const answer = await answerTo(incoming, entry)
      if (answer === 'cut') incoming.socket.resetAndDestroy()
      else {
        entry.status = answer.status
        await send(response, answer, clock.now())
      }
    } catch (error) {
      if (incoming.socket.destroyed || closing.signal.aborted) return
      const refusal = error instanceof Refusal ? error : new Refusal('InternalError', String(error))
      entry.status = refusal.status
      entry.code = refusal.code
      await send(response, refusalAnswer(refusal, `${entry.bucket ?? ''}/${entry.key ?? ''}`), clock.now())
    } finally {
      if (entry.action !== undefined) log.push(entry as CosLogEntry)
      if (log.length > keptLogEntries) log.shift()
    }
  }

  async function answerTo (incoming: IncomingMessage, entry: Partial<CosLogEntry>): Promise<CosAnswer | 'cut'> {
    const request = readRequest(incoming, buckets)
    const { action, bucket, key, query } = request
    Object.assign(entry, { action, bucket, key, ...(query.has('partNumber') && { partNumber: Number(query.get('partNumber')) }) })
    const fault = faults.take(request)
    if (fault !== undefined) entry.fault = fault.kind
    const instead = await beforeOperation(fault, incoming, closing.signal)
    if (instead !== undefined) return instead
    const context = { objects, buckets, clock, corrupt: fault?.kind === 'corrupt', signed: authorize(request) }
    return afterOperation(fault, await operations[action](request, context))
  }

  /** Says whether the request is signed. */
  function authorize (request: CosRequest): boolean {
    const { action, bucket, key } = request
    const credential = verifySignature(request, (secretId) => credentials.get(secretId), clock.now())
    if (credential === undefined && !(anonymousRead && (action === 'get' || action === 'head'))) throw new Refusal('AccessDenied')
    if (action !== 'list-buckets' && !buckets.has(bucket)) throw new Refusal('NoSuchBucket')
    if (Buffer.byteLength(key) > 850) throw new Refusal('KeyTooLong')
    if (key !== '' && !key.startsWith(credential?.prefix ?? '')) throw new Refusal('AccessDenied')
    return credential !== undefined
  }

  function serveMetadata (path: string, response: ServerResponse): void {
    const text = answerMetadata(path, role, clock, (credential) => { credentials.set(credential.secretId, credential) })
    response.writeHead(text === undefined ? 404 : 200, { 'Content-Type': 'text/plain' }).end(text ?? 'Not Found')
  }

  const server = createServer((incoming, response) => {
    // a client that breaks off a request is no fault of this server
    incoming.on('error', () => undefined)
    response.on('error', () => undefined)
    const served: Promise<void> = serve(incoming, response)
      .catch(() => { incoming.socket.destroy() })
      .finally(() => { running.delete(served) })
    running.add(served)
  })
  // an upload lasts while the recording does, and its parts come one by one
  server.requestTimeout = 0
  server.keepAliveTimeout = 65_000
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo

  let closed: Promise<void> | undefined
  async function close (): Promise<void> {
    closing.abort()
    const listening = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await listening
    await Promise.all(running)
    if (options.directory === undefined) await rm(directory, { recursive: true })
  }

  return {
    url: `http://${hostInUrl(address.address)}:${address.port}`,
    faults,
    log,
    list: (bucket) => objects.list(bucket),
    async get (bucket, key) {
      const object = objects.get(bucket, key)
      return object === undefined ? undefined : { ...object, content: await readFile(object.path) }
    },
    unfinished: (bucket) => objects.uploads(bucket).map(({ key, uploadId }) => ({ key, uploadId })),
    async drop (bucket) {
      for (const upload of objects.uploads(bucket)) await objects.abort(upload)
    },
    close: () => (closed ??= close())
  }
}
