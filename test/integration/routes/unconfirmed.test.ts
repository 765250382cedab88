import assert from 'node:assert/strict'
import fastify from 'fastify'
import { test } from 'node:test'
import { request } from 'undici'
import problemDetails from '../../../plugins/problem-details.ts'
import { recordingRoutes, type RecordingRoutesOptions } from '../../../src/routes/recordings.ts'
import { trtcEventRoutes, type TrtcEventsOptions } from '../../../src/routes/trtc-events.ts'
import { closeAfter } from '../../helpers/scope.ts'

test('a gateway that does not work leaves events without an answer and refuses starts', async (t) => {
  const app = fastify({ ajv: { customOptions: { strict: false } } })
  closeAfter(t, () => app.close())
  const lease = { confirmed: false, held: false }
  app.register(problemDetails)
  // Nothing else is asked for.
  app.register(trtcEventRoutes, { lease, prefix: '/trtc' } as unknown as TrtcEventsOptions & { prefix: string })
  app.register(recordingRoutes, { lease, prefix: '/v1' } as unknown as RecordingRoutesOptions & { prefix: string })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const post = (path: string) => request(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ SdkAppId: 1, RoomId: 1, UserId: 'rec' }) })

  await assert.rejects(post('/trtc/events'), { code: 'UND_ERR_SOCKET' })
  const { statusCode, body } = await post('/v1/recordings')
  assert.equal(statusCode, 503)
  assert.partialDeepStrictEqual(await body.json(), { Code: 'ServiceUnavailable' })
})
