import { rm } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { xmlAnswer, type CosAnswer } from './answer.ts'
import type { CosRequest } from './cos-request.ts'
import type { CosUpload } from './objects.ts'
import { headersToKeep, receiveBody, type CosContext } from './operations.ts'
import type { Content } from './receive.ts'
import { Refusal } from './refusal.ts'
import { parseCompleteBody, type PartReference } from './xml.ts'

const minPartBytes = 1_048_576
const maxPartNumber = 10_000

export async function initiateUpload ({ bucket, key, headers }: CosRequest, { objects, clock }: CosContext): Promise<CosAnswer> {
  const { uploadId } = await objects.initiate(bucket, key, headersToKeep(headers), clock.now())
  return xmlAnswer(['InitiateMultipartUploadResult', [['Bucket', bucket], ['Key', key], ['UploadId', uploadId]]])
}

export async function putPart (request: CosRequest, context: CosContext): Promise<CosAnswer> {
  const { objects, clock, corrupt } = context
  const partNumber = Number(request.query.get('partNumber'))
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > maxPartNumber) throw new Refusal('InvalidArgument')
  uploadOf(request, context)
  const content = await receiveBody(request, objects, corrupt)
  // the upload may have ended while the body came in
  const upload = objects.upload(request.query.get('uploadId') ?? '')
  if (upload === undefined) {
    await rm(content.path)
    throw new Refusal('NoSuchUpload')
  }
  await objects.putPart(upload, partNumber, content, clock.now())
  return { status: 200, headers: { ETag: `"${content.md5}"`, 'x-cos-hash-crc64ecma': content.crc64 } }
}

export async function completeUpload (request: CosRequest, context: CosContext): Promise<CosAnswer> {
  const { bucket, key, headers, incoming } = request
  const { objects, clock } = context
  const references = parseCompleteBody(await text(incoming))
  const upload = uploadOf(request, context)
  const contents = chosenParts(upload, references)
  if (headers['x-cos-forbid-overwrite'] === 'true' && objects.get(bucket, key) !== undefined) throw new Refusal('FileAlreadyExists')
  const { etag, crc64 } = await objects.complete(upload, contents, clock.now())
  const location = `http://${headers.host ?? ''}/${key}`
  const answer = xmlAnswer(['CompleteMultipartUploadResult', [['Location', location], ['Bucket', bucket], ['Key', key], ['ETag', `"${etag}"`]]])
  return { ...answer, headers: { ...answer.headers, 'x-cos-hash-crc64ecma': crc64 } }
}

function chosenParts ({ parts }: CosUpload, references: readonly PartReference[]): Content[] {
  const numbers = references.map(({ partNumber }) => partNumber)
  if (numbers.some((partNumber, index) => partNumber <= (numbers[index - 1] ?? 0))) throw new Refusal('InvalidPartOrder')
  const contents: Content[] = []
  for (const [index, { partNumber, etag }] of references.entries()) {
    const part = parts.get(partNumber)
    if (partNumber !== index + 1 || part?.md5 !== etag) throw new Refusal('InvalidPart')
    contents.push(part)
  }
  if (contents.slice(0, -1).some(({ bytes }) => bytes < minPartBytes)) throw new Refusal('EntityTooSmall')
  return contents
}

export async function abortUpload (request: CosRequest, context: CosContext): Promise<CosAnswer> {
  await context.objects.abort(uploadOf(request, context))
  return { status: 204 }
}

/** The upload that a request names by `uploadId`. @throws Refusal NoSuchUpload, also when the id is that of another bucket or key */
export function uploadOf ({ bucket, key, query }: CosRequest, { objects }: CosContext): CosUpload {
  const upload = objects.upload(query.get('uploadId') ?? '')
  if (upload?.bucket !== bucket || upload.key !== key) throw new Refusal('NoSuchUpload')
  return upload
}
