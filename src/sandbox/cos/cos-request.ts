import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

export type CosAction =
  'list-buckets' | 'head-bucket' | 'list-objects' | 'list-uploads' |
  'put' | 'get' | 'head' | 'delete' | 'initiate' | 'put-part' | 'complete' | 'abort' | 'list-parts'

/** A request, read from its raw target: URL parsers would fold `..` and `//`, and what was signed is what was sent. */
export interface CosRequest {
  action: CosAction
  method: string
  /** '' when the service itself is asked. */
  bucket: string
  /** Decoded; '' when the bucket itself is asked. */
  key: string
  /** Decoded, in the order sent. */
  query: ReadonlyMap<string, string>
  headers: IncomingHttpHeaders
  incoming: IncomingMessage
}

export function readRequest (incoming: IncomingMessage, buckets: ReadonlySet<string>): CosRequest {
  const { method = 'GET', headers } = incoming
  // a client behind a forward proxy sends the absolute form
  const target = (incoming.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '')
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = readQuery(mark === -1 ? '' : target.slice(mark + 1))
  const { bucket, key } = locate(headers.host ?? '', path.replace(/^\//, ''), buckets)
  return { action: actionOf(method, bucket, key, query, headers), method, bucket, key, query, headers, incoming }
}

/** Virtual-hosted (`<bucket>.cos.<region>.…/key`) or path style (`host/<bucket>/key`); the key is without either. */
function locate (host: string, path: string, buckets: ReadonlySet<string>): { bucket: string, key: string } {
  const [label = '', next] = host.split('.')
  if (buckets.has(label) || next === 'cos') return { bucket: label, key: decode(path) }
  const slash = path.indexOf('/')
  return slash === -1 ? { bucket: decode(path), key: '' } : { bucket: decode(path.slice(0, slash)), key: decode(path.slice(slash + 1)) }
}

function readQuery (text: string): Map<string, string> {
  const query = new Map<string, string>()
  for (const pair of text.split('&').filter(Boolean)) {
    const equals = pair.indexOf('=')
    if (equals === -1) query.set(decode(pair), '')
    else query.set(decode(pair.slice(0, equals)), decode(pair.slice(equals + 1)))
  }
  return query
}

/** Once, and a plus is a plus. */
function decode (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) throw new Refusal('InvalidURI')
    throw error
  }
}

function actionOf (method: string, bucket: string, key: string, query: ReadonlyMap<string, string>, headers: IncomingHttpHeaders): CosAction {
  const inUpload = query.has('uploadId')
  switch (method) {
    case 'GET':
      if (bucket === '') return 'list-buckets'
      if (key === '') return query.has('uploads') ? 'list-uploads' : 'list-objects'
      return inUpload ? 'list-parts' : 'get'
    case 'HEAD': return key === '' ? 'head-bucket' : 'head'
    case 'PUT':
      if (key === '') break
      if (headers['x-cos-copy-source'] !== undefined) throw new Refusal('NotImplemented')
      return inUpload || query.has('partNumber') ? 'put-part' : 'put'
    case 'POST':
      if (key === '') break
      if (query.has('uploads')) return 'initiate'
      if (inUpload) return 'complete'
      break
    case 'DELETE':
      if (key === '') break
      return inUpload ? 'abort' : 'delete'
  }
  throw new Refusal('MethodNotAllowed')
}
