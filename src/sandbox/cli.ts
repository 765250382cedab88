import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '../core/errors.ts'
import { parseArguments } from '../core/parse-arguments.ts'
import type { Receiver } from './receiver.ts'
import { sandboxPorts, startSandbox, type SceneRequest } from './sandbox.ts'
import { scenes } from './scenes.ts'

const help = `A TRTC cloud, a COS bucket and a callback receiver on this machine,
to try Roomtape without a Tencent account.

  npm run sandbox [-- [--secret SECRET] [--directory DIR]]
      starts them and prints their addresses and keys as JSON, then
      tells of each callback on the error output, until Ctrl-C
  npm run sandbox -- scene NAME [--gateway URL] [--room ID] [--factor N]
      plays a scene in the running sandbox and prints its steps,
      a line of JSON each; NAME is one of
      ${Object.keys(scenes).join(', ')}

  --secret SECRET  a tenant's CallbackSecret: callbacks that it did not
                   sign are refused from then on; can be repeated
  --directory DIR  keeps the bucket's objects in DIR
  --gateway URL    gets the room's events (http://127.0.0.1:8080)
  --room ID        plays in this string room, not in the scene's own
  --factor N       stretches the scene's times (1)
`

async function run (): Promise<void> {
  const { values, positionals } = parseArguments({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      secret: { type: 'string', multiple: true, default: [] as string[] },
      directory: { type: 'string' },
      gateway: { type: 'string', default: 'http://127.0.0.1:8080' },
      room: { type: 'string' },
      factor: { type: 'string', default: '1' }
    }
  })
  const [command, scene, ...rest] = positionals
  if (values.help === true) process.stdout.write(help)
  else if (command === undefined) await serve(values)
  else if (command === 'scene' && scene !== undefined && rest.length === 0) {
    await play({ scene, gateway: values.gateway, factor: Number(values.factor), ...(values.room === undefined ? {} : { roomId: values.room }) })
  } else throw new Error(`there is no command '${positionals.join(' ')}'; --help lists them`)
}

async function serve ({ secret, directory }: { secret: string[], directory?: string | undefined }): Promise<void> {
  const stop = new AbortController()
  const stopped = once(stop.signal, 'abort')
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => { stop.abort() })
  const sandbox = await startSandbox(directory === undefined ? {} : { directory })
  for (const each of secret) sandbox.receiver.trust(each)
  process.stdout.write(`${JSON.stringify(sandbox.describe(), null, 2)}\n`)
  const telling = tellCallbacks(sandbox.receiver, stop.signal).catch((error: unknown) => { if (!stop.signal.aborted) throw error })
  await Promise.race([stopped, telling])
  await sandbox.close()
}

async function tellCallbacks (receiver: Receiver, signal: AbortSignal): Promise<never> {
  for (;;) {
    const { raw, signature } = await receiver.next(() => true, { signal })
    process.stderr.write(`callback, signature ${signature}: ${raw.toString()}\n`)
  }
}

async function play (request: SceneRequest): Promise<void> {
  if (!URL.canParse(request.gateway)) throw new Error(`--gateway must be like http://127.0.0.1:8080, not '${request.gateway}'`)
  await fetch(new URL('/livez', request.gateway)).catch((error: unknown) => {
    throw new Error(`no gateway answers at ${request.gateway}: start one, or name it with --gateway`, { cause: error })
  })
  const response = await fetch(`http://127.0.0.1:${sandboxPorts.control}/scenes`, { method: 'POST', body: JSON.stringify(request) }).catch((error: unknown) => {
    throw new Error('no sandbox is running: start one with `npm run sandbox`', { cause: error })
  })
  if (!response.ok) throw new Error(((await response.json()) as { error: string }).error)
  if (response.body !== null) await pipeline(response.body, process.stdout, { end: false })
}

try {
  await run()
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exitCode = 1
}
