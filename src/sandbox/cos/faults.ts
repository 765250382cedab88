import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { FaultRules, type DueRule } from '../fault-rules.ts'
import { refusalAnswer, type CosAnswer } from './answer.ts'
import type { CosAction, CosRequest } from './cos-request.ts'
import { Refusal } from './refusal.ts'

/**
 * - `slow-down`, `internal-error`: 503 and 500 after the body was read; nothing is done
 * - `expired-token`: 400 ExpiredToken, likewise
 * - `early-denied`: 403 before the body is read, and the connection is closed
 * - `reset`: the connection is reset before the body is read; `reset-mid-body`: after some of it
 * - `stall`: the body is read and no answer ever comes; `stop-reading`: not even the body is read
 * - `latency`: the answer comes `latencyMs` later
 * - `lost-answer`: done, and then the connection is reset instead of the answer
 * - `error-in-200`: for Complete, status 200 with an error document; nothing is done
 * - `wrong-crc`: done, but the answer names another CRC64
 * - `heartbeat`: done, with a space every `latencyMs` for six times before the answer, as COS does while it joins parts
 * - `corrupt`: done, but with the first byte of the body changed
 */
export type FaultKind =
  'slow-down' | 'internal-error' | 'expired-token' | 'early-denied' | 'reset' | 'reset-mid-body' | 'stall' | 'stop-reading' |
  'latency' | 'lost-answer' | 'error-in-200' | 'wrong-crc' | 'heartbeat' | 'corrupt'

/** Which requests go wrong, and how. Conditions that are not given match every request. */
export interface FaultRule extends DueRule {
  kind: FaultKind
  action?: CosAction
  method?: string
  key?: RegExp
  partNumber?: number
  latencyMs?: number
}

/** Faults of the bucket's requests to inject. */
export class Faults extends FaultRules<FaultRule, CosRequest> {
  constructor () {
    super(matches)
  }
}

function matches ({ action, method, key, partNumber }: FaultRule, request: CosRequest): boolean {
  return (action === undefined || action === request.action) &&
    (method === undefined || method === request.method) &&
    (key === undefined || key.test(request.key)) &&
    (partNumber === undefined || String(partNumber) === request.query.get('partNumber'))
}

/** What a fault does before the operation; an answer, or 'cut' for none, takes the operation's place. */
export async function beforeOperation (fault: FaultRule | undefined, incoming: IncomingMessage, closing: AbortSignal): Promise<CosAnswer | 'cut' | undefined> {
  switch (fault?.kind) {
    case 'slow-down': await drain(incoming); throw new Refusal('SlowDown')
    case 'internal-error': await drain(incoming); throw new Refusal('InternalError')
    case 'expired-token': await drain(incoming); throw new Refusal('ExpiredToken')
    case 'early-denied': {
      const denied = refusalAnswer(new Refusal('AccessDenied'), '')
      return { ...denied, headers: { ...denied.headers, Connection: 'close' } }
    }
    case 'reset': return 'cut'
    case 'reset-mid-body': await incoming.iterator({ destroyOnReturn: false }).next(); return 'cut'
    case 'error-in-200': await drain(incoming); return { ...refusalAnswer(new Refusal('InternalError'), ''), status: 200 }
    case 'stall': incoming.resume(); await once(incoming.socket, 'close', { signal: closing }); return 'cut'
    case 'stop-reading': await once(incoming.socket, 'close', { signal: closing }); return 'cut'
    case 'latency': await sleep(fault.latencyMs ?? 0, undefined, { signal: closing }); return undefined
    case 'lost-answer': case 'wrong-crc': case 'heartbeat': case 'corrupt': case undefined: return undefined
  }
}

/** What a fault makes of the answer to an operation that was done. */
export function afterOperation (fault: FaultRule | undefined, answer: CosAnswer): CosAnswer | 'cut' {
  switch (fault?.kind) {
    case 'lost-answer': return 'cut'
    case 'wrong-crc': return { ...answer, headers: { ...answer.headers, 'x-cos-hash-crc64ecma': '1' } }
    case 'heartbeat': return typeof answer.body === 'string' ? { ...answer, body: Readable.from(afterBeats(answer.body, fault.latencyMs ?? 0)) } : answer
    default: return answer
  }
}

async function * afterBeats (body: string, beatMs: number): AsyncGenerator<string> {
  for (let beat = 0; beat < 6; beat++) {
    yield ' '
    await sleep(beatMs)
  }
  yield body
}

async function drain (incoming: IncomingMessage): Promise<void> {
  incoming.resume()
  if (!incoming.complete) await once(incoming, 'end')
}
