import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectUrl } from '../../../src/stores/cos/object-url.ts'

const target = { kind: 'cos', region: 'ap-guangzhou', bucket: 'audio-1250000000', path: 'rec' } as const
const key = "rec/中 a(1)*'!~/track.m4a"
const encoded = 'rec/%E4%B8%AD%20a%281%29%2A%27%21~/track.m4a'

test('an object in the cloud is addressed by the name of its bucket', () => {
  assert.equal(objectUrl(target, key), `https://audio-1250000000.cos.ap-guangzhou.myqcloud.com/${encoded}`)
})

test('an object behind an endpoint is addressed below it', () => {
  assert.equal(objectUrl({ ...target, endpoint: 'http://127.0.0.1:9000' }, key), `http://127.0.0.1:9000/audio-1250000000/${encoded}`)
})
