import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { messageOf } from '../core/errors.ts'
import { sandboxPorts, startSandbox, type SceneRequest } from './sandbox.ts'
import { scenes } from './scenes.ts'

const help = `A TRTC cloud, a COS bucket and a callback receiver on this machine, to try Roomtape without a Tencent account.

  npm run sandbox [-- --directory DIR]
      starts them and prints their addresses and keys as JSON; runs until interrupted
  npm run sandbox -- scene NAME [--gateway URL] [--room ID] [--factor N]
      plays a scene through the running sandbox and prints its steps, a line of JSON each
      NAME is one of: ${Object.keys(scenes).join(', ')}

  --directory DIR  keeps the bucket's objects in DIR
  --gateway URL    gets the room's events (default http://127.0.0.1:8080)
  --room ID        plays in this room instead of the scene's own
  --factor N       stretches the scene's times (default 1)
`

async function run (): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      directory: { type: 'string' },
      gateway: { type: 'string', default: 'http://127.0.0.1:8080' },
      room: { type: 'string' },
      factor: { type: 'string', default: '1' }
    }
  })
  const [command, scene] = positionals
  if (values.help === true) process.stdout.write(help)
  else if (command === undefined) await serve(values.directory)
  else if (command === 'scene' && scene !== undefined) await play({ scene, gateway: values.gateway, factor: Number(values.factor), ...(values.room === undefined ? {} : { roomId: values.room }) })
  else throw new Error(`'${positionals.join(' ')}' is not a command; see --help`)
}

async function serve (directory: string | undefined): Promise<void> {
  const stopped = new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  const sandbox = await startSandbox(directory === undefined ? {} : { directory })
  process.stdout.write(`${JSON.stringify(sandbox.describe(), null, 2)}\n`)
  await stopped
  await sandbox.close()
}

async function play (request: SceneRequest): Promise<void> {
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
