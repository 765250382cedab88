import { Fields, isObject } from './fields.ts'

/**
 * When TRTC sent a callback, Unix milliseconds; undefined when it does not say. May change when TRTC sends the event again.
 * Stream-ingest samples call it `CallbackMsTs`; where both stand that is the one whose unit is certain.
 */
export function sentTime (body: Fields): number | undefined {
  return body.time('CallbackMsTs', 'CallbackTs')
}

/** Whether a callback, as parsed JSON, says that it was sent at most so long ago, or ahead. */
export function isFresh (body: unknown, nowMs: number, maxAgeMs: number): boolean {
  if (!isObject(body)) return false
  const sentMs = sentTime(new Fields(body, ''))
  return sentMs !== undefined && Math.abs(nowMs - sentMs) <= maxAgeMs
}
