/** TRTC takes 20 calls a second of one action, host and sub-account, counted when they arrive (TRTC docs, request limits, document 109059). */
const callsPerWindow = 20
const halvedCalls = callsPerWindow / 2
/** A tenth longer than TRTC's second, since calls may bunch up on their way. */
const windowMs = 1_100
const halvedForMs = 10_000

/** A rate limiter by sliding window: when the next call may begin. All times by `performance.now()`. */
export class CallWindow {
  /** When the newest calls began, oldest first; never more than a window may hold. */
  readonly #begunMs: number[] = []
  #halvedUntilMs = -Infinity

  /** The earliest time at which another call may begin, which may have passed. */
  get nextMs (): number {
    const begunMs = this.#begunMs
    const wholeMs = (begunMs.at(-callsPerWindow) ?? -Infinity) + windowMs
    // at even distances, so that a call that was refused is not made ten times at once
    const evenMs = (begunMs.at(-1) ?? -Infinity) + windowMs / halvedCalls
    const halvedMs = Math.max((begunMs.at(-halvedCalls) ?? -Infinity) + windowMs, evenMs)
    return halvedMs < this.#halvedUntilMs ? halvedMs : Math.max(wholeMs, this.#halvedUntilMs)
  }

  /** Counts a call that begins now. */
  begin (nowMs: number): void {
    this.#begunMs.push(nowMs)
    if (this.#begunMs.length > callsPerWindow) this.#begunMs.shift()
  }

  /** TRTC has refused a call: others use the same account, or its limit is lower. For ten seconds half as many calls may begin. */
  halve (nowMs: number): void {
    this.#halvedUntilMs = nowMs + halvedForMs
  }

  /** Whether it says of the future what a new window would. */
  isOver (nowMs: number): boolean {
    return nowMs >= Math.max(this.#halvedUntilMs, (this.#begunMs.at(-1) ?? -Infinity) + windowMs)
  }
}
