import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitingConnections } from '../../../src/rtmp/server/waiting-connections.ts'

test('the oldest of all gives way when every place is taken', () => {
  const waiting = new WaitingConnections<string>({ waiting: 2, waitingPerAddress: 2 })

  const removed = ['a', 'b', 'c', 'd'].map((connection, index) => waiting.add(connection, `192.0.2.${index}`))

  assert.deepEqual(removed, [undefined, undefined, 'a', 'b'])
  assert.equal(waiting.size, 2)
})

test('an address with too many loses its own oldest, nobody else\'s', () => {
  const waiting = new WaitingConnections<string>({ waiting: 100, waitingPerAddress: 2 })
  waiting.add('other', '192.0.2.1')

  const removed = ['a', 'b', 'c'].map((connection) => waiting.add(connection, '192.0.2.2'))

  assert.deepEqual(removed, [undefined, undefined, 'a'])
  assert.equal(waiting.oldest, 'other')
})

for (const [one, another, together] of [
  ['2001:db8::1', '2001:db8::ffff:0:0:1', true],
  ['2001:db8:0:0:1::', '2001:db8::2', true],
  ['2001:db8:0:1::1', '2001:db8::1', false],
  ['::1', '::2', true],
  ['fe80::1', '::1', false],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false]
] as const) {
  test(`${one} and ${another} count ${together ? 'as one' : 'apart'}`, () => {
    const waiting = new WaitingConnections<string>({ waiting: 100, waitingPerAddress: 1 })
    waiting.add('first', one)

    assert.equal(waiting.add('second', another), together ? 'first' : undefined)
  })
}

test('who has left leaves nothing behind', () => {
  const waiting = new WaitingConnections<string>({ waiting: 2, waitingPerAddress: 1 })
  waiting.add('a', '192.0.2.1')

  waiting.remove('a')
  waiting.remove('a')

  assert.equal(waiting.size, 0)
  assert.equal(waiting.add('b', '192.0.2.1'), undefined)
})
