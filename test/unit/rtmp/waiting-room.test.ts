import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitingRoom } from '../../../src/rtmp/server/waiting-room.ts'

test('the oldest of all gives way when the room is full', () => {
  const room = new WaitingRoom<string>({ waiting: 2, waitingPerAddress: 2 })

  const leaving = ['a', 'b', 'c', 'd'].map((guest, index) => room.enter(guest, `192.0.2.${index}`))

  assert.deepEqual(leaving, [undefined, undefined, 'a', 'b'])
  assert.equal(room.size, 2)
})

test('an address with too many loses its own oldest, nobody else\'s', () => {
  const room = new WaitingRoom<string>({ waiting: 100, waitingPerAddress: 2 })
  room.enter('other', '192.0.2.1')

  const leaving = ['a', 'b', 'c'].map((guest) => room.enter(guest, '192.0.2.2'))

  assert.deepEqual(leaving, [undefined, undefined, 'a'])
  assert.equal(room.oldest, 'other')
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
    const room = new WaitingRoom<string>({ waiting: 100, waitingPerAddress: 1 })
    room.enter('first', one)

    assert.equal(room.enter('second', another), together ? 'first' : undefined)
  })
}

test('who has left leaves nothing behind', () => {
  const room = new WaitingRoom<string>({ waiting: 2, waitingPerAddress: 1 })
  room.enter('a', '192.0.2.1')

  room.leave('a')
  room.leave('a')

  assert.equal(room.size, 0)
  assert.equal(room.enter('b', '192.0.2.1'), undefined)
})
