import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callbackPolicy, checkCallbackUrl, isPublicAddress } from '../../../src/callback/address-guard.ts'

const nothingListed = callbackPolicy([])
const denied = { name: 'RoomtapeError', error: 'CALLBACK_DENIED' }

test('an https URL of a public name is taken as it is', () => {
  assert.equal(checkCallbackUrl('https://hooks.example.com/in?tenant=7', nothingListed), 'https://hooks.example.com/in?tenant=7')
  assert.equal(checkCallbackUrl('HTTPS://Hooks.Example.COM:443', nothingListed), 'https://hooks.example.com/')
  assert.equal(checkCallbackUrl('https://hooks.example.com./', nothingListed), 'https://hooks.example.com./')
})

test('every spelling of an address is refused', () => {
  const hosts = [
    '127.0.0.1', '127.1', '0x7f.1', '0x7f000001', '2130706433', '017700000001', '0177.0.0.1', '１２７.０.０.１', '127。0。0。1', '127.0.0.1.', '0',
    '169.254.169.254', '0xa9fea9fe', '8.8.8.8', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[fd00:ec2::254]',
    '[2606:4700::1111]', '%31%32%37.0.0.1'
  ]

  for (const host of hosts) assert.throws(() => checkCallbackUrl(`https://${host}/`, nothingListed), denied, host)
})

test('names of the own network are refused', () => {
  for (const host of ['localhost', 'localhost.', 'LOCALHOST', 'a.localhost', 'printer.local', 'metadata.google.internal', 'metadata.google.internal.', 'redis', 'a..b', 'a.b..', '.']) {
    assert.throws(() => checkCallbackUrl(`https://${host}/`, nothingListed), denied, host)
  }
})

test('other schemes, ports, credentials, fragments and very long URLs are refused, each with its reason', () => {
  const wrong: Record<string, string> = {
    'http://hooks.example.com/': 'must start with https://',
    'ftp://hooks.example.com/': 'must start with https://',
    'file:///etc/passwd': 'must start with https://',
    'javascript:alert(1)': 'must start with https://',
    'https://hooks.example.com:8443/': 'must use port 443',
    'https://user:hunter2@hooks.example.com/': 'must not hold a user name or password',
    'https://user@hooks.example.com/': 'must not hold a user name or password',
    'https://hooks.example.com/#part': 'must not hold a fragment',
    [`https://hooks.example.com/${'a'.repeat(2048)}`]: 'must be at most 2048 characters',
    [`https://hooks.example.com/${'é'.repeat(500)}`]: 'must be at most 2048 characters',
    'hooks.example.com': 'must be an absolute URL',
    'https://': 'must be an absolute URL',
    'https://exa mple.com': 'must be an absolute URL',
    '': 'must be an absolute URL'
  }

  for (const [url, reason] of Object.entries(wrong)) {
    assert.throws(() => checkCallbackUrl(url, nothingListed), { ...denied, message: `a callback URL ${reason}` }, url)
  }
})

test('a listed name may be local, plain http and on any port; others of its kind may not', () => {
  const policy = callbackPolicy(['asr', 'Moderation.Internal.'])

  for (const url of ['http://asr:8080/', 'https://asr/', 'http://moderation.internal:3000/', 'http://moderation.internal./']) checkCallbackUrl(url, policy)
  for (const url of ['http://tts:8080/', 'http://x.moderation.internal/', 'http://10.0.0.1/']) assert.throws(() => checkCallbackUrl(url, policy), denied, url)
})

test('addresses of a listed network may be targets, and names are left to the check on connecting', () => {
  const policy = callbackPolicy(['10.0.0.0/8', 'fd00::/8'])

  for (const url of ['http://10.1.2.3:8080/', 'https://[fd00::5]/', 'https://[::ffff:10.1.2.3]/', 'http://asr:8080/']) checkCallbackUrl(url, policy)
  for (const url of ['http://11.1.2.3/', 'http://127.0.0.1/', 'http://[::1]/', 'http://a..b/']) assert.throws(() => checkCallbackUrl(url, policy), denied, url)
})

test('a list entry that is neither network nor name is refused', () => {
  assert.throws(() => callbackPolicy(['10.0.0.0/99']), RangeError)
})

test('no special network is public, from its first address to its last', () => {
  const networks = [
    '0.0.0.0 0.255.255.255', '10.0.0.0 10.255.255.255', '100.64.0.0 100.127.255.255', '100.100.100.200 169.254.0.23', '127.0.0.0 127.255.255.255',
    '169.254.0.0 169.254.255.255', '172.16.0.0 172.31.255.255', '192.0.0.0 192.0.0.255', '192.0.2.0 192.0.2.255', '192.88.99.0 192.88.99.255',
    '192.168.0.0 192.168.255.255', '198.18.0.0 198.19.255.255', '198.51.100.0 198.51.100.255', '203.0.113.0 203.0.113.255', '224.0.0.0 255.255.255.255',
    ':: ::1', 'fc00:: fdff:ffff::', 'fd00:ec2::254 fe80::1', 'fe80:: febf:ffff::', 'ff00:: ff02::1', '::ffff:127.0.0.1 ::ffff:8.8.8.8', '::ffff:7f00:1 ::7f00:1',
    '64:ff9b:: 64:ff9b::808:808', '64:ff9b:1:: 64:ff9b:1:ffff::', '2002:: 2002:7f00:1::', '100:: 100::ffff', '2001:db8:: 2001:db8:ffff::', '3fff:: 3fff:fff::',
    '2001:: 2001:1ff::', '5f00:: 5f00:ffff::', '4000:: 8000::', 'localhost 127.1', 'fe80::1%lo '
  ]

  for (const address of networks.flatMap((network) => network.split(' '))) assert.ok(!isPublicAddress(address), address)
})

test('addresses right beside the special networks are public', () => {
  for (const address of [
    '1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255',
    '172.32.0.0', '192.0.1.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255', '2000::', '2001:200::', '2606:4700::1111',
    '2001:db7::', '2001:db9::', '2003::', '3ffe::'
  ]) assert.ok(isPublicAddress(address), address)
})
