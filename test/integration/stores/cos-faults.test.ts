import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CosServer } from '../../../src/sandbox/cos-server.ts'
import type { FaultKind, FaultRule } from '../../../src/sandbox/cos/faults.ts'
import { MiB, bucket, openCos, randomFile, startCos } from '../../helpers/cos.ts'

const contentType = 'audio/mp4'
const key = 'rec/1/track.m4a'
const whole = MiB
const parted = 3 * MiB + 11

function tries (server: CosServer, action: string): number {
  return server.log.filter((entry) => entry.action === action).length
}

const healing: Array<[bytes: number, action: NonNullable<FaultRule['action']>, kinds: FaultKind[]]> = [
  [whole, 'put', ['slow-down', 'internal-error', 'reset', 'reset-mid-body', 'lost-answer', 'wrong-crc', 'corrupt', 'latency']],
  [whole, 'head', ['slow-down', 'internal-error', 'reset', 'lost-answer', 'wrong-crc']],
  [parted, 'initiate', ['slow-down', 'internal-error', 'reset', 'lost-answer']],
  [parted, 'put-part', ['slow-down', 'internal-error', 'reset', 'reset-mid-body', 'lost-answer', 'wrong-crc', 'corrupt', 'latency']],
  [parted, 'complete', ['slow-down', 'internal-error', 'reset', 'lost-answer', 'error-in-200', 'wrong-crc', 'latency']],
  [parted, 'head', ['slow-down', 'internal-error', 'reset', 'lost-answer', 'wrong-crc']]
]

for (const [bytes, action, kinds] of healing) {
  for (const kind of kinds) {
    test(`a file of ${bytes} bytes arrives whole although the first ${action} meets ${kind}`, async (t) => {
      const server = await startCos(t)
      const { file, content, print } = await randomFile(t, bytes)
      server.faults.add({ kind, action, latencyMs: 20 })

      const { url } = await openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

      assert.equal(url, `${server.url}/${bucket}/${key}`)
      assert.deepEqual((await server.get(bucket, key))?.content, content)
      assert.ok(server.log.some((entry) => entry.fault === kind))
    })
  }
}

test('a silent server is given up after the idle time and asked again', async (t) => {
  const server = await startCos(t)
  const { file, content, print } = await randomFile(t, parted)
  server.faults.add({ kind: 'stall', action: 'put-part', partNumber: 2 })

  await openCos(server, { timeoutMs: 300 }).putFile(key, file, print, { contentType, signal: t.signal })

  assert.deepEqual((await server.get(bucket, key))?.content, content)
})

test('a silent server is not asked four times over for what should be answered at once', async (t) => {
  const server = await startCos(t)
  const { file, print } = await randomFile(t, whole)
  let asked = 0
  server.faults.add({ kind: 'stall', action: 'head', times: Infinity, onHit: () => { asked++ } })
  const store = openCos(server, { timeoutMs: 200, schedule: { attempts: 2, firstDelayMs: 1, maxDelayMs: 1 } })

  await assert.rejects(store.putFile(key, file, print, { contentType, signal: t.signal }), { error: 'STORE_UNAVAILABLE', message: /TIMEDOUT/ })

  // once or twice per try, since the SDK's own time runs out in the same moment; without the limit it would be eight
  assert.ok(asked <= 4, `asked ${asked} times`)
})

test('a Complete that takes its time is waited for, as long as the server shows that it lives', async (t) => {
  const server = await startCos(t)
  const { file, print } = await randomFile(t, parted)
  server.faults.add({ kind: 'heartbeat', action: 'complete', latencyMs: 250 })

  await openCos(server, { timeoutMs: 1_200 }).putFile(key, file, print, { contentType, signal: t.signal })

  assert.equal(tries(server, 'complete'), 1)
})

test('one lost part is sent again, and no other', async (t) => {
  const server = await startCos(t)
  const { file, print } = await randomFile(t, parted)
  server.faults.add({ kind: 'slow-down', action: 'put-part', partNumber: 2 })

  await openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

  const parts = server.log.filter((entry) => entry.action === 'put-part').map((entry) => entry.partNumber)
  assert.deepEqual(parts.toSorted(), [1, 2, 2, 3, 4])
})

test('a Complete whose answer was lost is not done twice: HEAD shows that the object is there', async (t) => {
  const server = await startCos(t)
  const { file, print } = await randomFile(t, parted)
  server.faults.add({ kind: 'lost-answer', action: 'complete' })

  await openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

  assert.equal(tries(server, 'initiate'), 1)
  assert.equal(server.log.filter((entry) => entry.action === 'complete').at(-1)?.code, 'NoSuchUpload')
})

test('an upload that vanished is begun again', async (t) => {
  const server = await startCos(t)
  const { file, content, print } = await randomFile(t, parted)
  const store = openCos(server, { partsInFlight: 1 })
  let dropped: Promise<void> | undefined
  server.faults.add({ kind: 'latency', action: 'put-part', partNumber: 3, latencyMs: 0, onHit: () => { dropped = server.drop(bucket) } })

  await store.putFile(key, file, print, { contentType, signal: t.signal })

  await dropped
  assert.equal(tries(server, 'initiate'), 2)
  assert.deepEqual((await server.get(bucket, key))?.content, content)
})

for (const [bytes, action] of [[whole, 'put'], [parted, 'initiate'], [parted, 'put-part'], [parted, 'complete'], [whole, 'head']] as const) {
  test(`a bucket that goes on failing every ${action} is unavailable, and no parts are left in it`, async (t) => {
    const server = await startCos(t)
    const { file, print } = await randomFile(t, bytes)
    server.faults.add({ kind: 'slow-down', action, times: Infinity })

    const put = openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

    await assert.rejects(put, { name: 'RoomtapeError', error: 'STORE_UNAVAILABLE', message: action === 'head' ? /503/ : /SlowDown \(503, \S+\)/ })
    assert.deepEqual(server.unfinished(bucket), [])
  })
}

test('a bucket that nobody listens for is unavailable', async (t) => {
  const server = await startCos(t)
  const { file, print } = await randomFile(t, whole)
  const store = openCos(server)
  await server.close()

  await assert.rejects(store.putFile(key, file, print, { contentType, signal: t.signal }), { error: 'STORE_UNAVAILABLE', message: /ECONNREFUSED/ })
})

for (const [bytes, action] of [[whole, 'put'], [parted, 'put-part']] as const) {
  test(`a refusal in the middle of a ${action} is final and is said to be one`, async (t) => {
    const server = await startCos(t)
    const { file, print } = await randomFile(t, bytes)
    server.faults.add({ kind: 'expired-token', action, times: Infinity })

    const put = openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

    await assert.rejects(put, { name: 'RoomtapeError', error: 'STORE_DENIED', message: /ExpiredToken/ })
    assert.deepEqual(server.unfinished(bucket), [])
  })
}

test('a refusal before a large body was read ends the call, by its code or as a broken connection', async (t) => {
  const server = await startCos(t)
  const { file, print } = await randomFile(t, 2 * MiB)
  server.faults.add({ kind: 'early-denied', action: 'put', times: Infinity })

  const put = openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

  // which of the two arrives first is up to the two kernels
  await assert.rejects(put, { name: 'RoomtapeError', message: /AccessDenied|ECONNRESET|EPIPE/ })
})

test('bytes that arrive damaged each time are reported as corrupt', async (t) => {
  const server = await startCos(t)
  const { file, print } = await randomFile(t, whole)
  server.faults.add({ kind: 'corrupt', action: 'put', times: Infinity })

  const put = openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

  await assert.rejects(put, { error: 'STORE_CORRUPT', message: new RegExp(`expected ${whole} bytes with CRC64 ${print.crc64}`) })
  assert.equal(tries(server, 'put'), 2)
})

test('an upload that could not be aborted is named in the error', async (t) => {
  const server = await startCos(t)
  const { file, print } = await randomFile(t, parted)
  server.faults.add({ kind: 'expired-token', action: 'put-part', times: Infinity })
  server.faults.add({ kind: 'expired-token', action: 'abort', times: Infinity })

  const put = openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

  await assert.rejects(put, (error: Error) => {
    const { message } = error.cause as Error
    return message.includes(server.unfinished(bucket)[0]!.uploadId)
  })
})

const stalls: Array<[bytes: number, action: NonNullable<FaultRule['action']>, kind: FaultKind]> = [
  [whole, 'put', 'stall'], [parted, 'initiate', 'stall'], [parted, 'put-part', 'stall'], [parted, 'complete', 'stall'], [whole, 'head', 'stall'],
  [whole, 'put', 'stop-reading'], [parted, 'put-part', 'stop-reading']
]

for (const [bytes, action, kind] of stalls) {
  test(`an abort ends a ${action} at once that waits in ${kind}`, async (t) => {
    const server = await startCos(t)
    const { file, print } = await randomFile(t, bytes)
    const aborter = new AbortController()
    const reason = new Error('the process is going')
    server.faults.add({ kind, action, times: Infinity, onHit: () => { setImmediate(() => { aborter.abort(reason) }) } })

    // an hour: what ends this call is the abort
    const put = openCos(server, { timeoutMs: 3_600_000 }).putFile(key, file, print, { contentType, signal: aborter.signal })

    await assert.rejects(put, (error) => error === reason)
    assert.deepEqual(server.unfinished(bucket), [])
  })
}
