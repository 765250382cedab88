import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'

/*
 * A receiver of Roomtape's callbacks with nothing but Node:
 *
 *   CALLBACK_SECRET=whsec_… PORT=9000 node examples/receiver.ts
 *
 * It answers 204 to a genuine callback, 401 to anything else, and prints each event once.
 */

const secret = process.env.CALLBACK_SECRET ?? ''
if (!secret.startsWith('whsec_')) throw new Error('CALLBACK_SECRET must be the whsec_… that was shown when the tenant was made')
/** The part after the prefix is base64: its bytes are the key, not its text. */
const key = Buffer.from(secret.slice('whsec_'.length), 'base64')

const maxSkewSeconds = 300
const maxBodyBytes = 1_048_576

/** Keep ids in your database for a week instead: an event may come again after three days, and after a restart of yours. */
const seen = new Set<string>()

interface RecordingEnded {
  Type: 'recording.completed' | 'recording.failed'
  RecordingId: string
  Reason: string
  /** Audio is missing; the warnings say whose and why. */
  Incomplete: boolean
  Warnings: Array<{ Code: string, UserId: string, Message: string }>
  Files: Array<{ UserId: string, RecordFile: string, Status: 0 | 1, DurationMs: number }>
}

const server = createServer((request, response) => {
  answer(request).then((status) => { response.writeHead(status).end() }, (error: unknown) => {
    // Whoever failed to handle an event says so, and gets it again.
    console.error(error)
    response.writeHead(500).end()
  })
})

async function answer (request: IncomingMessage): Promise<number> {
  // The raw bytes are what was signed: JSON parsed and printed again is other bytes.
  const body = await readBody(request)
  if (body === undefined) return 413
  if (!isGenuine(request.headers, body)) return 401
  const id = String(request.headers['webhook-id'])
  if (!seen.has(id)) handle(JSON.parse(body.toString()) as RecordingEnded)
  seen.add(id)
  // Any 2xx says: I have it. Do what takes long after the answer, which must come within 15 s.
  return 204
}

async function readBody (request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** @see https://www.standardwebhooks.com */
function isGenuine (headers: IncomingHttpHeaders, body: Buffer): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > maxSkewSeconds) return false
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`)
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

function handle ({ Type, RecordingId, Reason, Incomplete, Warnings, Files }: RecordingEnded): void {
  console.log(`${Type} ${RecordingId}: ${Reason}${Incomplete ? ', incomplete' : ''}`)
  for (const { Code, Message } of Warnings) console.log(`  ${Code}: ${Message}`)
  for (const { UserId, RecordFile, Status, DurationMs } of Files) {
    console.log(Status === 1 ? `  ${UserId} ${DurationMs} ms ${RecordFile}` : `  ${UserId} was not stored`)
  }
}

server.listen(Number(process.env.PORT ?? 9000), '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening on port ${typeof address === 'object' ? address?.port ?? '' : ''}`)
})
