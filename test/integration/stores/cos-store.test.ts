import { objectStoreConformance } from '../../conformance/object-store.ts'
import { bucket, openCos, startCos } from '../../helpers/cos.ts'

objectStoreConformance('cos', async (t) => {
  const server = await startCos(t)
  return {
    store: openCos(server),
    read: async (key) => (await server.get(bucket, key))?.content,
    keys: () => Promise.resolve([...server.list(bucket).map(({ key }) => key), ...server.unfinished(bucket).map(({ uploadId }) => uploadId)])
  }
})
