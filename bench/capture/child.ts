import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer, Calls, Question } from './calls.ts'

const leaveMs = 20_000

/** A process of ours that answers calls, and leaves when we do. */
export class Child<Names extends Calls<Names>> {
  readonly #process: ChildProcess
  readonly #name: string
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #exited: Promise<unknown>
  #lastId = 0

  /** @param nodeOptions for its `node`, such as `--cpu-prof` */
  constructor (module: URL, nodeOptions: string[] = []) {
    this.#name = basename(fileURLToPath(module), '.ts')
    this.#process = fork(module, { execArgv: nodeOptions })
    this.#exited = once(this.#process, 'exit')
    this.#process.on('message', (answer: Answer) => {
      const call = this.#pending.get(answer.id)
      this.#pending.delete(answer.id)
      if ('error' in answer) call?.reject(new Error(`${this.#name}: ${answer.error}`))
      else call?.resolve(answer.result)
    })
    this.#process.once('exit', (code, signal) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`${this.#name} left with ${code ?? signal ?? 'nothing'}`))
      this.#pending.clear()
    })
  }

  get pid (): number {
    if (this.#process.pid === undefined) throw new Error(`${this.#name} did not start`)
    return this.#process.pid
  }

  async call<Name extends keyof Names & string>(name: Name, request: Names[Name]['request'], { signal }: { signal: AbortSignal }): Promise<Names[Name]['result']> {
    signal.throwIfAborted()
    const id = ++this.#lastId
    const answer = Promise.withResolvers<unknown>()
    const giveUp = (): void => { answer.reject(signal.reason) }
    this.#pending.set(id, answer)
    signal.addEventListener('abort', giveUp, { once: true })
    if (this.#process.connected) this.#process.send({ id, name, request } satisfies Question)
    else answer.reject(new Error(`${this.#name} is gone`))
    try {
      return await answer.promise
    } finally {
      signal.removeEventListener('abort', giveUp)
      this.#pending.delete(id)
    }
  }

  /** Ends it without a chance to tidy up. */
  kill (): void { this.#process.kill('SIGKILL') }

  async [Symbol.asyncDispose] (): Promise<void> {
    if (this.#process.connected) this.#process.disconnect()
    const late = setTimeout(() => { this.#process.kill('SIGKILL') }, leaveMs)
    await this.#exited
    clearTimeout(late)
  }
}
