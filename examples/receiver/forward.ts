import { NotTaken, type Received } from './serve.ts'

/** The gateway waits for 15 s. */
const forwardMs = 10_000

/** Hands an event to a service as it came. It is taken when the service says 2xx; the service has its id too, to know one that comes again. */
export async function forward (url: string, { id, body }: Received): Promise<void> {
  let answer: Response
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': id },
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(forwardMs)
    })
  } catch (error) {
    throw new NotTaken(503, `the service does not answer: ${error instanceof Error ? error.name : ''}`)
  }
  await answer.body?.cancel()
  if (answer.ok) return
  // 410 and 413 would tell the gateway to give up. That this event alone is refused is 422: many 5xx would have it pause the others too.
  const isBusy = answer.status === 429 || answer.status >= 500
  throw new NotTaken(isBusy ? 503 : 422, `the service answered ${answer.status}`, isBusy ? answer.headers.get('retry-after') ?? undefined : undefined)
}
