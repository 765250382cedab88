const firstRetryMs = 1_000
const maxRetryMs = 60_000

/** Milliseconds to wait after a failure: a second, doubled for each of the `failures` in a row before it, never more than a minute. */
export function backOffMs (failures: number): number {
  return Math.min(maxRetryMs, firstRetryMs * 2 ** failures)
}
