import { xmlAnswer, type CosAnswer } from './answer.ts'
import type { CosRequest } from './cos-request.ts'
import { uploadOf } from './multipart.ts'
import type { CosContext } from './operations.ts'
import type { XmlElement } from './xml.ts'

const pageSize = 1_000
const owner: XmlElement = ['Owner', [['ID', 'qcs::cam::uin/100000000001:uin/100000000001'], ['DisplayName', '100000000001']]]

export function listBuckets (_: CosRequest, { buckets }: CosContext): CosAnswer {
  const rows = [...buckets].map((name): XmlElement => ['Bucket', [['Name', name], ['Location', 'sandbox']]])
  return xmlAnswer(['ListAllMyBucketsResult', [owner, ['Buckets', rows]]])
}

export function listObjects ({ bucket, query }: CosRequest, { objects }: CosContext): CosAnswer {
  const { prefix, delimiter, encode } = listingOptions(query)
  const marker = query.get('marker') ?? ''
  const page = takePage(groupByPrefix(objects.list(bucket), prefix, delimiter).filter(({ name }) => isAfter(name, marker)), pageLimit(query.get('max-keys')))
  return xmlAnswer(['ListBucketResult', [
    ['Name', bucket], ['Prefix', encode(prefix)], ['Marker', encode(marker)], ['MaxKeys', page.limit], ['Delimiter', encode(delimiter)],
    ...encodingElement(query, 'EncodingType'), ['IsTruncated', page.truncated],
    ...(page.truncated ? [['NextMarker', encode(page.last?.name ?? '')] as const] : []),
    ...page.rows.map(({ name, item }): XmlElement => item === undefined
      ? ['CommonPrefixes', [['Prefix', encode(name)]]]
      : ['Contents', [
          ['Key', encode(name)], ['LastModified', new Date(item.modifiedMs).toISOString()], ['ETag', `"${item.etag}"`], ['Size', item.bytes],
          owner, ['StorageClass', item.headers['x-cos-storage-class'] ?? 'STANDARD']
        ]])
  ]])
}

export function listUploads ({ bucket, query }: CosRequest, { objects }: CosContext): CosAnswer {
  const { prefix, delimiter, encode } = listingOptions(query)
  const keyMarker = query.get('key-marker') ?? ''
  const idMarker = query.get('upload-id-marker') ?? ''
  const all = groupByPrefix(objects.uploads(bucket), prefix, delimiter)
  const idsOfMarkedKey = all.filter(({ name }) => name === keyMarker).map(({ item }) => item?.uploadId)
  const listed = new Set(idsOfMarkedKey.slice(0, idsOfMarkedKey.indexOf(idMarker) + 1))
  const page = takePage(all.filter(({ name, item }) =>
    isAfter(name, keyMarker) || (idMarker !== '' && name === keyMarker && item !== undefined && !listed.has(item.uploadId))
  ), pageLimit(query.get('max-uploads')))
  return xmlAnswer(['ListMultipartUploadsResult', [
    ['Bucket', bucket], ...encodingElement(query, 'Encoding-Type'), ['KeyMarker', encode(keyMarker)], ['UploadIdMarker', idMarker],
    ['MaxUploads', page.limit], ['Prefix', encode(prefix)], ['Delimiter', encode(delimiter)], ['IsTruncated', page.truncated],
    ...(page.truncated ? [['NextKeyMarker', encode(page.last?.name ?? '')] as const, ['NextUploadIdMarker', page.last?.item?.uploadId ?? ''] as const] : []),
    ...page.rows.map(({ name, item }): XmlElement => item === undefined
      ? ['CommonPrefixes', [['Prefix', encode(name)]]]
      : ['Upload', [
          ['Key', encode(name)], ['UploadId', item.uploadId], ['StorageClass', 'STANDARD'], ['Initiator', owner[1]], owner,
          ['Initiated', new Date(item.startedMs).toISOString()]
        ]])
  ]])
}

export function listParts (request: CosRequest, context: CosContext): CosAnswer {
  const { bucket, query } = request
  const { encode } = listingOptions(query)
  const upload = uploadOf(request, context)
  const marker = Number(query.get('part-number-marker') ?? 0)
  const parts = [...upload.parts].sort(([one], [other]) => one - other).filter(([partNumber]) => partNumber > marker)
  const page = takePage(parts, pageLimit(query.get('max-parts')))
  return xmlAnswer(['ListPartsResult', [
    ['Bucket', bucket], ...encodingElement(query, 'Encoding-type'), ['Key', encode(upload.key)], ['UploadId', upload.uploadId],
    ['Initiator', owner[1]], owner, ['PartNumberMarker', marker],
    ...page.rows.map(([partNumber, part]): XmlElement => ['Part', [
      ['PartNumber', partNumber], ['LastModified', new Date(part.modifiedMs).toISOString()], ['ETag', `"${part.md5}"`], ['Size', part.bytes]
    ]]),
    ...(page.truncated ? [['NextPartNumberMarker', page.last?.[0] ?? 0] as const] : []),
    ['StorageClass', 'STANDARD'], ['MaxParts', page.limit], ['IsTruncated', page.truncated]
  ]])
}

/** A row of a listing: an item under its own key, or what several keys share up to the delimiter. */
interface Row<T> {
  name: string
  item: T | undefined
}

function groupByPrefix<T extends { key: string }> (items: readonly T[], prefix: string, delimiter: string): Array<Row<T>> {
  const rows: Array<Row<T>> = []
  for (const item of items) {
    if (!item.key.startsWith(prefix)) continue
    const end = delimiter === '' ? -1 : item.key.indexOf(delimiter, prefix.length)
    if (end === -1) rows.push({ name: item.key, item })
    else {
      const name = item.key.slice(0, end + delimiter.length)
      if (rows.at(-1)?.name !== name) rows.push({ name, item: undefined })
    }
  }
  return rows
}

function takePage<T> (rows: readonly T[], limit: number): { rows: T[], limit: number, truncated: boolean, last: T | undefined } {
  const taken = rows.slice(0, limit)
  return { rows: taken, limit, truncated: rows.length > limit, last: taken.at(-1) }
}

function pageLimit (given: string | undefined): number {
  const limit = Number(given ?? pageSize)
  return Number.isInteger(limit) && limit >= 1 ? Math.min(limit, pageSize) : pageSize
}

function isAfter (name: string, marker: string): boolean {
  return Buffer.compare(Buffer.from(name), Buffer.from(marker)) > 0
}

function listingOptions (query: ReadonlyMap<string, string>): { prefix: string, delimiter: string, encode: (text: string) => string } {
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text
  return { prefix: query.get('prefix') ?? '', delimiter: query.get('delimiter') ?? '', encode }
}

function encodingElement (query: ReadonlyMap<string, string>, name: string): XmlElement[] {
  return query.get('encoding-type') === 'url' ? [[name, 'url']] : []
}
