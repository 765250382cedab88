import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { startReceiver, type Receiver, type ReceiverOptions } from '../../../src/sandbox/receiver.ts'

const secret = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
const older = 'whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM='

async function start (t: TestContext, options?: ReceiverOptions): Promise<Receiver> {
  const receiver = await startReceiver(options)
  t.after(() => receiver.close())
  return receiver
}

/** Signed by the reference library, which knows nothing of ours. */
function send (receiver: Receiver, id: string, { body = `{"Id":"${id}","Name":"主播一"}`, secrets = [secret], at = new Date(), signal }: { body?: string, secrets?: string[], at?: Date, signal?: AbortSignal } = {}): Promise<Response> {
  const signature = secrets.map((each) => new Webhook(each).sign(id, at, body)).join(' ')
  return fetch(receiver.url, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { 'webhook-id': id, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)), 'webhook-signature': signature },
    ...(signal === undefined ? {} : { signal })
  })
}

test('a signed callback is accepted and given to who waits for it', async (t) => {
  const receiver = await start(t, { secrets: [secret] })

  const coming = receiver.next(({ id }) => id === 'evt_2', { signal: t.signal })
  await send(receiver, 'evt_1')
  assert.equal((await send(receiver, 'evt_2')).status, 200)

  assert.partialDeepStrictEqual(await coming, { id: 'evt_2', signature: 'valid', duplicate: false, body: { Id: 'evt_2', Name: '主播一' } })
  assert.equal((await receiver.next(() => true, { signal: t.signal })).id, 'evt_1', 'what came before is still there')
})

test('signatures during a rotation verify under either secret, and a secret may be learnt later', async (t) => {
  const receiver = await start(t, { secrets: [older] })

  assert.equal((await send(receiver, 'evt_1', { secrets: [secret, older] })).status, 200)
  assert.equal((await send(receiver, 'evt_2', { secrets: [secret] })).status, 401)
  receiver.trust(secret)
  assert.equal((await send(receiver, 'evt_2', { secrets: [secret] })).status, 200)
})

test('a foreign, old, early or missing signature is answered 401 and only counted', async (t) => {
  const receiver = await start(t, { secrets: [secret] })
  const statuses = [
    await send(receiver, 'evt_1', { secrets: [older] }),
    await send(receiver, 'evt_2', { at: new Date(Date.now() - 301_000) }),
    await send(receiver, 'evt_3', { at: new Date(Date.now() + 302_000) }),
    await fetch(receiver.url, { method: 'POST', body: '{}' })
  ].map(({ status }) => status)

  assert.deepEqual(statuses, [401, 401, 401, 401])
  assert.deepEqual(receiver.attempts().map(({ signature }) => signature), ['invalid', 'stale', 'stale', 'unsigned'])
  await send(receiver, 'evt_4')
  assert.equal((await receiver.next(() => true, { signal: t.signal })).id, 'evt_4')
})

test('the published vector verifies and is stale by now', async (t) => {
  const receiver = await start(t, { secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] })
  const headers = { 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330', 'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }

  await fetch(receiver.url, { method: 'POST', body: '{"test": 2432232314}', headers })
  await fetch(receiver.url, { method: 'POST', body: '{"test":2432232314}', headers })

  assert.deepEqual(receiver.attempts().map(({ signature }) => signature), ['stale', 'invalid'])
})

test('a callback sent again is counted, and given once', async (t) => {
  const receiver = await start(t, { secrets: [secret] })

  await send(receiver, 'evt_1')
  await send(receiver, 'evt_1')
  await send(receiver, 'evt_2')

  assert.deepEqual(receiver.attempts().map(({ duplicate }) => duplicate), [false, true, false])
  assert.equal((await receiver.next(() => true, { signal: t.signal })).id, 'evt_1')
  assert.equal((await receiver.next(() => true, { signal: t.signal })).id, 'evt_2')
})

test('a receiver told to fail does so as often as told, and takes the callback afterwards', async (t) => {
  const receiver = await start(t, { secrets: [secret] })
  receiver.replyNext({ status: 500 }, 2)
  receiver.replyNext({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })
  receiver.replyNext('reset')

  const outcomes: (number | string)[] = []
  for (let round = 0; round < 5; round++) outcomes.push(await send(receiver, 'evt_1').then(({ status }) => status, () => 'broken'))

  assert.deepEqual(outcomes, [500, 500, 302, 'broken', 200])
  assert.deepEqual(receiver.attempts().map(({ duplicate }) => duplicate), [false, false, false, false, false], 'none was accepted before')
})

test('a stalled callback is not answered until its sender gives up', async (t) => {
  const receiver = await start(t)
  receiver.replyNext('stall')

  await assert.rejects(send(receiver, 'evt_1', { signal: AbortSignal.timeout(1_000) }), { name: 'TimeoutError' })

  assert.deepEqual(receiver.attempts().map(({ reply, signature }) => [reply, signature]), [['stall', 'unchecked']])
})

test('who waits can stop waiting, and takes nothing then', async (t) => {
  const receiver = await start(t)
  const abort = new AbortController()
  const waiting = receiver.next(() => true, { signal: abort.signal })

  abort.abort(new Error('enough'))
  await assert.rejects(waiting, { message: 'enough' })

  await send(receiver, 'evt_1')
  assert.equal((await receiver.next(() => true, { signal: t.signal })).id, 'evt_1')
})

test('an answer can depend on the callback', async (t) => {
  const receiver = await start(t, { respond: ({ id }) => id === 'evt_1' ? { status: 410, body: 'gone' } : { status: 204 } })

  const gone = await send(receiver, 'evt_1')

  assert.deepEqual([gone.status, await gone.text()], [410, 'gone'])
  assert.equal((await send(receiver, 'evt_2')).status, 204)
})
