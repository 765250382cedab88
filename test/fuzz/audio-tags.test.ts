import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CodecRefused, Publication } from '../../src/rtmp/server/publication.ts'
import { RoomtapeError } from '../../src/core/errors.ts'
import { maxAacFrameBytes } from '../../src/media/aac.ts'
import { visitAggregate } from '../../src/media/flv.ts'
import { runs } from '../helpers/fuzz.ts'
import { RecordingSink } from '../helpers/rtmp.ts'

const head = fc.oneof(
  fc.constantFrom(
    'af00', 'af01', 'af02', 'af', '906d703461', '916d703461', '926d703461', '914f707573', '95006d70346100', '970091', '97ff', '2f', ''
  ).map((hex) => Buffer.from(hex, 'hex')),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes))
)
const body = fc.oneof(
  fc.constantFrom('1188', '1190', '2b098800', 'ffffffff').map((hex) => Buffer.from(hex, 'hex')),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 8180, max: 8200 }).map((length) => Buffer.alloc(length, 1))
)
const tag = fc.tuple(head, body).map((parts) => Buffer.concat(parts))

/** Bytes around an audio tag, which must not come out. */
const around = Buffer.alloc(40, 0xee)

test('any audio tags are written, left out or refused; never is a byte taken that is not the tag\'s', () => {
  fc.assert(fc.property(fc.array(tag, { maxLength: 12 }), (tags) => {
    const sink = new RecordingSink()
    const told = new Set<string>()
    const publication = new Publication(1, sink, { countFrame: () => undefined, countDropped: () => undefined }, (cause) => { told.add(cause) })
    for (const [index, tag] of tags.entries()) {
      const before = sink.frames.length
      try {
        publication.write(Buffer.concat([around, tag, around]), around.length, around.length + tag.length, index, 0)
      } catch (error) {
        assert.ok(error instanceof CodecRefused || (error instanceof RoomtapeError && error.error === 'VALIDATION'), String(error))
      }
      for (const frame of sink.frames.slice(before)) {
        assert.ok(frame.length > 0 && frame.length <= maxAacFrameBytes)
        assert.ok(tag.subarray(-frame.length).equals(frame))
      }
    }
    assert.ok(sink.frames.length === 0 || sink.events[0]?.type === 'configure')
  }), runs(2000))
})

test('any aggregate is walked forward within its bounds, or refused', () => {
  const anyTag = fc.tuple(fc.nat(255), fc.nat(0xffffff), fc.nat(60), fc.uint8Array({ maxLength: 60 }))
  fc.assert(fc.property(fc.array(anyTag, { maxLength: 20 }), fc.nat(70), (tags, cut) => {
    const bytes = Buffer.concat(tags.flatMap(([type, timestampMs, length, body]) => {
      const header = Buffer.alloc(11)
      header[0] = type
      header.writeUIntBE(length, 1, 3)
      header.writeUIntBE(timestampMs, 4, 3)
      return [header, body]
    }))
    const end = Math.max(0, bytes.length - cut)
    let last = 0
    try {
      visitAggregate(bytes, 0, end, 0, (_type, _timestampMs, _bytes, from, to) => {
        assert.ok(from >= last + 11 && to >= from && to <= end)
        last = to
      })
    } catch (error) {
      assert.ok(error instanceof RoomtapeError && error.error === 'VALIDATION', String(error))
    }
  }), runs(1000))
})
