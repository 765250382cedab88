import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { mintSecret, signCallback } from '../../../src/callback/signature.ts'

const bodyOne = '{"type":"segment.uploaded","timestamp":"2026-01-02T03:04:05.678Z","data":{"recording_id":"rec_1","user_id":"主播一","seq":7}}'
const secretB = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
const secretC = 'whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM='
const vectors = {
  'A, of the reference library': {
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1614265330,
    body: '{"test": 2432232314}',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
  },
  'B, with text beyond ASCII': {
    secret: secretB,
    id: 'evt_01JGAVE0000000000000000001',
    timestampSeconds: 1767323045,
    body: bodyOne,
    signature: 'v1,WBIANC10WiA/9BolzT5ljbTzQSI2SRUInlIJUigDhzo='
  },
  'C, another secret': {
    secret: secretC,
    id: 'evt_01JGAVE0000000000000000001',
    timestampSeconds: 1767323045,
    body: bodyOne,
    signature: 'v1,//4js5I+AutNtOkpTCZnG1P9qSgYGXX4BEcFPekofMU='
  },
  'D, an empty body': {
    secret: secretB,
    id: 'evt_01JGAVE0000000000000000002',
    timestampSeconds: 1767323045,
    body: '',
    signature: 'v1,lxpgO1QDz/AgJAy0pT+2/JSrxtQ7yproBMKsk2rnAxY='
  }
}

for (const [name, { secret, id, timestampSeconds, body, signature }] of Object.entries(vectors)) {
  test(`vector ${name}`, () => {
    assert.equal(signCallback({ id, timestampSeconds, body: Buffer.from(body), secrets: [secret] }), signature)
  })
}

test('during rotation every valid secret signs, newest first, joined by one space', () => {
  const { 'B, with text beyond ASCII': b, 'C, another secret': c } = vectors

  const header = signCallback({ ...b, body: Buffer.from(bodyOne), secrets: [secretB, secretC] })

  assert.equal(header, `${b.signature} ${c.signature}`)
})

test('the reference library accepts what we sign, with the old secret and with the new one', () => {
  const timestampSeconds = Math.floor(Date.now() / 1000)

  fc.assert(fc.property(fc.json(), fc.stringMatching(/^[\w-]+$/), (json, id) => {
    const secrets = [mintSecret(), mintSecret()]
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signCallback({ id, timestampSeconds, body: Buffer.from(json), secrets })
    }

    for (const secret of secrets) assert.deepEqual(new Webhook(secret).verify(json, headers), JSON.parse(json))
    assert.throws(() => new Webhook(mintSecret()).verify(json, headers))
    assert.throws(() => new Webhook(secrets[0]!).verify(`${json} `, headers))
  }))
})

test('a minted secret is 32 random bytes in base64', () => {
  const secret = mintSecret()

  assert.equal(Buffer.from(secret.replace('whsec_', ''), 'base64').length, 32)
  assert.notEqual(mintSecret(), secret)
})

test('what cannot be signed safely is refused, and a secret is never quoted', () => {
  const good = { id: 'evt_1', timestampSeconds: 1, body: Buffer.from('{}'), secrets: [secretB] }

  for (const id of ['', 'evt.1', 'evt 1', 'evt\n1', 'evt_é']) assert.throws(() => signCallback({ ...good, id }), TypeError, id)
  assert.throws(() => signCallback({ ...good, secrets: [] }), TypeError)
  for (const secret of ['', 'whsec_', 'whsec_c2hvcnQ=', secretB.slice(6), `${secretB}!`, `whsec_${Buffer.alloc(65).toString('base64')}`]) {
    assert.throws(() => signCallback({ ...good, secrets: [secretB, secret] }), {
      name: 'TypeError',
      message: "a callback secret must be 'whsec_' and 24 to 64 bytes in base64"
    })
  }
})
