import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { closeAfter, type Scope } from './scope.ts'

/** A way to a server on this machine that can be shut: as if that server were restarted, or the network between were cut. */
export interface TcpGate {
  port: number
  /** `refuse`: connections end and none begins; `hang`: they stay and nothing comes through. Whatever was open is cut when the gate opens again. */
  shut (how: 'refuse' | 'hang'): void
  open (): void
}

/** Opens a gate to a port of the loopback. */
export async function openTcpGate (scope: Scope, targetPort: number): Promise<TcpGate> {
  const sockets = new Set<Socket>()
  let state: 'open' | 'refuse' | 'hang' = 'open'
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => { sockets.delete(socket) })
    return socket
  }
  const cut = (): void => { for (const socket of sockets) socket.destroy() }
  const server = createServer((client) => {
    keep(client)
    if (state === 'refuse') client.destroy()
    if (state !== 'open') return
    const target = keep(connect({ host: '127.0.0.1', port: targetPort }))
    for (const [from, to] of [[client, target], [target, client]] as const) {
      from.on('data', (bytes) => { if (state === 'open') to.write(bytes) })
      from.once('close', () => { to.destroy() })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfter(scope, () => {
    cut()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    shut (how) {
      state = how
      if (how === 'refuse') cut()
    },
    open () {
      if (state === 'hang') cut()
      state = 'open'
    }
  }
}
