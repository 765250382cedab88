import type { FastifyReply } from 'fastify'

/** TRTC takes an event for undelivered, and sends it again, when 5 s have passed without an answer. */
const holdMs = 6_000
const defaultMost = 500

/** Requests that get no answer: each is held until TRTC has given it up, then closed. Beyond so many at a time they are closed at once. */
export class HeldRequests {
  readonly #most: number
  /** By what closes each. */
  readonly #held = new Map<() => void, NodeJS.Timeout>()

  constructor ({ most = defaultMost }: { most?: number } = {}) {
    this.#most = most
  }

  hold (reply: FastifyReply): void {
    const { socket } = reply.hijack().raw.req
    if (this.#held.size >= this.#most) {
      socket.destroy()
      return
    }
    const close = (): void => { socket.destroy() }
    this.#held.set(close, setTimeout(close, holdMs))
    socket.once('close', () => {
      clearTimeout(this.#held.get(close))
      this.#held.delete(close)
    })
  }

  closeAll (): void {
    for (const close of this.#held.keys()) close()
  }
}
