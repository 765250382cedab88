/** Everything that a round does to the gateway. */
export const faults = [
  'event lost', 'event late', 'event doubled',
  'Start refused', 'Start hung', 'Start answered to nobody',
  'Stop refused', 'Stop hung', 'Stop answered to nobody',
  'process killed', 'thread ended',
  'source stalled', 'network stalled', 'clock set',
  'database away', 'bucket away'
] as const
export type Fault = typeof faults[number]

/** What has really happened, by what it was. */
export class FaultCounts {
  readonly #counts = new Map<Fault, number>()

  add (fault: Fault): void { this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + 1) }

  /** The expected faults that have not happened. */
  missing (expected: readonly Fault[]): Fault[] {
    return expected.filter((fault) => !this.#counts.has(fault))
  }

  toString (): string {
    return faults.flatMap((fault) => this.#counts.has(fault) ? [`${fault} ${this.#counts.get(fault)}`] : []).join(', ')
  }
}
