import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Crc64 } from '../../../src/stores/crc64.ts'

/** The two in brackets are bodies of examples in Tencent's documentation, with the values its servers answered. */
const vectors: Array<[what: string, bytes: Buffer, crc64: string]> = [
  ['nothing', Buffer.alloc(0), '0'],
  ['the check string of the CRC catalogue', Buffer.from('123456789'), '11051210869376104954'],
  ['a letter', Buffer.from('a'), '3675645893302102789'],
  ['a word', Buffer.from('hello'), '11177612005948864433'],
  ['[Object Part]', Buffer.from('[Object Part]'), '4510578591875220731'],
  ['[Object Content]', Buffer.from('[Object Content]'), '16749565679157681890'],
  ['a MiB of zeros', Buffer.alloc(1_048_576), '6947770692288575170']
]

for (const [what, bytes, crc64] of vectors) {
  test(`the CRC64 of ${what} is ${crc64}`, () => {
    assert.equal(new Crc64().update(bytes).digest(), crc64)
  })
}

test('eight bytes at a time give the same as bit by bit, wherever the bytes are cut', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
    const crc64 = new Crc64()
    for (const chunk of chunks) crc64.update(chunk)
    assert.equal(crc64.digest(), bitwise(Buffer.concat(chunks)))
  }))
})

/** The definition, one bit after the other. */
function bitwise (bytes: Uint8Array): string {
  let crc = 0xffffffffffffffffn
  for (const byte of bytes) {
    crc ^= BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n
  }
  return (crc ^ 0xffffffffffffffffn).toString()
}
