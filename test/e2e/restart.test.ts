import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spawnGateway } from '../helpers/gateway-process.ts'
import { asTenant, enterTalking, environment, provision, sdkAppId, startOutside, talked, temporaryFolder } from '../helpers/world.ts'

test('a gateway told to leave does so in good order, and the next start goes on', async (t) => {
  const outside = await startOutside(t)
  const env = environment(outside, await temporaryFolder(t))
  const first = await spawnGateway(t, env)
  const tenant = await provision(first.url, first.adminToken, outside)
  const id = await asTenant(first.url, outside, tenant).start('room')
  const room = outside.cloud.room(sdkAppId, 'room')
  enterTalking(room, 'anchor')
  const former = await talked(outside, 'room', 'anchor', 2_000)

  const leftMs = Date.now()
  assert.equal(await first.terminate(), 0)
  assert.ok(Date.now() - leftMs < 10_000, `left after ${Date.now() - leftMs} ms`)
  assert.match(first.log.at(-1) ?? '', /"msg":"closed"/)

  const second = await spawnGateway(t, env)
  assert.equal(second.adminToken, first.adminToken)
  outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', second.url).href)
  const { ended, detail } = asTenant(second.url, outside, tenant)
  assert.equal((await detail(id)).Reason, null)
  await talked(outside, 'room', 'anchor', 1_000, [former])
  room.dismiss()

  const { Reason, Files } = await ended(id)
  assert.equal(Reason, 'RoomDismissed')
  // Finished, not torn off: nothing up to the signal is missing.
  assert.deepEqual(Files.map(({ UserId, Partial }) => [UserId, Partial]), [['anchor', false], ['anchor', false]])
  assert.ok(leftMs - Files[0]!.EndMs < 100, `${leftMs - Files[0]!.EndMs} ms before the signal are missing`)
})
