import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { openLocalStore } from '../../../src/stores/local-store.ts'
import { objectStoreConformance } from '../../conformance/object-store.ts'
import { randomFile, temporaryFolder } from '../../helpers/cos.ts'

objectStoreConformance('local', async (t) => {
  const directory = await temporaryFolder(t)
  return {
    store: openLocalStore({ kind: 'local', directory, path: 'rec' }),
    read: (key) => readFile(join(directory, key)),
    keys: async () => (await readdir(directory, { withFileTypes: true, recursive: true }))
      .filter((entry) => entry.isFile()).map((entry) => relative(directory, join(entry.parentPath, entry.name)))
  }
})

for (const key of ['../x', 'a/../../x', '/etc/x', 'a//b', 'a/./b', 'a/', '', '..', 'a\0b']) {
  test(`the key ${JSON.stringify(key)} is refused, since it names no file below the directory`, async (t) => {
    const parent = await temporaryFolder(t)
    const directory = join(parent, 'store')
    await mkdir(directory)
    const { file, print } = await randomFile(t, 10)

    const put = openLocalStore({ kind: 'local', directory, path: '' }).putFile(key, file, print, { contentType: 'audio/mp4', signal: t.signal })

    await assert.rejects(put, { name: 'RoomtapeError', error: 'STORE_DENIED' })
    assert.deepEqual(await readdir(parent, { recursive: true }), ['store'])
  })
}

test('a directory that is a file is the operator\'s to put right', async (t) => {
  const directory = join(await temporaryFolder(t), 'store')
  await writeFile(directory, 'in the way')
  const store = openLocalStore({ kind: 'local', directory, path: 'rec' })

  await assert.rejects(store.check({ signal: t.signal }), { name: 'RoomtapeError', error: 'STORE_DENIED' })
})

test('a corrupt copy leaves no file, not even the unfinished one', async (t) => {
  const directory = await temporaryFolder(t)
  const { file, print } = await randomFile(t, 10)
  const store = openLocalStore({ kind: 'local', directory, path: '' })

  const put = store.putFile('a/b', file, { ...print, crc64: '1' }, { contentType: 'audio/mp4', signal: t.signal })

  await assert.rejects(put, { error: 'STORE_CORRUPT' })
  assert.deepEqual(await readdir(directory, { recursive: true }), ['a'])
})
