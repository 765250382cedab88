import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { answerHandshake } from '../../../src/rtmp/protocol/handshake.ts'

const secret = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex')
const player = Buffer.from('Genuine Adobe Flash Player 001')
const server = Buffer.from('Genuine Adobe Flash Media Server 001')

const hmac = (key: Buffer, ...parts: Buffer[]): Buffer => createHmac('sha256', key).update(Buffer.concat(parts)).digest()

function offset (block: Buffer, at: number): number {
  return at + 4 + (block[at]! + block[at + 1]! + block[at + 2]! + block[at + 3]!) % 728
}

function signed (at: number): { c0c1: Buffer, digest: Buffer } {
  const c1 = Buffer.from(Array.from({ length: 1536 }, (_, index) => index * 7 % 256))
  c1.writeUInt32BE(0x80000702, 4)
  const digestAt = offset(c1, at)
  const digest = hmac(player, c1.subarray(0, digestAt), c1.subarray(digestAt + 32))
  digest.copy(c1, digestAt)
  return { c0c1: Buffer.concat([Buffer.of(3), c1]), digest }
}

test('a plain opening gets version 3, zeros where digests are announced, and its own bytes back', () => {
  const c0c1 = Buffer.concat([Buffer.of(3), Buffer.alloc(8), Buffer.alloc(1528, 0x5a)])

  const answer = answerHandshake(c0c1)

  assert.equal(answer.length, 1 + 2 * 1536)
  assert.equal(answer[0], 3)
  assert.equal(answer.readUInt32BE(5), 0)
  assert.deepEqual(answer.subarray(1537), c0c1.subarray(1))
})

test('an opening with a version but without a right digest is taken as a plain one', () => {
  const { c0c1 } = signed(8)
  c0c1[700]! ^= 1

  assert.deepEqual(answerHandshake(c0c1).subarray(1537), c0c1.subarray(1))
})

for (const at of [8, 772]) {
  test(`an opening with a digest placed by the bytes at ${at} gets digests that Flash accepts`, () => {
    const { c0c1, digest } = signed(at)

    const answer = answerHandshake(c0c1)

    const s1 = answer.subarray(1, 1537)
    const digestAt = offset(s1, at)
    assert.deepEqual(s1.subarray(digestAt, digestAt + 32), hmac(server, s1.subarray(0, digestAt), s1.subarray(digestAt + 32)))
    const s2 = answer.subarray(1537)
    assert.deepEqual(s2.subarray(1504), hmac(hmac(Buffer.concat([server, secret]), digest), s2.subarray(0, 1504)))
  })
}

test('a version that is not ours is answered with ours', () => {
  assert.equal(answerHandshake(Buffer.concat([Buffer.of(6), Buffer.alloc(1536)]))[0], 3)
})
