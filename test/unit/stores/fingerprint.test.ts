import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fingerprint } from '../../../src/stores/fingerprint.ts'
import { byteSourceOf, openByteSource } from '../../../src/stores/byte-source.ts'
import { MiB, randomFile, temporaryFolder } from '../../helpers/cos.ts'

test('a file is known by its length, SHA-256 and CRC64', async (t) => {
  assert.deepEqual(await fingerprint(byteSourceOf(Buffer.from('hello')), { signal: t.signal }), {
    bytes: 5,
    sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    crc64: '11177612005948864433'
  })
})

test('other work goes on while a large file is read', async (t) => {
  const { file } = await randomFile(t, 16 * MiB)
  let turns = 0
  const ticker = setInterval(() => { turns++ }, 0)
  t.after(() => { clearInterval(ticker) })

  await fingerprint(file, { signal: t.signal })

  // 256 reads of 64 KiB; one turn of the loop would mean that it was held all the time
  assert.ok(turns > 3, `${turns} turns`)
})

test('a file that cannot be read is named', async (t) => {
  const path = join(await temporaryFolder(t), 'gone')

  await assert.rejects(openByteSource(path), { error: 'FILE_UNREADABLE', message: new RegExp(path) })
})

test('an abort ends the reading with the reason it was given', async (t) => {
  const { file } = await randomFile(t, MiB)
  const aborter = new AbortController()
  const reading = fingerprint(file, { signal: aborter.signal })

  aborter.abort(new Error('the process is going'))

  await assert.rejects(reading, /the process is going/)
})
