import { forward } from './forward.ts'
import { serve, type Received } from './serve.ts'

/*
 * A receiver of Roomtape's callbacks with nothing but Node. It hands each event to a service of yours, once:
 *
 *   CALLBACK_SECRET=whsec_… FORWARD_URL=http://127.0.0.1:3000/events node examples/receiver/main.ts
 *
 * It answers 204 when the service has said 2xx, 401 to what is not genuine, 503 while the service is away. Without FORWARD_URL it prints each event.
 * IDS_FILE has the ids of events that were taken, HOST and PORT are where it listens: behind a proxy with TLS, since callbacks go to https only.
 */

const { CALLBACK_SECRET = '', FORWARD_URL = '', HOST = '127.0.0.1', PORT = '9000', IDS_FILE = 'taken-ids' } = process.env

/** What is printed of an event: of any its type and recording, of an end also its files and what is missing. */
interface Printed {
  Type: string
  RecordingId?: string
  Reason?: string
  Incomplete?: boolean
  Warnings?: Array<{ Code: string, Message: string }>
  Files?: Array<{ UserId: string, RecordFile: string, Status: 0 | 1, DurationMs: number }>
}

async function print ({ id, body }: Received): Promise<void> {
  const { Type, RecordingId = id, Reason, Incomplete = false, Warnings = [], Files = [] } = JSON.parse(body.toString()) as Printed
  console.log(`${Type} ${RecordingId}${Reason === undefined ? '' : `: ${Reason}`}${Incomplete ? ', incomplete' : ''}`)
  for (const { Code, Message } of Warnings) console.log(`  ${Code}: ${Message}`)
  for (const { UserId, RecordFile, Status, DurationMs } of Files) {
    console.log(Status === 1 ? `  ${UserId} ${DurationMs} ms ${RecordFile}` : `  ${UserId} was not stored`)
  }
}

await serve({
  secrets: CALLBACK_SECRET,
  host: HOST,
  port: Number(PORT),
  idsFile: IDS_FILE,
  take: FORWARD_URL === '' ? print : (event) => forward(FORWARD_URL, event)
})
