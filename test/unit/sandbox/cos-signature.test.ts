import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { formatString, signature, stringToSign, verifySignature, type SignedRequest } from '../../../src/sandbox/cos/signature.ts'

const secretId = 'AKIDEXAMPLE0000000000000000000000000'
const secretKey = 'EXAMPLEKEY0000000000000000000000'
const keyTime = '1700000000;1700003600'
const host = 'audio-1250000000.cos.ap-guangzhou.myqcloud.com'
const nowMs = 1_700_000_060_000

/** Worked out twice from the documented algorithm, and equal to what the official SDK signs. */
const vectors: Array<[what: string, request: SignedRequest, headers: string[], params: string[], sha1: string, signature: string]> = [
  [
    'an uploaded part', {
      method: 'PUT',
      key: 'rec/2026/会议 1(a)+b.opus',
      query: new Map([['partNumber', '2'], ['uploadId', '1700000000abcdef']]),
      headers: { host, 'content-length': '13', 'content-md5': 'EI9SjrY7Zec08nrjMfX/qg==', 'content-type': 'application/octet-stream' }
    },
    ['content-length', 'content-md5', 'content-type', 'host'], ['partnumber', 'uploadid'],
    'f6ecdcf760427eb548c50b6c6c487c05212ab9c6', 'c0a4fa713cbc19e0f27892d499e91e985093af42'
  ],
  [
    'a presigned link', {
      method: 'GET',
      key: 'rec/2026/a.opus',
      query: new Map([['response-content-type', 'audio/ogg'], ['response-content-disposition', 'attachment; filename="a b.opus"']]),
      headers: { host }
    },
    ['host'], ['response-content-disposition', 'response-content-type'],
    '45f6c59d924ce037d55e64df9808a3a4417dffac', 'f88e5d8034194694bf8fde88770dcf77470e6149'
  ],
  [
    'the start of an upload', {
      method: 'POST',
      key: 'rec/2026/a.opus',
      query: new Map([['uploads', '']]),
      headers: { host, 'content-length': '0', 'content-type': 'audio/ogg', 'x-cos-meta-title': 'a*b c', 'x-cos-storage-class': 'STANDARD' }
    },
    ['content-length', 'content-type', 'host', 'x-cos-meta-title', 'x-cos-storage-class'], ['uploads'],
    'd65f173da01f86bd3df43efe369825a5b8c82b57', 'c9cbebc208c255815aa79cda24817d6c801a218e'
  ]
]

for (const [what, request, headers, params, sha1, expected] of vectors) {
  test(`${what} is signed as documented`, () => {
    const format = formatString(request, headers, params)

    assert.equal(createHash('sha1').update(format).digest('hex'), sha1)
    assert.equal(signature(secretKey, keyTime, stringToSign(keyTime, format)), expected)
  })

  test(`${what} with that signature is let in, and nothing else with it`, () => {
    const signed = withAuthorization(request, headers, params, expected)
    const verify = (changed: Partial<SignedRequest>): unknown =>
      verifySignature({ ...signed, ...changed }, (id) => id === secretId ? { secretId, secretKey } : undefined, nowMs)

    assert.deepEqual(verify({}), { secretId, secretKey })
    const mismatch = { name: 'Refusal', code: 'SignatureDoesNotMatch' }
    assert.throws(() => verify({ key: `${request.key}x` }), mismatch)
    assert.throws(() => verify({ method: 'DELETE' }), mismatch)
    assert.throws(() => verify({ headers: { ...signed.headers, host: 'other-1250000000.cos.ap-guangzhou.myqcloud.com' } }), mismatch)
    assert.throws(() => verify({ query: new Map([...request.query].map(([name]) => [name, 'changed'])) }), mismatch)
  })
}

test('a request without a signature is nobody\'s', () => {
  assert.equal(verifySignature({ method: 'GET', key: 'a', query: new Map(), headers: { host } }, () => undefined, nowMs), undefined)
})

test('a temporary key needs its token and its time', () => {
  const [, request, headers, params, , expected] = vectors[0]!
  const signed = withAuthorization(request, headers, params, expected)
  const verify = (token: string | undefined, expiresAtMs: number): unknown => verifySignature(
    { ...signed, headers: { ...signed.headers, 'x-cos-security-token': token } }, () => ({ secretId, secretKey, securityToken: 'token+/=', expiresAtMs }), nowMs
  )

  assert.ok(verify('token+/=', nowMs + 1))
  assert.throws(() => verify(undefined, nowMs + 1), { code: 'InvalidAccessKeyId' })
  assert.throws(() => verify('another', nowMs + 1), { code: 'InvalidAccessKeyId' })
  assert.throws(() => verify('token+/=', nowMs), { code: 'ExpiredToken' })
})

test('a signature is good in its window only', () => {
  const [, request, headers, params, , expected] = vectors[0]!
  const signed = withAuthorization(request, headers, params, expected)
  const verifyAt = (seconds: number): unknown => verifySignature(signed, () => ({ secretId, secretKey }), seconds * 1_000)

  assert.ok(verifyAt(1_700_000_000 - 900))
  assert.ok(verifyAt(1_700_003_600))
  assert.throws(() => verifyAt(1_700_000_000 - 901), { code: 'RequestTimeTooSkewed' })
  assert.throws(() => verifyAt(1_700_003_601), { code: 'AccessDenied', message: 'Request has expired' })
})

function withAuthorization (request: SignedRequest, headerList: string[], paramList: string[], value: string): SignedRequest {
  const authorization = [
    'q-sign-algorithm=sha1', `q-ak=${secretId}`, `q-sign-time=${keyTime}`, `q-key-time=${keyTime}`,
    `q-header-list=${headerList.join(';')}`, `q-url-param-list=${paramList.join(';')}`, `q-signature=${value}`
  ].join('&')
  return { ...request, headers: { ...request.headers, authorization } }
}
