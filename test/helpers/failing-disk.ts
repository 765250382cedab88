import { open, type FileHandle } from 'node:fs/promises'
import { mock, type Mock } from 'node:test'

/** Has whatever brings a file to the disk do something else first, until it is restored: `before` may wait, or throw. */
export async function beforeDatasync (before: () => Promise<void>): Promise<Mock<() => Promise<void>>['mock']> {
  await using handle = await open(import.meta.filename)
  const handles = Object.getPrototypeOf(handle) as FileHandle
  const datasync: unknown = Reflect.get(handles, 'datasync')
  return mock.method(handles, 'datasync', async function (this: FileHandle) {
    await before()
    await Reflect.apply(datasync as () => Promise<void>, this, [])
  }).mock
}
