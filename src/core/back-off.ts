const firstRetryMs = 1_000
const maxRetryMs = 60_000

/** How long to wait after so many failures in a row, the first being 0: a second, doubled each time, never more than a minute. */
export function backOffMs (failures: number): number {
  return Math.min(maxRetryMs, firstRetryMs * 2 ** failures)
}
