import assert from 'node:assert/strict'
import { truncate } from 'node:fs/promises'
import { suite, test, type TestContext } from 'node:test'
import type { ObjectStore } from '../../src/stores/object-store.ts'
import { byteSourceOf } from '../../src/stores/byte-source.ts'
import { MiB, randomFile } from '../helpers/cos.ts'

/** A store under test, and a way to look into it that does not go through the store. */
export interface OpenedStore {
  store: ObjectStore
  read: (key: string) => Promise<Buffer | undefined>
  keys: () => Promise<string[]>
}

const contentType = 'audio/mp4'

/** What every ObjectStore does. */
export function objectStoreConformance (name: string, open: (t: TestContext) => Promise<OpenedStore>): void {
  suite(`object store ${name}`, () => {
    for (const bytes of [0, 1, 65_536, MiB - 1, MiB, MiB + 1, 2 * MiB, 5 * MiB + 7]) {
      test(`a file of ${bytes} bytes arrives whole`, async (t) => {
        const { store, read } = await open(t)
        const { file, content, print } = await randomFile(t, bytes)

        const { url } = await store.putFile('rec/1/track.m4a', file, print, { contentType, signal: t.signal })

        assert.deepEqual(await read('rec/1/track.m4a'), content)
        assert.match(url, /^(https?|file):\/\/.+\/rec\/1\/track\.m4a$/)
      })
    }

    test('a key of any letters is kept as it is', async (t) => {
      const { store, keys } = await open(t)
      const { file, print } = await randomFile(t, 10)
      const key = "rec/中/空 格+(a)*'!~&=?#%20.opus"

      const { url } = await store.putFile(key, file, print, { contentType, signal: t.signal })

      assert.deepEqual(await keys(), [key])
      assert.ok(decodeURIComponent(new URL(url).pathname).endsWith(`/${key}`))
    })

    test('a second file under the same key replaces the first', async (t) => {
      const { store, read } = await open(t)
      const first = await randomFile(t, 100)
      const second = await randomFile(t, 50)

      await store.putFile('rec/a', first.file, first.print, { contentType, signal: t.signal })
      await store.putFile('rec/a', second.file, second.print, { contentType, signal: t.signal })

      assert.deepEqual(await read('rec/a'), second.content)
    })

    test('many files at a time all arrive', async (t) => {
      const { store, read } = await open(t)
      const files = await Promise.all(Array.from({ length: 12 }, (_, index) => randomFile(t, index * 200_000)))

      await Promise.all(files.map(({ file, print }, index) => store.putFile(`rec/${index}`, file, print, { contentType, signal: t.signal })))

      for (const [index, { content }] of files.entries()) assert.deepEqual(await read(`rec/${index}`), content)
    })

    test('a file that is not what its fingerprint says is reported as corrupt', async (t) => {
      const { store } = await open(t)
      const { file, print } = await randomFile(t, 1_000)

      const put = store.putFile('rec/a', file, { ...print, crc64: '1' }, { contentType, signal: t.signal })

      await assert.rejects(put, { name: 'RoomtapeError', error: 'STORE_CORRUPT' })
    })

    test('a byte source shorter than its fingerprint says is refused before it is sent', async (t) => {
      const { store, keys } = await open(t)
      const { file, print } = await randomFile(t, 999)

      const put = store.putFile('rec/a', file, { ...print, bytes: 1_000 }, { contentType, signal: t.signal })

      await assert.rejects(put, { name: 'RoomtapeError', error: 'FILE_UNREADABLE' })
      assert.deepEqual(await keys(), [])
    })

    test('a file that loses its end while it is sent is not stored', async (t) => {
      const { store, keys } = await open(t)
      const { path, file, print } = await randomFile(t, 1_000)
      await truncate(path, 999)

      const put = store.putFile('rec/a', file, print, { contentType, signal: t.signal })

      await assert.rejects(put, { name: 'RoomtapeError', error: 'FILE_UNREADABLE' })
      assert.deepEqual(await keys(), [])
    })

    test('what is in memory arrives as a file does', async (t) => {
      const { store, read } = await open(t)
      const { content, print } = await randomFile(t, 2 * MiB + 1)

      await store.putFile('rec/a', byteSourceOf(content), print, { contentType, signal: t.signal })

      assert.deepEqual(await read('rec/a'), content)
    })

    test('after an abort nothing is begun', async (t) => {
      const { store, keys } = await open(t)
      const { file, print } = await randomFile(t, 10)
      const reason = new Error('the process is going')
      const signal = AbortSignal.abort(reason)

      await assert.rejects(store.putFile('rec/a', file, print, { contentType, signal }), (error) => error === reason)
      await assert.rejects(store.check({ signal }), (error) => error === reason)
      assert.deepEqual(await keys(), [])
    })

    test('a check leaves nothing behind', async (t) => {
      const { store, keys } = await open(t)

      await store.check({ signal: t.signal })

      assert.deepEqual(await keys(), [])
    })
  })
}
