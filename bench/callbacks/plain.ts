import { request, type Dispatcher } from 'undici'
import { laneLimits } from '../../src/callback/lanes.ts'
import { signCallback } from '../../src/callback/signature.ts'
import { segmentEvent } from '../../test/helpers/callbacks.ts'

/** Nothing but signed POSTs, as many at once as the sender has: no sender is faster. @returns how many a second */
export async function postPlainly (
  events: number, { urls, secret, dispatcher }: { urls: readonly string[], secret: string, dispatcher: Dispatcher }
): Promise<number> {
  const startMs = performance.now()
  const lanes = Math.min(laneLimits.perProcess, laneLimits.perEndpoint * urls.length)
  let sent = 0
  await Promise.all(Array.from({ length: lanes }, async () => {
    while (sent < events) {
      const url = urls[sent++ % urls.length] ?? ''
      const event = segmentEvent('rec_1')
      const body = Buffer.from(JSON.stringify(event))
      const timestampSeconds = Math.floor(Date.now() / 1_000)
      const headers = {
        'content-type': 'application/json',
        'webhook-id': event.Id,
        'webhook-timestamp': String(timestampSeconds),
        'webhook-signature': signCallback({ id: event.Id, timestampSeconds, body, secrets: [secret] })
      }
      const answer = await request(url, { dispatcher, method: 'POST', headers, body })
      await answer.body.dump()
    }
  }))
  return events / (performance.now() - startMs) * 1_000
}
