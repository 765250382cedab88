import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { callbackPolicy, guardedDispatcher } from '../../../src/callback/address-guard.ts'
import { attempt, type AttemptRequest } from '../../../src/callback/attempt.ts'
import { mintSecret } from '../../../src/callback/signature.ts'
import { segmentEvent } from '../../helpers/callbacks.ts'
import { startExample } from '../../helpers/example.ts'
import { temporaryFolder } from '../../helpers/cos.ts'

const body = (recordingId: string): Buffer => Buffer.from(JSON.stringify({
  Type: 'recording.completed',
  RecordingId: recordingId,
  Reason: 'RoomDismissed',
  Incomplete: true,
  Warnings: [{ Code: 'SpeakerUnheard', UserId: 'ben', Message: 'unheard' }],
  Files: [{ UserId: '主播一', RecordFile: 'https://b.example/t.m4a', Status: 1, DurationMs: 9 }]
}))

test('the example receiver takes what we sign, once each, and refuses what is forged, stale or signed for somebody else', async (t) => {
  const secret = mintSecret()
  const idsFile = join(await temporaryFolder(t), 'ids')
  const { url, next } = await startExample(t, 'receiver/main.ts', { CALLBACK_SECRET: `${mintSecret()} ${secret}`, IDS_FILE: idsFile })
  const dispatcher = guardedDispatcher(callbackPolicy(['127.0.0.0/8']))
  t.after(() => dispatcher.close())
  const send = async (request: Partial<AttemptRequest>, now = (): number => Date.now()): Promise<number | undefined> => {
    const outcome = await attempt({ url, id: 'evt_1', body: body('rec_1'), secrets: [secret], attempt: 1, ...request },
      { dispatcher, signal: AbortSignal.timeout(10_000), clock: { now }, userAgent: 'Roomtape/test' })
    return 'response' in outcome ? outcome.response.status : undefined
  }

  assert.equal(await send({ id: 'evt_0', body: body('rec_forged'), secrets: [mintSecret()] }), 401)
  assert.equal(await send({ id: 'evt_0', body: body('rec_stale') }, () => Date.now() - 301_000), 401)
  const unsigned = await fetch(url, { method: 'POST', body: body('rec_unsigned') })
  assert.equal(unsigned.status, 401)
  assert.equal(await send({}), 204)
  assert.equal(await send({ attempt: 2 }), 204)
  assert.equal(await send({ id: 'evt_2', body: body('rec_2'), secrets: [mintSecret(), secret] }), 204)
  assert.equal(await send({ id: 'evt_3', body: Buffer.from(JSON.stringify(segmentEvent('rec_3'))) }), 204)

  const file = '  主播一 9 ms https://b.example/t.m4a'
  const printed = await Array.fromAsync({ length: 7 }, next)
  const told = (id: string): string[] => [`recording.completed ${id}: RoomDismissed, incomplete`, '  SpeakerUnheard: unheard', file]
  assert.deepEqual(printed, [...told('rec_1'), ...told('rec_2'), 'segment.uploaded rec_3'])
})
