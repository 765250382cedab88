const { FUZZ_RUNS, FUZZ_SECONDS, FUZZ_SEED, FUZZ_PATH } = process.env

/**
 * How often a property is tried: `numRuns` times in `npm test`. `FUZZ_RUNS` multiplies it, `FUZZ_SECONDS` bounds each property.
 * A failure names its seed and path; `FUZZ_SEED` and `FUZZ_PATH` make it happen again.
 */
export function runs (numRuns: number): { numRuns: number, interruptAfterTimeLimit?: number, seed?: number, path?: string } {
  return {
    numRuns: Math.ceil(numRuns * Number(FUZZ_RUNS ?? 1)),
    ...FUZZ_SECONDS !== undefined && { interruptAfterTimeLimit: Number(FUZZ_SECONDS) * 1000 },
    ...FUZZ_SEED !== undefined && { seed: Number(FUZZ_SEED) },
    ...FUZZ_PATH !== undefined && { path: FUZZ_PATH }
  }
}
