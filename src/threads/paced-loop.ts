export interface PacedLoopOptions {
  /** One number that others raise and `Atomics.notify` to end a nap early. */
  bell: Int32Array
  /** How long to nap before sockets are looked at again; 0 to wait in the loop as Node does. Asked once a turn. */
  napMs: () => number
}

/**
 * Has a thread look at its sockets every so often instead of at every packet. At 47 frames a second and track, waking up and reading cost more
 * than all that is done with the audio; a nap of 100 ms lets five frames come in one read (docs/performance.md). Between naps the event loop
 * goes round as ever. While it naps nothing else happens in the thread either, so `napMs` must know when somebody waits for it.
 */
export class PacedLoop {
  readonly #options: PacedLoopOptions
  #rung: number
  #turn: NodeJS.Immediate | undefined
  #nappedMs = 0

  constructor (options: PacedLoopOptions) {
    this.#options = options
    this.#rung = Atomics.load(options.bell, 0)
  }

  /** Time spent in naps so far, which Node's own figures count as work. */
  get nappedMs (): number { return this.#nappedMs }

  /** Goes on napping after `napMs` had said 0: to be called now and then. */
  resume (): void {
    this.#turn ??= setImmediate(this.#nap)
  }

  stop (): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
  }

  // Right after the sockets were read: what is set to run immediately runs behind the poll.
  readonly #nap = (): void => {
    this.#turn = undefined
    const { bell, napMs } = this.#options
    const longestMs = napMs()
    if (longestMs === 0) return
    const sinceMs = performance.now()
    Atomics.wait(bell, 0, this.#rung, longestMs)
    this.#nappedMs += performance.now() - sinceMs
    this.#rung = Atomics.load(bell, 0)
    this.resume()
  }
}
