export interface Quantiles { p50: number, p95: number, p99: number, max: number }

/** The smallest values that so many of the values do not exceed. NaN without any. */
export function quantilesOf (values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
