import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf } from '../../core/errors.ts'
import { actions, type CloudState } from './api.ts'
import { ApiError } from './api-error.ts'
import { CallLimit } from './call-limit.ts'
import { verifyTc3, type Credential } from './tc3.ts'

export interface ApiServerOptions {
  credentials: readonly Credential[]
  /** Insists on the service `trtc` in signatures. */
  strict: boolean
  cloud: CloudState
}

const apiVersion = '2019-07-22'
const regions = ['ap-beijing', 'ap-guangzhou', 'ap-hongkong', 'ap-mumbai', 'ap-shanghai', 'ap-singapore']
const maxBodyBytes = 1_000_000

/** Serves the Cloud API by HTTP: checks signature, version, region and rate of each call before the action. */
export class ApiServer {
  readonly #options: ApiServerOptions
  readonly #server: Server
  readonly #limit = new CallLimit()
  readonly #faults: { action: string, code: string }[] = []

  constructor (options: ApiServerOptions) {
    this.#options = options
    this.#server = createServer((request, response) => {
      this.#answer(request).then((body) => {
        // TRTC answers errors with status 200 too; its own client takes any other status for a network fault
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ Response: { ...body, RequestId: randomUUID() } }))
      }).catch((error: unknown) => response.destroy(error as Error))
    })
  }

  /** Gives the server's origin. */
  async listen (host: string, port: number): Promise<string> {
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    return `http://${host}:${(this.#server.address() as AddressInfo).port}`
  }

  /** The next call of this action fails with this code. */
  failNext (action: string, code: string): void {
    this.#faults.push({ action, code })
  }

  async close (): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #answer (request: IncomingMessage): Promise<object> {
    try {
      return await this.#perform(request)
    } catch (error) {
      const code = error instanceof ApiError ? error.code : 'InternalError'
      return { Error: { Code: code, Message: messageOf(error) } }
    }
  }

  async #perform (request: IncomingMessage): Promise<object> {
    const { credentials, strict, cloud } = this.#options
    const { headers, method = '', url = '/' } = request
    const body = await readBody(request)
    if (method !== 'POST' || !/^application\/json\b/.test(headers['content-type'] ?? '')) {
      throw new ApiError('UnsupportedProtocol', 'The sandbox takes POST with application/json only.')
    }
    const [path = '/', query = ''] = url.split('?', 2)
    const { secretId, account = secretId } = verifyTc3({ method, path, query, headers, body }, { credentials, nowMs: cloud.now(), strict })

    const { 'x-tc-action': name, 'x-tc-version': version, 'x-tc-region': region } = headers
    if (version !== apiVersion) throw new ApiError('NoSuchVersion', `The version is not ${apiVersion}.`)
    const action = typeof name === 'string' && Object.hasOwn(actions, name) ? actions[name] : undefined
    if (typeof name !== 'string' || action === undefined) throw new ApiError('InvalidAction', 'There is no such action.')
    if (region === undefined) throw new ApiError('MissingParameter', 'The request is missing X-TC-Region.')
    if (typeof region !== 'string' || !regions.includes(region)) throw new ApiError('UnsupportedRegion', 'TRTC is not in this region.')
    this.#limit.take(name, account, performance.now())
    const fault = this.#faults.findIndex((waiting) => waiting.action === name)
    if (fault >= 0) throw new ApiError(this.#faults.splice(fault, 1)[0]?.code ?? '', 'The sandbox was told to fail this call.')
    return action(parseJson(body), cloud)
  }
}

async function readBody (request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= maxBodyBytes) chunks.push(chunk)
  }
  if (bytes > maxBodyBytes) throw new ApiError('RequestSizeLimitExceeded', `The request is larger than ${maxBodyBytes} bytes.`)
  return Buffer.concat(chunks)
}

function parseJson (body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new ApiError('InvalidRequest', 'The body is not JSON.')
  }
}
