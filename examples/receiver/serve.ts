import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SeenIds } from './seen-ids.ts'
import { isGenuine, keysOf } from './signature.ts'

export interface Received {
  /** Of the event, the same however often it is sent. */
  id: string
  /** JSON, as it came. */
  body: Buffer
}

/** Thrown by whoever could not take an event: then the gateway gets this status and sends it again. */
export class NotTaken extends Error {
  readonly status: number
  readonly retryAfter: string | undefined

  constructor (status: number, message: string, retryAfter?: string) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
  }
}

export interface ReceiverOptions {
  /** `whsec_…`, several with spaces between. */
  secrets: string
  host: string
  port: number
  /** File for the ids of events that were taken. */
  idsFile: string
  /** Does with an event what is to be done: within 15 s, since the gateway does not wait longer. What it throws has the event sent again. */
  take: (event: Received) => Promise<void>
}

/** The gateway sends ends of recordings of up to a megabyte whole, and of more without what is beside the files. */
const maxBodyBytes = 4 * 1_048_576

/** Takes each genuine event once, and says 2xx only when that is done. */
export async function serve ({ secrets, host, port, idsFile, take }: ReceiverOptions): Promise<Server> {
  const keys = keysOf(secrets)
  const seen = new SeenIds(idsFile)
  const taking = new Map<string, Promise<void>>()

  async function answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The raw bytes are what was signed: JSON parsed and printed again is other bytes.
    const body = await readBody(request)
    const id = String(request.headers['webhook-id'])
    if (!isGenuine(request.headers, body, keys)) response.writeHead(401)
    else {
      try {
        await takeOnce({ id, body })
        response.writeHead(204)
      } catch (error) {
        console.error(`${id} was not taken: ${error instanceof Error ? error.message : String(error)}`)
        const { status, retryAfter } = error instanceof NotTaken ? error : { status: 500, retryAfter: undefined }
        response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
      }
    }
    response.end()
  }

  /** An event that comes again while it is being taken waits for what comes of that. */
  async function takeOnce (event: Received): Promise<void> {
    if (seen.has(event.id)) return
    const running = taking.get(event.id) ?? take(event).then(() => { seen.add(event.id) }).finally(() => taking.delete(event.id))
    taking.set(event.id, running)
    await running
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => { response.destroy() })
  })
  server.listen(port, host)
  await once(server, 'listening')
  console.log(`listening on port ${(server.address() as AddressInfo).port}`)
  return server
}

/** @throws what ends the connection: nobody but a stranger sends so much */
async function readBody (request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error('too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
