import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import COS from 'cos-nodejs-sdk-v5'
import type { CosServer } from '../../../src/sandbox/cos-server.ts'
import { MiB, bucket, credential, startCos, temporaryFolder } from '../../helpers/cos.ts'

/** The official SDK, used as anybody would, against the sandbox. */
const address = { Bucket: bucket, Region: 'ap-guangzhou' }

function sdk (server: CosServer, options: COS.COSOptions = {}): COS {
  return new COS({ SecretId: credential.secretId, SecretKey: credential.secretKey, Domain: `${server.url}/{Bucket}`, Timeout: 5_000, ...options })
}

for (const [form, options] of [
  ['path style', (server: CosServer) => ({ Domain: `${server.url}/{Bucket}` })],
  ['virtual-hosted', (server: CosServer) => ({ Domain: '', Ip: new URL(server.url).host, Protocol: 'http:' })],
  ['behind a forward proxy', (server: CosServer) => ({ Domain: '', Proxy: server.url, Protocol: 'http:' })]
] as const) {
  test(`an object goes in, is read and goes, ${form}`, async (t) => {
    const server = await startCos(t)
    const cos = sdk(server, options(server))
    const Key = 'rec/a.opus'

    await cos.putObject({ ...address, Key, Body: 'hello', ContentType: 'audio/ogg', CacheControl: 'no-store', Headers: { 'x-cos-meta-title': 'a*b c' } })
    const head = await cos.headObject({ ...address, Key })
    const got = await cos.getObject({ ...address, Key })
    await cos.deleteObject({ ...address, Key })

    assert.equal(got.Body.toString(), 'hello')
    assert.equal(head.ETag, `"${createHash('md5').update('hello').digest('hex')}"`)
    const { headers = {} } = head
    assert.deepEqual(
      ['content-length', 'content-type', 'cache-control', 'x-cos-meta-title', 'x-cos-hash-crc64ecma', 'accept-ranges'].map((name) => headers[name] as string),
      ['5', 'audio/ogg', 'no-store', 'a*b c', '11177612005948864433', 'bytes']
    )
    await assert.rejects(cos.headObject({ ...address, Key }), { statusCode: 404 })
    await assert.rejects(cos.getObject({ ...address, Key }), { code: 'NoSuchKey' })
    await cos.deleteObject({ ...address, Key })
  })
}

for (const key of ["中/空 格+(a)*'!~&=?#%20.opus", 'a//b', '../x', 'a/../b', './c', 'a%20b', 'd/']) {
  test(`the key ${key} names itself and nothing else`, async (t) => {
    const server = await startCos(t)
    const cos = sdk(server)

    await cos.putObject({ ...address, Key: key, Body: Readable.from(['odd']), ContentLength: 3 })
    const got = await cos.getObject({ ...address, Key: key })
    const listed = await cos.getBucket({ ...address, Prefix: key })

    assert.equal(got.Body.toString(), 'odd')
    assert.deepEqual(listed.Contents.map((row) => row.Key), [key])
    assert.deepEqual(server.list(bucket).map((object) => object.key), [key])
  })
}

test('a body without a length arrives in chunks', async (t) => {
  const server = await startCos(t)

  await sdk(server).putObject({ ...address, Key: 'a', Body: Readable.from(['one ', 'two']) })

  assert.equal((await server.get(bucket, 'a'))?.content.toString(), 'one two')
})

test('a part of an object is read by range', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  await cos.putObject({ ...address, Key: 'a', Body: '0123456789' })

  const read = async (Range: string): Promise<[string, unknown, unknown]> => {
    const { Body, statusCode, headers = {} } = await cos.getObject({ ...address, Key: 'a', Range })
    return [Body.toString(), statusCode, headers['content-range']]
  }

  assert.deepEqual(await read('bytes=2-4'), ['234', 206, 'bytes 2-4/10'])
  assert.deepEqual(await read('bytes=7-'), ['789', 206, 'bytes 7-9/10'])
  assert.deepEqual(await read('bytes=-2'), ['89', 206, 'bytes 8-9/10'])
  assert.deepEqual(await read('bytes=8-99'), ['89', 206, 'bytes 8-9/10'])
  assert.deepEqual(await read('lines=1-2'), ['0123456789', 200, undefined])
  await assert.rejects(read('bytes=10-11'), { code: 'InvalidRange', statusCode: 416 })
})

test('conditions on tag and time are kept', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  const { ETag } = await cos.putObject({ ...address, Key: 'a', Body: 'x' })
  const past = new Date(0).toUTCString()
  const future = new Date(Date.now() + 60_000).toUTCString()
  const read = (condition: Partial<COS.GetObjectParams>): Promise<unknown> => cos.getObject({ ...address, Key: 'a', ...condition })

  await read({ IfMatch: ETag, IfModifiedSince: past })
  await assert.rejects(read({ IfMatch: '"other"' }), { statusCode: 412 })
  await assert.rejects(read({ IfUnmodifiedSince: past }), { statusCode: 412 })
  assert.equal((await fetch(linkTo(cos, 'a'), { headers: { 'If-None-Match': ETag } })).status, 304)
  assert.equal((await fetch(linkTo(cos, 'a'), { headers: { 'If-Modified-Since': future } })).status, 304)
})

test('a parted upload is invisible until it is complete, and its parts can be listed and replaced', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  const target = { ...address, Key: 'rec/a.opus' }
  const first = Buffer.alloc(MiB, 1)
  const put = async (UploadId: string, PartNumber: number, Body: Buffer): Promise<{ PartNumber: number, ETag: string }> =>
    ({ PartNumber, ETag: (await cos.multipartUpload({ ...target, UploadId, PartNumber, Body })).ETag })

  const { UploadId } = await cos.multipartInit({ ...target, ContentType: 'audio/ogg' })
  await put(UploadId, 1, Buffer.alloc(3))
  const parts = [await put(UploadId, 1, first), await put(UploadId, 2, Buffer.from('tail'))]
  const { Upload } = await cos.multipartList({ ...address, Prefix: 'rec/', Delimiter: '' })
  const { Part } = await cos.multipartListPart({ ...target, UploadId })
  await assert.rejects(cos.headObject(target), { statusCode: 404 })
  const completed = await cos.multipartComplete({ ...target, UploadId, Parts: parts })
  const got = await cos.getObject(target)

  assert.match(UploadId, /^\d{10}[0-9a-f]{64}$/)
  assert.deepEqual(Upload.map((upload) => [upload.Key, upload.UploadId]), [['rec/a.opus', UploadId]])
  assert.deepEqual(Part.map((part) => [part.PartNumber, part.Size]), [['1', String(MiB)], ['2', '4']])
  assert.deepEqual(got.Body, Buffer.concat([first, Buffer.from('tail')]))
  assert.match(completed.ETag, /^"[0-9a-f]{32}-2"$/)
  assert.equal(got.headers?.['content-type'], 'audio/ogg')
  await assert.rejects(cos.multipartComplete({ ...target, UploadId, Parts: parts }), { code: 'NoSuchUpload' })
})

test('Complete has rules', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  const target = { ...address, Key: 'a' }
  const { UploadId } = await cos.multipartInit(target)
  const etags: string[] = []
  for (const [index, bytes] of [MiB, MiB - 1, MiB].entries()) {
    etags.push((await cos.multipartUpload({ ...target, UploadId, PartNumber: index + 1, Body: Buffer.alloc(bytes, index) })).ETag)
  }
  const complete = (...numbers: number[]): Promise<unknown> =>
    cos.multipartComplete({ ...target, UploadId, Parts: numbers.map((PartNumber) => ({ PartNumber, ETag: etags[PartNumber - 1] ?? '"none"' })) })

  await assert.rejects(complete(1, 2, 3), { code: 'EntityTooSmall', statusCode: 400 })
  await assert.rejects(complete(2, 1), { code: 'InvalidPartOrder' })
  await assert.rejects(complete(1, 3), { code: 'InvalidPart' })
  await assert.rejects(complete(1, 2, 3, 4), { code: 'InvalidPart' })
  await assert.rejects(complete(), { code: 'MalformedXML' })
  await assert.rejects(cos.multipartComplete({ ...target, UploadId, Parts: [{ PartNumber: 1, ETag: etags[1]! }] }), { code: 'InvalidPart' })
  await assert.rejects(cos.multipartComplete({ ...address, Key: 'b', UploadId, Parts: [{ PartNumber: 1, ETag: etags[0]! }] }), { code: 'NoSuchUpload' })
  await complete(1, 2)
})

test('an upload that is aborted is gone with its parts', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  const target = { ...address, Key: 'a' }
  const { UploadId } = await cos.multipartInit(target)
  await cos.multipartUpload({ ...target, UploadId, PartNumber: 1, Body: Buffer.from('x') })

  await cos.multipartAbort({ ...target, UploadId })

  await assert.rejects(cos.multipartAbort({ ...target, UploadId }), { code: 'NoSuchUpload' })
  await assert.rejects(cos.multipartUpload({ ...target, UploadId, PartNumber: 1, Body: Buffer.from('x') }), { code: 'NoSuchUpload' })
  assert.deepEqual(server.unfinished(bucket), [])
})

for (const PartNumber of [0, 10_001, 1.5]) {
  test(`part number ${PartNumber} is refused`, async (t) => {
    const cos = sdk(await startCos(t))
    const { UploadId } = await cos.multipartInit({ ...address, Key: 'a' })

    await assert.rejects(cos.multipartUpload({ ...address, Key: 'a', UploadId, PartNumber, Body: Buffer.from('x') }), { code: 'InvalidArgument' })
  })
}

test('the SDK\'s own file upload, with its listing and its parts in parallel, works', async (t) => {
  const server = await startCos(t)
  const content = Buffer.alloc(3 * MiB + 5, 'parts of a file')
  const FilePath = `${await temporaryFolder(t)}/file`
  await writeFile(FilePath, content)

  await sdk(server).sliceUploadFile({ ...address, Key: 'a', FilePath })

  assert.deepEqual((await server.get(bucket, 'a'))?.content, content)
})

test('a server that starts again goes on with the uploads and objects it had', async (t) => {
  const directory = await temporaryFolder(t)
  const before = await startCos(t, { directory })
  const target = { ...address, Key: 'a' }
  const { UploadId } = await sdk(before).multipartInit({ ...target, ContentType: 'audio/ogg' })
  const { ETag } = await sdk(before).multipartUpload({ ...target, UploadId, PartNumber: 1, Body: Buffer.from('part') })
  await sdk(before).putObject({ ...address, Key: 'b', Body: 'object' })
  await before.close()

  const after = await startCos(t, { directory })
  await sdk(after).multipartComplete({ ...target, UploadId, Parts: [{ PartNumber: 1, ETag }] })

  assert.deepEqual(after.list(bucket).map(({ key, bytes }) => [key, bytes]), [['a', 4], ['b', 6]])
  assert.equal((await after.get(bucket, 'a'))?.headers['Content-Type'], 'audio/ogg')
})

test('objects are listed in byte order, by page and by folder', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  for (const Key of ['b', 'a/2', 'a/1', 'é', 'Z', 'c/x/1']) await cos.putObject({ ...address, Key, Body: Key })
  const list = async (options: Partial<COS.GetBucketParams>): Promise<unknown[]> => {
    const { Contents, CommonPrefixes, IsTruncated, NextMarker } = await cos.getBucket({ ...address, ...options })
    return [Contents.map(({ Key }) => Key), CommonPrefixes.map(({ Prefix }) => Prefix), IsTruncated, NextMarker]
  }

  assert.deepEqual(await list({}), [['Z', 'a/1', 'a/2', 'b', 'c/x/1', 'é'], [], 'false', undefined])
  assert.deepEqual(await list({ MaxKeys: 2 }), [['Z', 'a/1'], [], 'true', 'a/1'])
  assert.deepEqual(await list({ MaxKeys: 2, Marker: 'a/1' }), [['a/2', 'b'], [], 'true', 'b'])
  assert.deepEqual(await list({ Delimiter: '/' }), [['Z', 'b', 'é'], ['a/', 'c/'], 'false', undefined])
  assert.deepEqual(await list({ Delimiter: '/', Prefix: 'a/' }), [['a/1', 'a/2'], [], 'false', undefined])
  assert.deepEqual((await cos.getBucket({ ...address, Prefix: 'é', EncodingType: 'url' })).Contents[0]?.Key, '%C3%A9')
})

test('buckets are listed and asked for', async (t) => {
  const server = await startCos(t, { buckets: [bucket, 'other-1250000000'] })
  const cos = sdk(server, { ServiceDomain: server.url })

  const { Buckets } = await cos.getService({})

  assert.deepEqual(Buckets.map(({ Name }) => Name), [bucket, 'other-1250000000'])
  await cos.headBucket(address)
  await assert.rejects(cos.headBucket({ ...address, Bucket: 'missing-1250000000' }), { statusCode: 404 })
  await assert.rejects(cos.putObject({ ...address, Bucket: 'missing-1250000000', Key: 'a', Body: 'x' }), { code: 'NoSuchBucket' })
})

test('a digest that does not fit the body is refused and nothing is stored', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  const put = (md5: string): Promise<unknown> => cos.putObject({ ...address, Key: 'a', Body: 'x', Headers: { 'Content-MD5': md5 } })

  await assert.rejects(put(createHash('md5').update('y').digest('base64')), { code: 'BadDigest' })
  await assert.rejects(put('no digest'), { code: 'InvalidDigest' })
  assert.deepEqual(server.list(bucket), [])
  await put(createHash('md5').update('x').digest('base64'))
})

test('keys have a longest, and an object may be protected from being overwritten', async (t) => {
  const cos = sdk(await startCos(t))
  const Headers = (): Record<string, string> => ({ 'x-cos-forbid-overwrite': 'true' })

  await assert.rejects(cos.putObject({ ...address, Key: 'k'.repeat(851), Body: 'x' }), { code: 'KeyTooLong' })
  await cos.putObject({ ...address, Key: 'a', Body: 'x', Headers: Headers() })
  await assert.rejects(cos.putObject({ ...address, Key: 'a', Body: 'y', Headers: Headers() }), { code: 'FileAlreadyExists', statusCode: 409 })
})

test('a signed link is good for whoever has it, as it was made and not otherwise', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  const key = "rec/会议 1(a)+b'.opus"
  await cos.putObject({ ...address, Key: key, Body: 'hello' })
  const query = { 'response-content-type': 'audio/ogg', 'response-content-disposition': 'attachment; filename="a b.opus"' }
  const link = linkTo(cos, key, query)

  const answer = await fetch(link)

  assert.equal(await answer.text(), 'hello')
  assert.equal(answer.headers.get('content-type'), 'audio/ogg')
  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="a b.opus"')
  assert.equal((await fetch(link.replace('audio%2Fogg', 'text%2Fhtml'))).status, 403)
  assert.equal((await fetch(link.replace('rec/', 'rek/'))).status, 403)
  assert.equal((await fetch(link, { method: 'DELETE' })).status, 403)
  assert.equal((await fetch(link.split('?')[0]!)).status, 403)
})

test('a link may also be one to upload by', async (t) => {
  const server = await startCos(t)
  const link = sdk(server).getObjectUrl({ ...address, Key: 'a', Method: 'PUT', Sign: true })

  const { status } = await fetch(link, { method: 'PUT', body: 'hello' })

  assert.equal(status, 200)
  assert.equal((await server.get(bucket, 'a'))?.content.toString(), 'hello')
})

test('an open server lets anybody read and nobody write', async (t) => {
  const server = await startCos(t, { anonymousRead: true })
  await sdk(server).putObject({ ...address, Key: 'a b', Body: 'hello' })

  assert.equal(await (await fetch(`${server.url}/${bucket}/a%20b`)).text(), 'hello')
  assert.equal((await fetch(`${server.url}/${bucket}/a%20b?response-content-type=text/html`)).headers.get('content-type'), 'application/octet-stream')
  assert.equal((await fetch(`${server.url}/${bucket}/a`, { method: 'PUT', body: 'x' })).status, 403)
  assert.equal((await fetch(`${server.url}/${bucket}/`)).status, 403)
})

test('a stream of a download holds what was put', async (t) => {
  const server = await startCos(t)
  const cos = sdk(server)
  const content = Buffer.alloc(MiB + 3, 'stream')
  await cos.putObject({ ...address, Key: 'a', Body: content })

  const download = new PassThrough()
  cos.getObjectStream({ ...address, Key: 'a' }).pipe(download)

  assert.deepEqual(await buffer(download), content)
})

test('what is not there is said to be not there, in words a client knows', async (t) => {
  const server = await startCos(t)

  for (const [method, path, status, code] of [
    ['POST', `/${bucket}/a`, 405, 'MethodNotAllowed'], ['PUT', `/${bucket}/`, 405, 'MethodNotAllowed'],
    ['GET', `/${bucket}/%ff`, 400, 'InvalidURI'], ['GET', `/${bucket}/a`, 403, 'AccessDenied']
  ] as const) {
    const answer = await fetch(`${server.url}${path}`, { method })
    assert.equal(answer.status, status)
    assert.match(await answer.text(), new RegExp(`<Error><Code>${code}</Code>`))
    assert.ok(answer.headers.get('x-cos-request-id'))
  }
})

function linkTo (cos: COS, Key: string, Query: Record<string, string> = {}): string {
  return cos.getObjectUrl({ ...address, Key, Sign: true, Query })
}
