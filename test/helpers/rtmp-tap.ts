import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { frameHead } from '../../bench/kill/numbered.ts'
import { closeAfter, type Scope } from './scope.ts'

/** A connection from a relay to the gateway, by way of the tap. */
export interface TappedConnection {
  openedMs: number
  /** Of the capture thread that it goes to. */
  port: number
  /**
   * Who hung up first. `cut`: the network took it from the relay, and the gateway read what had been sent; `reset`: both lost it, and with it what
   * was under way.
   */
  endedBy: 'relay' | 'gateway' | 'cut' | 'reset' | undefined
  endedMs: number | undefined
}

/** A numbered frame that the tap has handed to the gateway's socket. Unix milliseconds. */
export interface PassedFrame { number: number, passedMs: number, connection: TappedConnection }

interface Tapped extends TappedConnection {
  relay: Socket
  gateway: Socket
  carry: Buffer
  /** What the relay has sent so far, until it says what it publishes. */
  hello: Buffer | undefined
  lastNumber: number | undefined
}

/** Linux has all of 127/8. So the same ports, which a gateway gives to its threads, are free here. */
export const tapHost = '127.0.0.2'
const gatewayHost = '127.0.0.1'
/** Below the ports that systems give to outgoing connections. */
const ports = { first: 20_000, count: 10_000 }
/** The header of an AAC frame's tag, and how a numbered frame begins. */
const mark = Buffer.concat([Buffer.of(0xaf, 1), frameHead])
const numberBytes = 4

/** The command by which a relay begins to publish; the name of the stream has been said by then, too. */
const publish = Buffer.from('publish')
/** A relay has said what it publishes within so much, handshake and all. */
const longestHello = 8_192

/** Stands between relays and a gateway's RTMP ports: knows each numbered frame that was sent and when, and can break connections. */
export class RtmpTap {
  readonly frames: PassedFrame[] = []
  /** Whether a relay, whose stream key is among the bytes it sent, shall not reach the gateway: as if a firewall were in its way. */
  isBarred: (hello: Buffer) => boolean = () => false
  readonly #connections = new Set<Tapped>()
  readonly #servers: Server[]

  private constructor (servers: Server[]) {
    this.#servers = servers
    for (const server of servers) server.on('connection', (relay) => this.#accept(relay))
  }

  /** @returns the tap and the first of `count` ports in a row, which are free on the gateway's side too, as far as anybody can know */
  static async open (scope: Scope, count: number): Promise<{ tap: RtmpTap, firstPort: number }> {
    for (;;) {
      const firstPort = ports.first + Math.floor(Math.random() * ports.count)
      const servers = await listenAll(firstPort, count)
      if (servers === undefined) continue
      const tap = new RtmpTap(servers)
      closeAfter(scope, () => tap.#close())
      return { tap, firstPort }
    }
  }

  /** Breaks the connections whose last frame was one of these. @returns how many */
  break (endedBy: 'cut' | 'reset', isIts: (number: number) => boolean): number {
    const broken = [...this.#connections].filter(({ lastNumber, endedBy }) => endedBy === undefined && lastNumber !== undefined && isIts(lastNumber))
    for (const tapped of broken) {
      end(tapped, endedBy)
      tapped.relay.resetAndDestroy()
      if (endedBy === 'reset') tapped.gateway.resetAndDestroy()
      else tapped.gateway.end()
    }
    return broken.length
  }

  #accept (relay: Socket): void {
    const gateway = connect({ host: gatewayHost, port: relay.localPort ?? 0, noDelay: true })
    const tapped: Tapped = {
      openedMs: Date.now(),
      port: relay.localPort ?? 0,
      endedBy: undefined,
      endedMs: undefined,
      relay,
      gateway,
      carry: Buffer.alloc(0),
      hello: Buffer.alloc(0),
      lastNumber: undefined
    }
    this.#connections.add(tapped)
    relay.setNoDelay(true)
    relay.on('data', (bytes: Buffer) => {
      if (tapped.endedBy !== undefined || !gateway.writable) return
      if (this.#bars(tapped, bytes)) {
        end(tapped, 'reset')
        relay.resetAndDestroy()
        gateway.resetAndDestroy()
        return
      }
      gateway.write(bytes)
      this.#note(tapped, bytes)
    })
    gateway.on('data', (bytes: Buffer) => { if (relay.writable) relay.write(bytes) })
    relay.on('end', () => { end(tapped, 'relay') })
    gateway.on('end', () => { end(tapped, 'gateway') })
    relay.on('error', () => undefined)
    gateway.on('error', () => undefined)
    relay.once('close', () => {
      end(tapped, 'relay')
      gateway.end()
    })
    gateway.once('close', () => {
      end(tapped, 'gateway')
      relay.end()
      this.#connections.delete(tapped)
    })
  }

  #bars (tapped: Tapped, bytes: Buffer): boolean {
    if (tapped.hello === undefined) return false
    tapped.hello = Buffer.concat([tapped.hello, bytes])
    const { hello } = tapped
    if (!hello.includes(publish) && hello.length < longestHello) return false
    tapped.hello = undefined
    return this.isBarred(hello)
  }

  #note (tapped: Tapped, bytes: Buffer): void {
    const all = Buffer.concat([tapped.carry, bytes])
    let done = 0
    for (;;) {
      const found = all.indexOf(mark, done)
      if (found < 0 || found + mark.length + numberBytes > all.length) break
      const number = all.readUInt32BE(found + mark.length)
      tapped.lastNumber = number
      this.frames.push({ number, passedMs: Date.now(), connection: tapped })
      done = found + mark.length + numberBytes
    }
    // A mark may begin in these bytes and end in the next
    tapped.carry = all.subarray(Math.max(done, all.length - mark.length - numberBytes + 1))
  }

  async #close (): Promise<void> {
    for (const server of this.#servers) server.close()
    for (const { relay, gateway } of this.#connections) {
      relay.destroy()
      gateway.destroy()
    }
  }
}

function end (tapped: Tapped, endedBy: NonNullable<TappedConnection['endedBy']>): void {
  if (tapped.endedBy !== undefined) return
  tapped.endedBy = endedBy
  tapped.endedMs = Date.now()
}

async function listenAll (firstPort: number, count: number): Promise<Server[] | undefined> {
  const servers: Server[] = []
  try {
    for (let port = firstPort; port < firstPort + count; port++) {
      const server = createServer().listen(port, tapHost)
      servers.push(server)
      await once(server, 'listening')
    }
    return servers
  } catch {
    for (const server of servers) server.close()
    return undefined // somebody has one of them
  }
}
