import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { frameHead } from '../../bench/kill/numbered.ts'
import type { Span } from '../../src/core/spans.ts'
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
  /** When the network held up what the relay sent, until it had caught up; the last may go on. */
  heldUp: Span[]
}

/** A numbered frame that the tap has handed to the gateway's socket. Unix milliseconds. */
export interface PassedFrame { number: number, passedMs: number, connection: TappedConnection }

interface Tapped extends TappedConnection {
  relay: Socket
  gateway: Socket
  carry: Buffer
  /** What the relay has sent so far, until it says what it publishes. */
  hello: Buffer | undefined
  firstPassedMs: number | undefined
  lastNumber: number | undefined
  stall: NetworkStall | undefined
}

/** What the network holds up: all of it until then, and what follows as fast as it catches up, so many times as fast as it was sent. */
interface NetworkStall {
  fromMs: number
  untilMs: number
  speed: number
  waiting: { sentMs: number, bytes: Buffer }[]
  /** The relay has hung up, which the gateway learns after the rest. */
  isLast: boolean
  timer: NodeJS.Timeout | undefined
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
/** How long a connection has brought frames before the network may hold them up: until then the gateway has only their arrival to go by. */
const settledMs = 1_500
/** How often it is looked what is due of a stream that catches up. */
const tickMs = 10

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
      clearTimeout(tapped.stall?.timer)
      tapped.stall = undefined
      tapped.relay.resetAndDestroy()
      if (endedBy === 'reset') tapped.gateway.resetAndDestroy()
      else tapped.gateway.end()
    }
    return broken.length
  }

  /**
   * Holds up what these connections, which have brought frames for a while, bring from now on. What they have lost when they are broken meanwhile
   * has never been sent. @param speed how many times as fast as it was sent it then comes; Infinity: all at once @returns how many
   */
  stall (ms: number, speed: number, isIts: (number: number) => boolean): number {
    const fromMs = Date.now()
    const stalled = [...this.#connections].filter(({ lastNumber, firstPassedMs = Infinity, endedBy, stall }) =>
      endedBy === undefined && stall === undefined && fromMs - firstPassedMs >= settledMs && lastNumber !== undefined && isIts(lastNumber))
    for (const tapped of stalled) {
      tapped.heldUp.push({ startMs: fromMs, endMs: Infinity })
      tapped.stall = { fromMs, untilMs: fromMs + ms, speed, waiting: [], isLast: false, timer: setTimeout(() => this.#release(tapped), ms) }
    }
    return stalled.length
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
      heldUp: [],
      hello: Buffer.alloc(0),
      firstPassedMs: undefined,
      lastNumber: undefined,
      stall: undefined
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
      if (tapped.stall === undefined) this.#pass(tapped, bytes)
      else tapped.stall.waiting.push({ sentMs: Date.now(), bytes })
    })
    gateway.on('data', (bytes: Buffer) => { if (relay.writable) relay.write(bytes) })
    relay.on('end', () => {
      if (tapped.stall === undefined) end(tapped, 'relay')
      else tapped.stall.isLast = true
    })
    gateway.on('end', () => { end(tapped, 'gateway') })
    relay.on('error', () => undefined)
    gateway.on('error', () => undefined)
    relay.once('close', () => {
      if (tapped.stall !== undefined) {
        tapped.stall.isLast = true
        return
      }
      end(tapped, 'relay')
      gateway.end()
    })
    gateway.once('close', () => {
      end(tapped, 'gateway')
      clearTimeout(tapped.stall?.timer)
      tapped.stall = undefined
      relay.end()
      this.#connections.delete(tapped)
    })
  }

  #pass (tapped: Tapped, bytes: Buffer): void {
    tapped.gateway.write(bytes)
    this.#note(tapped, bytes)
  }

  /** Passes on what is due of what was held up, until nothing is. */
  #release (tapped: Tapped): void {
    const { stall } = tapped
    if (stall === undefined || !tapped.gateway.writable) return
    const { fromMs, untilMs, speed, waiting } = stall
    const nowMs = Date.now()
    /** When it was sent that is due now. */
    const dueMs = fromMs + (nowMs - untilMs) * speed
    while (waiting[0] !== undefined && waiting[0].sentMs <= dueMs) this.#pass(tapped, waiting.shift()!.bytes)
    if (waiting.length > 0 || dueMs < nowMs) {
      stall.timer = setTimeout(() => this.#release(tapped), tickMs)
      return
    }
    tapped.heldUp.at(-1)!.endMs = nowMs
    tapped.stall = undefined
    if (!stall.isLast) return
    end(tapped, 'relay')
    tapped.gateway.end()
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
      const passedMs = Date.now()
      tapped.firstPassedMs ??= passedMs
      tapped.lastNumber = number
      this.frames.push({ number, passedMs, connection: tapped })
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
