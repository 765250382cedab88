import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { closeAfter, type Scope } from './scope.ts'

export interface Example {
  url: string
  /** The next line that it prints. */
  next: () => Promise<string>
  /** All that it has said so far, as errors too. */
  said: () => string
  /** Kills it. */
  kill: () => Promise<void>
}

/** Starts a program of `examples/` that listens, as a process of its own with this environment alone. */
export async function startExample (t: Scope, file: string, env: Record<string, string>): Promise<Example> {
  const path = join(import.meta.dirname, '../../examples', file)
  const child = spawn(process.execPath, [path], { env: { PATH: process.env.PATH, PORT: '0', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { said += text })
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  closeAfter(t, kill)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const line = await lines.next()
    assert.ok(line.done !== true, `the example has ended: ${said}`)
    return line.value
  }
  const [, port] = /^listening on port (\d+)$/.exec(await next()) ?? []
  assert.ok(port)
  return { url: `http://127.0.0.1:${port}/`, next, said: () => said, kill }
}
