import assert from 'node:assert/strict'
import { once } from 'node:events'
import { extname } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { CosServer } from '../../../src/sandbox/cos-server.ts'
import type { FaultRule } from '../../../src/sandbox/cos/faults.ts'
import { MiB, bucket, cosTarget, credential, randomFile, startCos } from '../../helpers/cos.ts'

test('a thread that uploads outlives every refusal, outage and broken connection', async (t) => {
  const server = await startCos(t)
  const { path, print } = await randomFile(t, MiB + 1)
  const worker = new Worker(new URL(`../../helpers/upload-thread${extname(import.meta.filename)}`, import.meta.url), {
    workerData: { target: { ...cosTarget(server), ...credential }, path, print }
  })
  t.after(() => worker.terminate())
  const put = async (key: string): Promise<unknown> => {
    worker.postMessage(key)
    const [answer] = await once(worker, 'message') as [unknown]
    return answer
  }

  const kinds: Array<FaultRule['kind']> = [
    'slow-down', 'internal-error', 'expired-token', 'early-denied', 'reset', 'reset-mid-body', 'lost-answer', 'error-in-200', 'corrupt', 'wrong-crc'
  ]
  for (const kind of kinds) {
    server.faults.add({ kind, times: Infinity })
    const answer = await put(`rec/${kind}`)
    assert.match(String(answer), /^STORE_(DENIED|UNAVAILABLE|CORRUPT)$/, kind)
    server.faults.clear()
  }

  assert.equal(await put('rec/last'), urlOf(server, 'rec/last'))
})

function urlOf (server: CosServer, key: string): string {
  return `${server.url}/${bucket}/${key}`
}
