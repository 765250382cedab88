import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signTc3, verifyTc3, type Tc3Request } from '../../../src/sandbox/cloud/tc3.ts'

const credential = { secretId: 'AKIDEXAMPLE0000000000000000000000000', secretKey: 'EXAMPLEsecretKey0000000000000000' }
const options = { credentials: [credential], nowMs: 1767225600_000, strict: true }
const signature = '9cf5c1f554430658b3030c332f95ad9a6e853f1561c699120dad949d4f442174'

function request (headers: Record<string, string | undefined> = {}): Tc3Request {
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: {
      authorization: `TC3-HMAC-SHA256 Credential=${credential.secretId}/2026-01-01/trtc/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature=${signature}`,
      'content-type': 'application/json; charset=utf-8',
      host: 'trtc.tencentcloudapi.com',
      'x-tc-action': 'RemoveUserByStrRoomId',
      'x-tc-timestamp': '1767225600',
      ...headers
    },
    body: Buffer.from('{"SdkAppId":1400000001,"RoomId":"room-7f3a","UserIds":["anchor_001"]}')
  }
}

function authorization (changes: [from: string, to: string]): string {
  return request().headers.authorization!.replace(...changes)
}

test('the published signature of a DescribeInstances call comes out', () => {
  const published: Tc3Request = {
    method: 'POST',
    path: '/',
    query: '',
    headers: { 'content-type': 'application/json; charset=utf-8', host: 'cvm.tencentcloudapi.com', 'x-tc-action': 'DescribeInstances' },
    body: Buffer.from('{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}')
  }
  const scope = { timestamp: '1551113065', service: 'cvm' }

  assert.equal(signTc3(published, { ...scope, secretKey: '*'.repeat(32), names: ['content-type', 'host', 'x-tc-action'] }),
    '10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f')
  assert.equal(signTc3(published, { ...scope, secretKey: 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE', names: ['content-type', 'host'] }),
    '72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168')
})

test('a signed TRTC call verifies, with three headers signed or with the two of the Node client', () => {
  verifyTc3(request(), options)

  verifyTc3(request({
    'content-type': 'application/json',
    authorization: authorization(['host;x-tc-action', 'host']).replace(signature, '5cbabf0b3929b21c43240b0dc8e43ab8371fc331b7e01ab757d69d348a047d30')
  }), options)
})

test('the host may be signed without the port it is sent with', () => {
  verifyTc3(request({ host: 'trtc.tencentcloudapi.com:9000' }), options)
})

test('temporary credentials need their token', () => {
  const temporary = { ...options, credentials: [{ ...credential, token: 'sts' }] }

  verifyTc3(request({ 'x-tc-token': 'sts' }), temporary)
  assert.throws(() => verifyTc3(request(), temporary), { code: 'AuthFailure.TokenFailure' })
  assert.throws(() => verifyTc3(request({ 'x-tc-token': 'other' }), temporary), { code: 'AuthFailure.TokenFailure' })
})

const refusals: [name: string, headers: Record<string, string | undefined>, code: string][] = [
  ['no Authorization', { authorization: undefined }, 'AuthFailure.InvalidAuthorization'],
  ['another algorithm', { authorization: authorization(['TC3-HMAC-SHA256 ', 'TC3-HMAC-SHA1 ']) }, 'AuthFailure.InvalidAuthorization'],
  ['a scope of another form', { authorization: authorization(['/tc3_request', '']) }, 'AuthFailure.InvalidAuthorization'],
  ['an unsigned host', { authorization: authorization(['content-type;host', 'content-type']) }, 'AuthFailure.InvalidAuthorization'],
  ['a clock six minutes off', { 'x-tc-timestamp': '1767225960' }, 'AuthFailure.SignatureExpire'],
  ['a timestamp in milliseconds', { 'x-tc-timestamp': '1767225600000' }, 'AuthFailure.SignatureExpire'],
  ['the date of another day', { authorization: authorization(['2026-01-01', '2025-12-31']) }, 'AuthFailure.SignatureFailure'],
  ['another service', { authorization: authorization(['/trtc/', '/127/']) }, 'AuthFailure.SignatureFailure'],
  ['an unknown SecretId', { authorization: authorization(['AKID', 'AKIA']) }, 'AuthFailure.SecretIdNotFound'],
  ['another action than was signed', { 'x-tc-action': 'DismissRoom' }, 'AuthFailure.SignatureFailure'],
  ['another host than was signed', { host: 'cvm.tencentcloudapi.com' }, 'AuthFailure.SignatureFailure']
]

for (const [name, headers, code] of refusals) {
  test(`${name} is refused with ${code}`, () => {
    assert.throws(() => verifyTc3(request(headers), options), { code })
  })
}

test('a body changed on the way is refused', () => {
  const changed = { ...request(), body: Buffer.from('{"SdkAppId":1400000001,"RoomId":"room-7f3a","UserIds":["anchor_002"]}') }

  assert.throws(() => verifyTc3(changed, options), { code: 'AuthFailure.SignatureFailure' })
})

test('without strictness any service in the credential is taken, still signed', () => {
  assert.throws(() => verifyTc3(request({ authorization: authorization(['/trtc/', '/127/']) }), { ...options, strict: false }), { code: 'AuthFailure.SignatureFailure' })
  const names = ['content-type', 'host', 'x-tc-action']
  const signed = signTc3(request(), { secretKey: credential.secretKey, timestamp: '1767225600', service: '127', names })
  verifyTc3(request({ authorization: authorization(['/trtc/', '/127/']).replace(signature, signed) }), { ...options, strict: false })
})
