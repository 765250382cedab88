import { parentPort, workerData } from 'node:worker_threads'
import type { StoreTarget } from '../../src/core/store-target.ts'
import { RoomtapeError } from '../../src/core/errors.ts'
import { systemClock } from '../../src/core/clock.ts'
import { roleCredentials } from '../../src/stores/role-credentials.ts'
import { openStore } from '../../src/stores/open-store.ts'
import type { Fingerprint } from '../../src/stores/object-store.ts'
import { openByteSource } from '../../src/stores/byte-source.ts'

/** A thread that uploads one file under each key it is told, and answers with its URL or the name of the error. */
const { target, path, print } = workerData as { target: StoreTarget, path: string, print: Fingerprint }
const store = openStore(target, {
  role: roleCredentials({ env: {}, clock: systemClock }),
  cos: { schedule: { attempts: 2, firstDelayMs: 1, maxDelayMs: 1 }, timeoutMs: 2_000, multipartAboveBytes: 1_048_576, partBytes: 1_048_576 }
})

parentPort?.on('message', (key: string) => {
  openByteSource(path).then((file) => store.putFile(key, file, print, { contentType: 'audio/mp4', signal: new AbortController().signal }).finally(() => file[Symbol.asyncDispose]())).then(
    ({ url }) => { parentPort?.postMessage(url) },
    (error: unknown) => { parentPort?.postMessage(error instanceof RoomtapeError ? error.error : String(error)) }
  )
})
