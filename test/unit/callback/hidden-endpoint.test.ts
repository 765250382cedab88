import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callbackUrlHash } from '../../../src/callback/hidden-endpoint.ts'
import { createSeal } from '../../../src/core/seal.ts'

const seal = createSeal(Buffer.alloc(32, 1))
const hash = (url: string, tenantId = 'ten_1', by = seal): string => callbackUrlHash(by, tenantId, url)

test('a tenant\'s Callback URLs that differ in their query alone are one endpoint, others are not', () => {
  const own = hash('https://asr.example.com/hook')

  for (const same of ['https://asr.example.com/hook?lesson=1', 'https://asr.example.com/hook?', 'https://ASR.example.com:443/hook?a=b&c', 'https://asr.example.com/./hook']) {
    assert.equal(hash(same), own, same)
  }
  for (const other of ['https://asr.example.com/hook/', 'https://asr.example.com/Hook', 'https://asr.example.com/hook%3Flesson=1', 'http://asr.example.com/hook']) {
    assert.notEqual(hash(other), own, other)
  }
})

test('nobody can tell from what is stored whether two tenants call the same URL, nor which', () => {
  const url = 'https://asr.example.com/hook'

  assert.notEqual(hash(url, 'ten_2'), hash(url))
  assert.notEqual(hash(url, 'ten_1', createSeal(Buffer.alloc(32, 2))), hash(url))
  assert.match(hash(url), /^[\w-]{43}$/)
})
