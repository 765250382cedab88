// Records what a publisher sends: node test/corpus/record-rtmp.ts <file> <program> [argument…], with {url} where the program wants its address.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { RtmpIngest } from '../../src/rtmp/server/ingest.ts'
import { RecordingSink, streamKey } from '../helpers/rtmp.ts'

const [name, program, ...args] = process.argv.slice(2)
if (name === undefined || program === undefined) throw new Error('usage: node test/corpus/record-rtmp.ts <file> <program> [argument…]')

const sink = new RecordingSink()
const ingest = new RtmpIngest({ host: '127.0.0.1', port: 0, onRefused: (reason, detail) => console.error(`refused, ${reason}: ${detail}`) })
ingest.expect(streamKey, sink)
const port = await ingest.listen()

const file = createWriteStream(new URL(`rtmp/${name}`, import.meta.url))
const proxy = createServer((publisher) => {
  const upstream = connect(port, '127.0.0.1')
  publisher.pipe(upstream).pipe(publisher)
  publisher.on('data', (bytes: Buffer) => file.write(bytes))
  publisher.on('error', () => upstream.destroy())
})
proxy.listen(0, '127.0.0.1')
await once(proxy, 'listening')

const url = `rtmp://127.0.0.1:${(proxy.address() as AddressInfo).port}/roomtape/${streamKey}`
const child = spawn(program, args.map((argument) => argument.replaceAll('{url}', url)), { stdio: ['ignore', 'inherit', 'inherit'] })
await once(child, 'exit')
await sink.until(() => sink.ends.length === 1)
proxy.close()
await ingest.close()
file.end()
await once(file, 'finish')
console.log(`${name}: ${file.bytesWritten} bytes, ${sink.configs.length} configurations, ${sink.frames.length} frames`)
