import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signBody, verifySign } from '../../../src/trtc/sign.ts'

const vectors = [
  {
    name: 'the published sample',
    key: '123654',
    body: '{\n\t"EventGroupId":\t2,\n\t"EventType":\t204,\n\t"CallbackTs":\t1664209748188,\n\t"EventInfo":\t{\n\t\t"RoomId":\t8489,\n\t\t"EventTs":\t1664209748,\n\t\t"EventMsTs":\t1664209748180,\n\t\t"UserId":\t"user_85034614",\n\t\t"Reason":\t0\n\t}\n}',
    sign: 'kkoFeO3Oh2ZHnjtg8tEAQhtXK16/KI05W3BQff8IvGA='
  },
  {
    name: 'a body on one line',
    key: 'GatewayCallbackKey2026',
    body: '{"EventGroupId":2,"EventType":203,"CallbackTs":1767225601250,"EventInfo":{"RoomId":"room-7f3a","EventTs":1767225601,"EventMsTs":1767225601123,"UserId":"anchor_001"}}',
    sign: 'kb3m5bpoobQzFp8v8ggYOqAqyPuq24LaTIrMttBMlSI='
  },
  {
    name: 'a short key',
    key: 'k3yForTests',
    body: '{"EventGroupId":2,"EventType":203,"CallbackTs":1767323045678,"EventInfo":{"RoomId":"room-1","EventTs":1767323045,"EventMsTs":1767323045600,"UserId":"anchor-1"}}',
    sign: '83CqdHoVKysgex2cesO641P1CDb2rC02b4B3qTqp11o='
  }
]

for (const { name, key, body, sign } of vectors) {
  test(`${name} is signed and verified as TRTC does it`, () => {
    assert.equal(signBody(Buffer.from(body), key), sign)
    assert.ok(verifySign(Buffer.from(body), sign, key))
  })
}

test('the same JSON printed another way does not verify', () => {
  const { body, key, sign } = vectors[1]!

  const printed = JSON.stringify(JSON.parse(body), null, 2)

  assert.equal(signBody(Buffer.from(printed), key), 'fk0mcuD1GvTK2tdYUFNCvGsj6rsrEuzx1iVlpPMoV88=')
  assert.equal(verifySign(Buffer.from(printed), sign, key), false)
})

test('another key, a cut, empty or lengthened Sign and one in other characters do not verify', () => {
  const { body, key, sign } = vectors[1]!
  const raw = Buffer.from(body)

  assert.equal(verifySign(raw, sign, 'GatewayCallbackKey2027'), false)
  for (const wrong of ['', sign.slice(0, -1), `${sign}=`, sign.toLowerCase(), 'é'.repeat(22), Buffer.from(sign, 'base64').toString('hex')]) {
    assert.equal(verifySign(raw, wrong, key), false, wrong)
  }
})
