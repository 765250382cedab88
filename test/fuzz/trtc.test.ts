import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { RoomtapeError } from '../../src/core/errors.ts'
import { dedupeKey, parseRoomEvent } from '../../src/trtc/room-event.ts'
import { signBody, verifySign } from '../../src/trtc/sign.ts'
import { checkUserSig, mintUserSig } from '../../src/trtc/user-sig.ts'
import { runs } from '../helpers/fuzz.ts'

const bounds = { interruptAfterTimeLimit: 5_000, ...runs(2_000) }

/** An event, or a RoomtapeError of the caller's making; any other throw fails the property. */
function readsOrRefuses (raw: unknown): void {
  try {
    const key = dedupeKey(1400000001, parseRoomEvent(raw))
    assert.equal(key, dedupeKey(1400000001, parseRoomEvent(raw)))
  } catch (error) {
    if (!(error instanceof RoomtapeError)) throw error
    assert.ok(['VALIDATION', 'BODY_MALFORMED'].includes(error.error))
  }
}

// near misses: the right names with values of every kind
const anyValue = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.integer(), fc.double(), fc.constantFrom(101, '104', 401, '', null, -1, 1e308))
const nearCallback = fc.record({
  EventGroupId: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(1, 2, 4) }, anyValue),
  EventType: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(101, 102, 103, 104, 105, 203, 204, 401) }, anyValue),
  CallbackTs: fc.oneof({ weight: 4, arbitrary: fc.nat() }, anyValue),
  EventInfo: fc.oneof({
    weight: 6,
    arbitrary: fc.record({
      RoomId: fc.oneof(fc.string(), fc.nat(), anyValue),
      EventMsTs: fc.oneof(fc.nat(), anyValue),
      EventTs: anyValue,
      UserId: fc.oneof(fc.string({ unit: 'binary' }), anyValue),
      Role: anyValue,
      Reason: anyValue,
      RoomType: anyValue,
      TaskId: anyValue,
      Payload: fc.oneof(fc.record({ Url: anyValue, Status: fc.oneof(fc.nat(6), anyValue), ErrorCode: anyValue }, { requiredKeys: [] }), anyValue)
    }, { requiredKeys: [] })
  }, anyValue)
}, { requiredKeys: [] })

test('any bytes as a callback body are an event or a named refusal', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), readsOrRefuses), bounds)
})

test('any JSON as a callback body is an event or a named refusal', () => {
  fc.assert(fc.property(fc.json(), (json) => readsOrRefuses(Buffer.from(json))), bounds)
})

test('any near miss of a callback is an event or a named refusal', () => {
  fc.assert(fc.property(nearCallback, (body) => readsOrRefuses(Buffer.from(JSON.stringify(body)))), { ...bounds, ...runs(10_000) })
})

test('no value where an event only explains itself has it refused, or makes it another event', () => {
  const type = fc.constantFrom(101, 102, 103, 104, 105, 201, 202, 203, 204, 205, 206, 401)
  const explaining = fc.record({ Role: anyValue, Reason: anyValue, UserType: anyValue, EventTs: anyValue, EventTsMs: anyValue }, { requiredKeys: [] })
  const payload = fc.record({ Url: anyValue, ErrorCode: anyValue, ErrorMsg: anyValue }, { requiredKeys: [] })
  fc.assert(fc.property(type, explaining, payload, anyValue, fc.nat(), (type, info, odd, sent, eventMs) => {
    const event = (more: object, content: object, body: object) => parseRoomEvent(Buffer.from(JSON.stringify({
      EventType: type, ...body, EventInfo: { ...more, RoomId: 'room', UserId: 'anna', EventMsTs: eventMs, TaskId: 't', Payload: { ...content, Status: 2 } }
    })))
    const odder = event(info, odd, { EventGroupId: Math.floor(type / 100), CallbackTs: sent, CallbackMsTs: sent })
    assert.notEqual(odder.kind, 'unknown')
    assert.equal(dedupeKey(1400000001, odder), dedupeKey(1400000001, event({}, {}, {})))
  }), bounds)
})

test('only the very bytes and the very key verify', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1 }), fc.string({ minLength: 1 }), fc.nat(), fc.integer({ min: 0, max: 7 }), (body, key, position, bit) => {
    const sign = signBody(body, key)
    assert.ok(verifySign(body, sign, key))
    const changed = Uint8Array.from(body)
    changed[position % body.length]! ^= 1 << bit
    assert.equal(verifySign(changed, sign, key), false)
  }), bounds)
})

const owner = fc.record({
  sdkAppId: fc.nat(4_294_967_295),
  secretKey: fc.string({ minLength: 1 }),
  userId: fc.string({ minLength: 1, maxLength: 64 }),
  nowMs: fc.nat(2_000_000_000_000)
})

test('a minted UserSig is good for its owner until it expires', () => {
  fc.assert(fc.property(owner, fc.nat(100_000_000), (who, expireSeconds) => {
    const sig = mintUserSig({ ...who, expireSeconds })
    assert.equal(checkUserSig(sig, who), undefined)
    assert.equal(checkUserSig(sig, { ...who, nowMs: who.nowMs + expireSeconds * 1000 + 1000 }), 'expired')
    assert.equal(checkUserSig(sig, { ...who, userId: `${who.userId}x` }), 'for another user')
  }), bounds)
})

test('a UserSig with any bit changed is refused, unless it still says the same', () => {
  fc.assert(fc.property(owner, fc.nat(), (who, position) => {
    const packed = unwrap(mintUserSig({ ...who, expireSeconds: 60 }))
    const changed = Buffer.from(packed)
    changed[(position >> 3) % packed.length]! ^= 1 << (position & 7)
    // the padding after deflate's last block may change without changing what the token says
    if (checkUserSig(wrap(changed), who) === undefined) assert.deepEqual(inflateSync(changed), inflateSync(packed))
  }), bounds)
})

test('a UserSig with any claim changed is refused', () => {
  fc.assert(fc.property(owner, fc.constantFrom('TLS.time', 'TLS.expire', 'TLS.sdkappid'), fc.integer({ min: 1, max: 1000 }), (who, claim, more) => {
    const content = JSON.parse(inflateSync(unwrap(mintUserSig({ ...who, expireSeconds: 60 }))).toString()) as Record<string, number>
    content[claim]! += more
    assert.notEqual(checkUserSig(wrap(deflateSync(JSON.stringify(content))), who), undefined)
  }), bounds)
})

test('any text as a UserSig gets an answer, never a throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String(), fc.json().map((json) => wrap(deflateSync(json)))), (sig) => {
    assert.notEqual(checkUserSig(sig, { sdkAppId: 1, secretKey: 'k', userId: 'u', nowMs: 0 }), undefined)
  }), bounds)
})

test('a UserSig that would inflate to megabytes is malformed, and no more than a few kilobytes of it are inflated', () => {
  const who = { sdkAppId: 1, secretKey: 'k', userId: 'u', nowMs: 0 }
  const bomb = wrap(deflateSync(Buffer.alloc(3_000_000, 0x20), { level: 9 }))
  assert.ok(bomb.length < 4096, 'small enough to be looked at')

  const before = process.memoryUsage().arrayBuffers
  for (let round = 0; round < 20; round++) assert.equal(checkUserSig(bomb, who), 'malformed')

  assert.ok(process.memoryUsage().arrayBuffers - before < 3_000_000, 'less than one of the twenty was ever inflated')
})

function wrap (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_')
}

function unwrap (sig: string): Buffer {
  return Buffer.from(sig.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '='), 'base64')
}
