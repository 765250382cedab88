import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Refusal } from './refusal.ts'
import { xmlDocument, type XmlElement } from './xml.ts'

export interface CosAnswer {
  status: number
  headers?: Record<string, string | number>
  body?: string | Readable
}

export function xmlAnswer (root: XmlElement): CosAnswer {
  return { status: 200, headers: { 'Content-Type': 'application/xml' }, body: xmlDocument(root) }
}

export function refusalAnswer (refusal: Refusal, resource: string): CosAnswer {
  const requestId = newRequestId()
  const traceId = newRequestId()
  const { headers, body } = xmlAnswer(['Error', [
    ['Code', refusal.code], ['Message', refusal.message], ['Resource', resource], ['RequestId', requestId], ['TraceId', traceId],
    ...Object.entries(refusal.details)
  ]])
  return { status: refusal.status, headers: { ...headers, 'x-cos-request-id': requestId, 'x-cos-trace-id': traceId }, body: body ?? '' }
}

/** Sends an answer with the headers that COS puts on every answer; without a request id the SDK would try another host. */
export async function send (response: ServerResponse, { status, headers, body }: CosAnswer, nowMs: number): Promise<void> {
  response.writeHead(status, {
    Server: 'tencent-cos',
    Date: new Date(nowMs).toUTCString(),
    'x-cos-request-id': newRequestId(),
    ...(typeof body === 'string' && { 'Content-Length': Buffer.byteLength(body) }),
    ...(body === undefined && status === 200 && { 'Content-Length': 0 }),
    ...headers
  })
  if (typeof body === 'object') await pipeline(body, response)
  else response.end(response.req.method === 'HEAD' ? undefined : body)
}

function newRequestId (): string {
  return randomBytes(24).toString('base64')
}
