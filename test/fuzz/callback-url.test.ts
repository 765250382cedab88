import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { callbackPolicy, checkCallbackUrl } from '../../src/callback/address-guard.ts'
import { RoomtapeError } from '../../src/core/errors.ts'
import { runs } from '../helpers/fuzz.ts'

const nothingListed = callbackPolicy([])

/** The normal form, or undefined for a refusal; anything else that is thrown fails the test. */
function check (text: string): URL | undefined {
  try {
    return new URL(checkCallbackUrl(text, nothingListed))
  } catch (error) {
    assert.ok(error instanceof RoomtapeError && error.error === 'CALLBACK_DENIED', String(error))
    assert.ok(text.length < 12 || !error.message.includes(text), 'the message quotes the URL')
    return undefined
  }
}

function assertHarmless (url: URL | undefined): void {
  if (url === undefined) return
  const host = url.hostname.replace(/\.$/, '')
  assert.equal(url.protocol, 'https:')
  assert.equal(url.port + url.username + url.password + url.hash, '')
  assert.equal(isIP(host.replace(/^\[|\]$/g, '')), 0)
  assert.match(host, /.\../)
  assert.doesNotMatch(host, /(^|\.)(localhost|local|internal)$/)
}

const label = fc.oneof(fc.constantFrom('localhost', 'local', 'internal', 'a', 'xn--p1ai', '１', '。', '%2e', '', '127', '0x7f', '01'), fc.string({ unit: 'binary', maxLength: 5 }))
const host = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'))
const url = fc.tuple(
  fc.constantFrom('https://', 'https:', 'https:\\\\', 'HTTPS://', ' https://', 'http://', '//', ''), fc.constantFrom('', 'user@', ':p@', '@'), host,
  fc.constantFrom('', ':443', ':0443', ':80', ':', ':65536'), fc.constantFrom('', '/', '\\', '?', '#', '#x', '/..')
).map((parts) => parts.join(''))

test('whatever text is given, what passes is https to a public name', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => { assertHarmless(check(text)) }), runs(2_000))
  fc.assert(fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (text) => { assertHarmless(check(text)) }), runs(2_000))
  fc.assert(fc.property(url, (text) => { assertHarmless(check(text)) }), runs(10_000))
})

test('an ordinary https URL of a public name passes', () => {
  fc.assert(fc.property(fc.domain(), fc.webPath(), (domain, path) => {
    fc.pre(!/\.(local|internal)$/.test(domain))
    assert.ok(check(`https://${domain}${path}`))
  }), runs(2_000))
})

test('no number in any notation and of any length is a host', () => {
  const notation = fc.constantFrom({ prefix: '0', base: 8 }, { prefix: '', base: 10 }, { prefix: '0x', base: 16 })
  const number = fc.tuple(fc.nat(0xffffffff), notation).map(([value, { prefix, base }]) => prefix + value.toString(base))

  fc.assert(fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), (parts) => { assert.equal(check(`https://${parts.join('.')}/`), undefined) }), runs(5_000))
  fc.assert(fc.property(fc.ipV6(), (address) => { assert.equal(check(`https://[${address}]/`), undefined) }), runs(2_000))
})
