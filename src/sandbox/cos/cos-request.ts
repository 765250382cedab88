import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

export type CosAction =
  'list-buckets' | 'head-bucket' | 'list-objects' | 'list-uploads' |
  'put' | 'get' | 'head' | 'delete' | 'initiate' | 'put-part' | 'complete' | 'abort' | 'list-parts'

/** A request, read from its raw target: URL parsers would fold `..` and `//`, but the client signed the path as it sent it. */
export interface CosRequest {
  action: CosAction
  method: string
  /** The bucket's full name; '' when the service itself is asked. */
  bucket: string
  /** The object's key, decoded; '' when the bucket itself is asked. */
  key: string
  /** Query parameters, decoded, in the order sent. */
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

/** Finds bucket and key in a virtual-hosted (`<bucket>.cos.<region>.…/key`) or path-style (`host/<bucket>/key`) request. */
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

/** Decodes percent escapes, once; a plus stays a plus. */
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
