import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { deflateSync, inflateSync } from 'node:zlib'
import { checkUserSig, mintUserSig } from '../../../src/trtc/user-sig.ts'

const owner = {
  sdkAppId: 1400000001,
  secretKey: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  userId: 'agent_room7f3a_anchor001',
  nowMs: 1767225600_000
}
// made by the vendor's own tls-sig-api-v2 with the clock held at 1767225600
const vendors = 'eJw1yssOgjAUBNB-uVsNtoiFNHFjwkKCiSi*VqRCwUZpoVREjf9uAjq7OTNviMOt1XINFGwLwbjvIuPSiFz0zAouTaKVKt18yhIm04vSCOHft8murKpEBhQ7aAgeFiNKDhS7xLXtGUFoUN5VQnOgHnH*1IgCKNyYtzk5YTwJnqv7w3*pw64jUeCr6CwXbV2S0bpt6qPZp8s5fL4kDTgw'

test('a UserSig holds the claims and the signature that the vendor\'s own maker puts in', () => {
  const sig = mintUserSig({ ...owner, expireSeconds: 86_400 })

  assert.match(sig, /^eJ[\w*-]+$/)
  assert.deepEqual(contentOf(sig), {
    'TLS.ver': '2.0',
    'TLS.identifier': 'agent_room7f3a_anchor001',
    'TLS.sdkappid': 1400000001,
    'TLS.time': 1767225600,
    'TLS.expire': 86400,
    'TLS.sig': 'la8RY4LT/JyMuwEzoWUx6QJEoQbnBvqm6+PvsqXtVcI='
  })
  assert.deepEqual(contentOf(sig), contentOf(vendors))
})

test('the vendor\'s UserSig is good through the second it expires', () => {
  assert.equal(checkUserSig(vendors, owner), undefined)
  assert.equal(checkUserSig(vendors, { ...owner, nowMs: (1767225600 + 86_400) * 1000 }), undefined)
  assert.equal(checkUserSig(vendors, { ...owner, nowMs: (1767225600 + 86_401) * 1000 }), 'expired')
})

test('a UserSig is good for its own app, user and key only', () => {
  assert.equal(checkUserSig(vendors, { ...owner, sdkAppId: 1400000002 }), 'for another app')
  assert.equal(checkUserSig(vendors, { ...owner, userId: 'agent_room7f3a_anchor002' }), 'for another user')
  assert.equal(checkUserSig(vendors, { ...owner, secretKey: owner.secretKey.toUpperCase() }), 'signed with another key')
})

test('a UserSig that carries a PrivateMapKey\'s buffer is verified with it', () => {
  const buffer = Buffer.from('0100186167656e745f726f6f6d376633615f616e63686f7230303153724e01000000006955ba2c0000002a000000000009726f6f6d2d37663361', 'hex')
  const content = { ...contentOf(vendors), 'TLS.expire': 300, 'TLS.userbuf': buffer.toString('base64'), 'TLS.sig': 'OgJEkkkulQZeTzjuddxDC4vRWNU4KU6n6N3l2Xz/QPw=' }

  assert.equal(checkUserSig(pack(JSON.stringify(content)), owner), undefined)
  assert.equal(checkUserSig(pack(JSON.stringify({ ...content, 'TLS.userbuf': 'AAAA' })), owner), 'signed with another key')
})

test('claims that are not what they should be are malformed, even when signed', () => {
  const signed = (claims: Record<string, unknown>) => {
    const all: Record<string, unknown> = { 'TLS.ver': '2.0', 'TLS.identifier': owner.userId, 'TLS.sdkappid': owner.sdkAppId, 'TLS.time': 1767225600, 'TLS.expire': 60, ...claims }
    const text = ['identifier', 'sdkappid', 'time', 'expire'].map((name) => `TLS.${name}:${String(all[`TLS.${name}`])}\n`).join('')
    return pack(JSON.stringify({ ...all, 'TLS.sig': createHmac('sha256', owner.secretKey).update(text).digest('base64') }))
  }
  assert.equal(checkUserSig(signed({}), owner), undefined)

  for (const claims of [{ 'TLS.ver': '1.0' }, { 'TLS.ver': 2 }, { 'TLS.time': '1767225600' }, { 'TLS.expire': -1 }, { 'TLS.expire': 1e300 }, { 'TLS.sdkappid': null }, { 'TLS.userbuf': 7 }]) {
    assert.equal(checkUserSig(signed(claims), owner), 'malformed', JSON.stringify(claims))
  }
})

test('what is not a UserSig at all is malformed', () => {
  for (const sig of ['', 'x', 'eJ', '<UserSig>', pack('null'), pack('[]'), pack('"text"'), pack('{'), 'A'.repeat(5000), `${vendors} `, `${vendors}\n`]) {
    assert.equal(checkUserSig(sig, owner), 'malformed', sig.slice(0, 40))
  }
})

function contentOf (sig: string): object {
  return JSON.parse(inflateSync(Buffer.from(sig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '='), 'base64')).toString()) as object
}

function pack (text: string): string {
  return deflateSync(text).toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_')
}
