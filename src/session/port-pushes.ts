/** When pushes last reached our RTMP ports, whoever's they were: a port that none reaches says nothing of one speaker. */
export class PortPushes {
  readonly #lastMs = new Map<number, number>()

  /** @param atMs by the gateway's clock */
  note (port: number, atMs: number): void {
    this.#lastMs.set(port, Math.max(atMs, this.lastMs(port) ?? 0))
  }

  lastMs (port: number): number | undefined {
    return this.#lastMs.get(port)
  }
}
