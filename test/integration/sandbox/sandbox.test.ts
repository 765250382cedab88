import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import { scenes } from '../../../src/sandbox/scenes.ts'
import { startCallbackServer } from '../../helpers/trtc-callbacks.ts'

const anyPorts = { trtc: 0, cos: 0, receiver: 0, control: 0 }

interface Description {
  trtc: { endpoint: string, sdkAppId: number }
  cos: { endpoint: string }
  receiver: { url: string }
  control: { url: string, scenes: string[] }
}

async function start (t: TestContext): Promise<{ sandbox: Sandbox, description: Description, play: (body: object) => Promise<Response> }> {
  const sandbox = await startSandbox({ ports: anyPorts })
  t.after(() => sandbox.close())
  const description = sandbox.describe() as Description
  return { sandbox, description, play: (body) => fetch(`${description.control.url}/scenes`, { method: 'POST', body: JSON.stringify(body) }) }
}

test('a scene is played to a gateway, and each step told as it is done', async (t) => {
  const { play } = await start(t)
  const gateway = await startCallbackServer(t)

  const response = await play({ scene: 'three-speakers', gateway: new URL(gateway.url).origin, roomId: 'room-7f3a', factor: 0.01 })
  const [first, ...steps] = (await response.text()).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)

  assert.equal(response.status, 200)
  assert.deepEqual(first, { sdkAppId: 1400000001, roomId: 'room-7f3a', scene: 'three-speakers' })
  assert.deepEqual(steps.map(({ atMs: _, ...step }) => step), scenes['three-speakers'].steps)
  const told = gateway.received.map(({ event }) => `${event.type}${'userId' in event ? ` ${event.userId}` : ''}`)
  assert.deepEqual(told, [
    '101 alice', '103 alice', '203 alice', '103 bob', '203 bob', '103 carol', '203 carol', '204 alice', '104 bob', '203 alice', '103 bob', '203 bob', '102'
  ])
})

test('a scene whose caller goes away ends, and its room with it', async (t) => {
  const { sandbox, play } = await start(t)
  const gateway = await startCallbackServer(t)

  const response = await play({ scene: 'lesson', gateway: new URL(gateway.url).origin })
  await gateway.next(({ event }) => event.kind === 'audioStarted')
  await response.body!.cancel()
  await gateway.next(({ event }) => event.kind === 'roomDismissed')

  assert.equal(sandbox.cloud.room(1400000001, 'sandbox-lesson').live, false)
})

test('a scene that cannot be played is refused with the reason', async (t) => {
  const { description, play } = await start(t)
  const gateway = 'http://127.0.0.1:1'

  for (const body of [{ scene: 'opera', gateway }, { scene: 'toString', gateway }, { scene: 'lesson' }, { scene: 'lesson', gateway: 'x' }, { scene: 'lesson', gateway, factor: 0 }]) {
    const response = await play(body)
    assert.equal(response.status, 400)
    assert.ok(((await response.json()) as { error: string }).error.length > 0)
  }
  assert.equal((await fetch(`${description.control.url}/other`)).status, 400)
})

test('a sandbox whose port is taken starts nothing and says so', async (t) => {
  const { description } = await start(t)
  const taken = Number(new URL(description.control.url).port)

  await assert.rejects(startSandbox({ ports: { ...anyPorts, control: taken } }), { code: 'EADDRINUSE' })
})

test('every scene can be played from its first step to its last', async (t) => {
  const { play } = await start(t)
  const gateway = await startCallbackServer(t)

  for (const [scene, { steps }] of Object.entries(scenes)) {
    const response = await play({ scene, gateway: new URL(gateway.url).origin, factor: 0.001 })
    assert.equal((await response.text()).trim().split('\n').length, 1 + steps.length, scene)
  }
})
