import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Clock } from '../../core/clock.ts'
import type { CosAnswer } from './answer.ts'
import { checkConditions, rangeOf } from './conditions.ts'
import type { CosRequest } from './cos-request.ts'
import type { CosObject, CosObjects, ObjectHeaders } from './objects.ts'
import { receive, type Content } from './receive.ts'
import { Refusal } from './refusal.ts'

/** What the server gives to each operation. */
export interface CosContext {
  objects: CosObjects
  buckets: ReadonlySet<string>
  clock: Clock
  /** Changes the first byte of the body before it is written. */
  corrupt: boolean
  /** The request is signed: only then may it set headers of the answer, by `response-…` parameters. */
  signed: boolean
}

const maxObjectBytes = 5 * 2 ** 30
const keptHeaders = ['content-type', 'cache-control', 'content-disposition', 'content-encoding', 'expires']
const keptCosHeader = /^x-cos-(?:meta-|storage-class$|server-side-encryption|acl$)/

export async function putObject (request: CosRequest, { objects, clock, corrupt }: CosContext): Promise<CosAnswer> {
  const { bucket, key, headers } = request
  const content = await receiveBody(request, objects, corrupt)
  if (headers['x-cos-forbid-overwrite'] === 'true' && objects.get(bucket, key) !== undefined) {
    await rm(content.path)
    throw new Refusal('FileAlreadyExists')
  }
  await objects.put({ ...content, bucket, key, etag: content.md5, headers: headersToKeep(headers), modifiedMs: clock.now() })
  return { status: 200, headers: { ETag: `"${content.md5}"`, 'x-cos-hash-crc64ecma': content.crc64 } }
}

export async function deleteObject ({ bucket, key }: CosRequest, { objects }: CosContext): Promise<CosAnswer> {
  await objects.delete(bucket, key)
  return { status: 204 }
}

export function headObject (request: CosRequest, context: CosContext): CosAnswer {
  const { body: _, ...answer } = getObject(request, context, () => undefined)
  return answer
}

type OpenContent = (object: CosObject, from: number, to: number) => Readable | undefined

export function getObject ({ bucket, key, headers, query }: CosRequest, { objects, signed }: CosContext, open: OpenContent = read): CosAnswer {
  const object = objects.get(bucket, key)
  if (object === undefined) throw new Refusal('NoSuchKey')
  const shown: Record<string, string | number> = { ...objectHeaders(object), ...(signed ? responseOverrides(query) : {}) }
  if (checkConditions(headers, object) === 'not-modified') return { status: 304, headers: shown }
  const range = rangeOf(headers.range, object.bytes)
  if (range === undefined) return answer(200, { ...shown, 'Content-Length': object.bytes }, open(object, 0, object.bytes - 1))
  const { from, to } = range
  return answer(206, {
    ...shown, 'Content-Length': to - from + 1, 'Content-Range': `bytes ${from}-${to}/${object.bytes}`
  }, open(object, from, to))
}

function answer (status: number, headers: Record<string, string | number>, body: Readable | undefined): CosAnswer {
  return body === undefined ? { status, headers } : { status, headers, body }
}

function read ({ path, bytes }: CosObject, start: number, end: number): Readable | undefined {
  return bytes === 0 ? undefined : createReadStream(path, { start, end })
}

function objectHeaders (object: CosObject): Record<string, string> {
  return {
    'Content-Type': 'application/octet-stream',
    ...object.headers,
    ETag: `"${object.etag}"`,
    'Last-Modified': new Date(object.modifiedMs).toUTCString(),
    'Accept-Ranges': 'bytes',
    'x-cos-hash-crc64ecma': object.crc64
  }
}

function responseOverrides (query: ReadonlyMap<string, string>): Record<string, string> {
  const overrides: Record<string, string> = {}
  for (const name of keptHeaders) {
    const value = query.get(`response-${name}`)
    if (value !== undefined) overrides[canonicalName(name)] = value
  }
  return overrides
}

/** Writes the body of a PUT to a file and checks it against Content-MD5. @throws Refusal */
export async function receiveBody ({ headers, incoming }: CosRequest, objects: CosObjects, corrupt: boolean): Promise<Content> {
  const length = headers['content-length']
  if (length === undefined && headers['transfer-encoding'] === undefined) throw new Refusal('MissingContentLength')
  if (Number(length ?? 0) > maxObjectBytes) throw new Refusal('EntityTooLarge')
  const expectedMd5 = contentMd5(headers)
  const content = await receive(incoming, objects.newContentPath(), { corrupt })
  if (expectedMd5 === undefined || expectedMd5 === content.md5) return content
  await rm(content.path)
  throw new Refusal('BadDigest')
}

function contentMd5 ({ 'content-md5': value }: IncomingHttpHeaders): string | undefined {
  if (typeof value !== 'string') return undefined
  const digest = Buffer.from(value, 'base64')
  if (digest.length !== 16 || digest.toString('base64') !== value) throw new Refusal('InvalidDigest')
  return digest.toString('hex')
}

/** The request's headers that an object keeps, under the names it gives them back with. Empty ones, which the SDK sends, are left out. */
export function headersToKeep (headers: IncomingHttpHeaders): ObjectHeaders {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || value === '') continue
    if (keptHeaders.includes(name)) kept[canonicalName(name)] = value
    else if (keptCosHeader.test(name)) kept[name] = value
  }
  return kept
}

function canonicalName (name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}
