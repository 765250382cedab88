import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostInUrl, inNetworks, parseNetworks } from '../../../src/core/networks.ts'

test('an address is in its network, and a mapped one in that of the IPv4 address inside', () => {
  const networks = parseNetworks(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'])

  for (const inside of ['10.255.255.255', '192.0.2.7', '2001:db8::1', '::ffff:10.0.0.1', '::ffff:a00:1']) assert.ok(inNetworks(networks, inside), inside)
  for (const outside of ['11.0.0.0', '192.0.2.8', '2001:db9::1', '::ffff:11.0.0.1', '', 'localhost', 'fe80::1%lo']) assert.ok(!inNetworks(networks, outside), outside)
})

test('what is no network is refused by name', () => {
  for (const entry of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '::/129', '10.0.0', 'localhost', '', 'fe80::1%lo/64', '10.0.0.0/ 8']) {
    assert.throws(() => parseNetworks(['127.0.0.0/8', entry]), { name: 'RangeError', message: `'${entry}' is not a network in CIDR notation` })
  }
})

test('every host makes a URL that leads to it', () => {
  for (const [host, written] of [['rec1.example.com', 'rec1.example.com'], ['192.0.2.7', '192.0.2.7'], ['2001:db8::1', '[2001:db8::1]'], ['::ffff:192.0.2.7', '[::ffff:192.0.2.7]']] as const) {
    assert.equal(hostInUrl(host), written)
    assert.equal(new URL(`rtmp://${hostInUrl(host)}:19350/roomtape/key`).port, '19350')
  }
})
