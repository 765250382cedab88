import type { Seal } from '../core/seal.ts'
import { attempt, type AttemptOptions, type AttemptOutcome } from './attempt.ts'
import { targetOf, type SealedTarget } from './delivery-request.ts'
import { testPing } from './events.ts'

export interface TestEndpointDeps extends Omit<AttemptOptions, 'signal'> { seal: Seal }

/** An event that was sent to try an endpoint, and what came of it. */
export interface EndpointTest { eventId: string, startedMs: number, outcome: AttemptOutcome }

/**
 * Sends `test.ping` to an endpoint at once, whether its breaker is open or not, and whether it is enabled or not. It is no delivery, and says nothing
 * of how the endpoint fares.
 * @throws the reason of `signal` when that ended it
 */
export async function testEndpoint (
  endpoint: SealedTarget, { seal, ...options }: TestEndpointDeps, { signal }: { signal: AbortSignal }
): Promise<EndpointTest> {
  const startedMs = options.clock.now()
  const event = testPing(startedMs)
  const request = { ...targetOf(endpoint, seal, startedMs), id: event.Id, body: Buffer.from(JSON.stringify(event)), attempt: 1 }
  return { eventId: event.Id, startedMs, outcome: await attempt(request, { ...options, signal }) }
}
