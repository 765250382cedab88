import { once } from 'node:events'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const pollMs = 20

/** The path of a program; undefined if it is not installed. */
export async function findProgram (name: string): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const programs = await Promise.all(folders.map(async (folder) => await isAllowed(join(folder, name), constants.X_OK) ? join(folder, name) : undefined))
  return programs.find((path) => path !== undefined)
}

export async function canRead (path: string): Promise<boolean> { return isAllowed(path, constants.R_OK) }

async function isAllowed (path: string, mode: number): Promise<boolean> { return access(path, mode).then(() => true, () => false) }

/** Ports that nobody has at the moment, all different. */
export async function freePorts (count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => { server.close(); return once(server, 'close') }))
  return ports
}

/** Resolves when a server takes connections on the port. @param isGone whether that server has ended */
export async function accepting (port: number, signal: AbortSignal, isGone: () => boolean): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    if (isGone()) throw new Error('it has left')
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await delay(pollMs, undefined, { signal }) // not there yet
    } finally {
      socket.destroy()
    }
  }
}
