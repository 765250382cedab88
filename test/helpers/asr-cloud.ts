import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { verifyTc3, type Credential } from '../../src/sandbox/cloud/tc3.ts'
import { closeAfter, type Scope } from './scope.ts'

/** A recognition task that was asked for, rightly signed. */
export interface AskedTask {
  action: unknown
  version: unknown
  region: unknown
  params: Record<string, unknown> & { Url: string }
  /** What was behind its link. */
  status: number
  sha256: string
}

export interface AsrCloud {
  url: string
  asked: AskedTask[]
  /** The next calls are answered with these codes. */
  refuseNext: (...codes: string[]) => void
}

/** Tencent's ASR as far as a task goes: it verifies the signature of the call, fetches what is behind the link, and answers as Tencent does. */
export async function startAsrCloud (t: Scope, credential: Credential): Promise<AsrCloud> {
  const asked: AskedTask[] = []
  const refusals: string[] = []
  const server = createServer((request, response) => {
    answer(request).then((body) => { response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ Response: body })) },
      (error: unknown) => response.destroy(error as Error))
  })

  async function answer (request: IncomingMessage): Promise<object> {
    const body = await buffer(request)
    verifyTc3({ method: 'POST', path: '/', query: '', headers: request.headers, body }, { credentials: [credential], nowMs: Date.now(), strict: false })
    const params = JSON.parse(body.toString()) as AskedTask['params']
    const { 'x-tc-action': action, 'x-tc-version': version, 'x-tc-region': region } = request.headers
    const audio = await fetch(params.Url)
    const sha256 = createHash('sha256').update(Buffer.from(await audio.arrayBuffer())).digest('hex')
    asked.push({ action, version, region, params, status: audio.status, sha256 })
    const code = refusals.shift()
    return { RequestId: 'r-1', ...code === undefined ? { Data: { TaskId: asked.length } } : { Error: { Code: code, Message: `refused: ${params.Url}` } } }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfter(t, () => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, refuseNext: (...codes) => { refusals.push(...codes) } }
}
