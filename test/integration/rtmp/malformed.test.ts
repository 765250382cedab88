import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeAmf0, type Amf0Value } from '../../../src/rtmp/protocol/amf0.ts'
import {
  aacConfig, aacFrame, audio, basicHeader, command, connectCommand, header, message, monoConfig, numbered, opening, openKey, plainHandshake, publish,
  publishCommands, RawPeer, RecordingSink, streamKey
} from '../../helpers/rtmp.ts'

const configured = Buffer.concat([opening, audio(aacConfig(monoConfig))])
const connected = Buffer.concat([plainHandshake, connectCommand])
const connectWith = (...values: Amf0Value[]): Buffer => Buffer.concat([plainHandshake, command('connect', 1, ...values)])
const publishWith = (...values: Amf0Value[]): Buffer => command('publish', 2, null, ...values)
const control = (type: number, hex: string): Buffer => message(type, Buffer.from(hex, 'hex'), { id: 2 })
const amf = (hex: string): Buffer => message(20, Buffer.from(hex, 'hex'))
const tagOf = (length: number, hex = ''): Buffer => Buffer.concat([Buffer.of(8, length >> 16, length >> 8, length, 0, 0, 0, 0, 0, 0, 0), Buffer.from(hex, 'hex')])

/** What a peer sends, and why it is refused; `harmless` if it is not, and a frame sent after that arrives. */
const cases: [string, Buffer, 'protocol' | 'key' | 'codec' | 'harmless'][] = [
  // These three end node-media-server's process.
  ['connect without tcUrl', Buffer.concat([connectWith({ app: 'roomtape' }), publishCommands, audio(aacConfig(monoConfig))]), 'harmless'],
  ['connect with a tcUrl that is no URL', Buffer.concat([connectWith({ app: 'roomtape', tcUrl: '://%zz' }), publishCommands, audio(aacConfig(monoConfig))]), 'harmless'],
  ['publish without a name', Buffer.concat([connected, publishWith()]), 'key'],

  ['connect without anything', Buffer.concat([plainHandshake, command('connect'), publishWith()]), 'key'],
  ['connect without an app', Buffer.concat([connectWith({ }), publishWith()]), 'key'],
  ['connect with an app of another type', Buffer.concat([connectWith({ app: { app: 1 }, tcUrl: null }), publishWith()]), 'key'],
  ['connect with an array', Buffer.concat([connectWith(['app']), publishWith()]), 'key'],
  ['connect with null', Buffer.concat([connectWith(null), publishWith()]), 'key'],
  ['connect whose transaction is an object', Buffer.concat([plainHandshake, command('connect', { a: [] }, { app: 'x' }), publishWith()]), 'key'],
  ['connect with __proto__ in its object', Buffer.concat([connectWith(JSON.parse('{"app":"x","__proto__":{"tcUrl":1}}') as Amf0Value), publishWith()]), 'key'],
  ['publish with a number for a name', Buffer.concat([connected, publishWith(7)]), 'key'],
  ['publish with an object for a name', Buffer.concat([connected, publishWith({ name: streamKey })]), 'key'],
  ['publish with an empty name', Buffer.concat([connected, publishWith('')]), 'key'],
  ['publish with a name of percent signs', Buffer.concat([connected, publishWith('%%%zz%1%'.repeat(100))]), 'key'],
  ['publish with a name of 30 000 key letters', Buffer.concat([connected, publishWith('k'.repeat(30_000))]), 'key'],
  ['publish before connect', Buffer.concat([plainHandshake, publishCommands]), 'protocol'],
  ['connect twice', Buffer.concat([connected, connectCommand]), 'protocol'],
  ['publish twice', Buffer.concat([opening, publishCommands]), 'protocol'],
  ['commands whose name is no text', Buffer.concat([configured, command(5), command(null), command({}), message(20, Buffer.alloc(0))]), 'harmless'],
  ['deleteStream of other streams, and of nonsense before any', Buffer.concat([
    connected, command('deleteStream', 1, null, NaN), command('closeStream'), command('FCUnpublish'), publishCommands, audio(aacConfig(monoConfig)),
    command('deleteStream', 9, null, 1e300), command('deleteStream', 9, null, -1)
  ]), 'harmless'],

  ['a request in HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'), 'protocol'],
  ['a greeting in TLS', Buffer.concat([Buffer.from('1603010200010001fc0303', 'hex'), Buffer.alloc(3062, 0x20), message(0x63, Buffer.alloc(9)), Buffer.alloc(200, 0xff)]), 'protocol'],
  ['a chunk size of zero', Buffer.concat([plainHandshake, control(1, '00000000')]), 'protocol'],
  ['an oversize chunk', Buffer.concat([plainHandshake, control(1, '7fffffff')]), 'protocol'],
  ['a negative chunk size', Buffer.concat([plainHandshake, control(1, 'ffffffff')]), 'protocol'],
  ['a chunk size of two bytes', Buffer.concat([configured, control(1, '0100')]), 'protocol'],
  ['an oversize message', Buffer.concat([plainHandshake, header(0, { type: 20, length: 0xffffff })]), 'protocol'],
  ['a message within a message', Buffer.concat([configured, header(0, { type: 8, length: 300 }), Buffer.alloc(128), audio(aacFrame(numbered(1)))]), 'protocol'],
  ['a header that refers to nothing', Buffer.concat([configured, basicHeader(3, 60)]), 'protocol'],
  ['more chunk streams than anybody needs', Buffer.concat([configured, ...Array.from({ length: 40 }, (_, index) => message(9, Buffer.of(1), { id: 100 + index }))]), 'protocol'],
  ['abort of a stream that never was, and abort of three bytes', Buffer.concat([configured, control(2, '0000ffff'), control(2, '000000')]), 'harmless'],
  ['control messages that are cut off', Buffer.concat([configured, control(3, ''), control(4, '0006'), control(4, ''), control(5, '01'), control(6, '')]), 'harmless'],
  ['types nobody knows', Buffer.concat([configured, ...[0, 7, 10, 15, 16, 19, 21, 255].map((type) => message(type, Buffer.alloc(300, 7), { id: 7 }))]), 'harmless'],

  ['a command that is not AMF', Buffer.concat([plainHandshake, message(20, Buffer.alloc(50, 0xff))]), 'protocol'],
  ['a command that is cut off', Buffer.concat([plainHandshake, message(20, encodeAmf0('connect', 1, { app: 'x' }).subarray(0, -5))]), 'protocol'],
  ['objects in objects without end', Buffer.concat([connected, amf('0300016103000161'.repeat(200))]), 'protocol'],
  ['an array of four thousand million values', Buffer.concat([connected, amf('0affffffff05')]), 'protocol'],
  ['a string of four gigabytes', Buffer.concat([connected, amf('0cffffffff61')]), 'protocol'],
  ['a thousand and more values', Buffer.concat([connected, message(20, Buffer.alloc(2000, 5))]), 'protocol'],
  ['references to nothing', Buffer.concat([configured, amf('07ffff'.repeat(3))]), 'harmless'],
  ['AMF3 for a command', Buffer.concat([configured, message(17, Buffer.from('0011', 'hex'))]), 'protocol'],

  ['an oversize frame', Buffer.concat([configured, audio(aacFrame(Buffer.alloc(9000)))]), 'protocol'],
  ['an aggregate that ends in a header', Buffer.concat([configured, message(22, Buffer.alloc(5))]), 'protocol'],
  ['an aggregate whose tag is longer than it', Buffer.concat([configured, message(22, tagOf(500, 'af01ff'))]), 'protocol'],
  ['an aggregate of aggregates', Buffer.concat([configured, message(22, Buffer.concat([Buffer.of(22), tagOf(3, '000000').subarray(1)]))]), 'harmless'],
  ['an Enhanced RTMP tag that is cut off', Buffer.concat([configured, audio(Buffer.from('906d70', 'hex'))]), 'protocol'],
  ['an Enhanced RTMP tag whose extension goes past its end', Buffer.concat([configured, audio(Buffer.from('97ff1000', 'hex'))]), 'protocol'],
  ['a configuration of 65 bytes', Buffer.concat([opening, audio(aacConfig(Buffer.alloc(65, 0x11)))]), 'codec'],
  ['a configuration that ends too early', Buffer.concat([opening, audio(aacConfig(Buffer.from('1780', 'hex')))]), 'codec'],
  ['more than a publisher needs to say before it publishes', Buffer.concat([plainHandshake, ...Array.from({ length: 50 }, () => message(9, Buffer.alloc(2000)))]), 'protocol']
]

for (const [what, bytes, outcome] of cases) {
  test(`${what}: ${outcome === 'harmless' ? 'the connection goes on' : 'that connection is closed'}, and another stream loses nothing`, async (t) => {
    const { ingest, port, url, sink, faults, refusals } = await openKey(t)
    const otherKey = 'another-key-0123456789'
    const other = new RecordingSink()
    ingest.expect(otherKey, other)
    const healthy = await publish(t, url.replace(streamKey, otherKey))
    const frames = Array.from({ length: 30 }, (_, index) => numbered(index))
    const write = (from: number, to: number): void => {
      for (let index = from; index < to; index++) healthy.write(frames[index]!, index * 21)
    }
    healthy.configure(monoConfig)
    write(0, 10)
    const peer = await RawPeer.connect(t, port)

    peer.send(bytes)
    write(10, 20)
    if (outcome === 'harmless') {
      peer.send(audio(aacFrame(numbered(99))))
      await sink.until(() => sink.frames.length === 1)
    } else {
      await peer.closed
    }
    write(20, 30)
    await other.until(() => other.frames.length === 30)

    assert.deepEqual(other.frames, frames)
    assert.deepEqual(other.ends, [])
    assert.deepEqual(faults, [])
    assert.deepEqual(refusals.map((text) => text.split(':')[0]), outcome === 'harmless' ? [] : [outcome])
    assert.deepEqual(sink.ends, outcome === 'harmless' || sink.events.length === 0 ? [] : ['refused'])
  })
}
