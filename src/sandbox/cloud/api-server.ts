import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { messageOf } from '../../core/errors.ts'
import { hostInUrl } from '../../core/networks.ts'
import { actions, type ActionName, type CloudState } from './api.ts'
import { apiCallOf, type ApiCall } from './api-call.ts'
import { ApiError } from './api-error.ts'
import { CallLimit } from './call-limit.ts'
import { CallFaults, type CallFault } from './faults.ts'
import { verifyTc3, type Credential } from './tc3.ts'

export interface ApiServerOptions {
  credentials: readonly Credential[]
  /** Insists on the service `trtc` in signatures. */
  strict: boolean
  cloud: CloudState
}

/** One line of the server's log. */
export interface CallEntry extends ApiCall {
  fault?: CallFault['kind']
  /** TRTC's error code, if the call was answered with one. */
  code?: string
}

const apiVersion = '2019-07-22'
const regions = ['ap-beijing', 'ap-guangzhou', 'ap-hongkong', 'ap-mumbai', 'ap-shanghai', 'ap-singapore']
const maxBodyBytes = 1_000_000
const keptEntries = 10_000

/** Serves the Cloud API by HTTP: checks signature, version, region and rate of each call before the action. */
export class ApiServer {
  readonly faults = new CallFaults()
  /** The newest calls that were signed rightly, oldest first, each added when it arrived. */
  readonly log: CallEntry[] = []
  readonly #options: ApiServerOptions
  readonly #server: Server
  readonly #limit = new CallLimit()

  constructor (options: ApiServerOptions) {
    this.#options = options
    this.#server = createServer((request, response) => {
      this.#answer(request).then((body) => {
        if (body === 'cut') request.socket.resetAndDestroy()
        // TRTC answers errors with status 200 too; its own client takes any other status for a network fault
        else response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ Response: { ...body, RequestId: randomUUID() } }))
      }).catch((error: unknown) => response.destroy(error as Error))
    })
  }

  /** Gives the server's origin. */
  async listen (host: string, port: number): Promise<string> {
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    return `http://${hostInUrl(host)}:${(this.#server.address() as AddressInfo).port}`
  }

  async close (): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #answer (request: IncomingMessage): Promise<object | 'cut'> {
    const entry: Partial<CallEntry> = {}
    try {
      return await this.#perform(request, entry)
    } catch (error) {
      const code = error instanceof ApiError ? error.code : 'InternalError'
      entry.code = code
      return { Error: { Code: code, Message: messageOf(error) } }
    }
  }

  async #perform (request: IncomingMessage, entry: Partial<CallEntry>): Promise<object | 'cut'> {
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
    if (!isAction(name)) throw new ApiError('InvalidAction', 'There is no such action.')
    if (region === undefined) throw new ApiError('MissingParameter', 'The request is missing X-TC-Region.')
    if (typeof region !== 'string' || !regions.includes(region)) throw new ApiError('UnsupportedRegion', 'TRTC is not in this region.')
    const parsed = parseJson(body)
    const call = apiCallOf(name, account, parsed, cloud)
    this.#note(Object.assign(entry, call))
    this.#limit.take(name, account, performance.now())
    const fault = this.faults.take(call)
    if (fault !== undefined) entry.fault = fault.kind
    switch (fault?.kind) {
      case undefined: return actions[name](parsed, cloud)
      case 'refuse': throw new ApiError(fault.code, 'The sandbox was told to fail this call.')
      case 'hang': await closed(request.socket); return 'cut'
      case 'lost-answer': actions[name](parsed, cloud); return 'cut'
    }
  }

  #note (entry: CallEntry): void {
    this.log.push(entry)
    if (this.log.length > keptEntries) this.log.shift()
  }
}

function isAction (name: unknown): name is ActionName {
  return typeof name === 'string' && Object.hasOwn(actions, name)
}

async function closed (socket: Socket): Promise<void> {
  if (socket.destroyed) return
  const { promise, resolve } = Promise.withResolvers<undefined>()
  socket.once('close', () => resolve(undefined))
  await promise
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
