import assert from 'node:assert/strict'
import test from 'node:test'
import { Tally } from '../../../src/tracks/tally.ts'

test('what is under way counts for its key until it is done, well or not', async () => {
  const tally = new Tally<string>()
  const [well, ill] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]

  const both = [tally.while('a', () => well.promise), tally.while('a', () => ill.promise)] as const
  assert.deepEqual([tally.of('a'), tally.of('b')], [2, 0])
  well.resolve('done')
  assert.equal(await both[0], 'done')
  assert.equal(tally.of('a'), 1)
  ill.reject(new Error('refused'))
  await assert.rejects(both[1], /refused/)
  assert.equal(tally.of('a'), 0)
})
