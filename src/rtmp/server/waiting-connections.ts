/** Connections that do not publish, in the order they came. There is a number of places for them in all, and one for each network. */
export class WaitingConnections<Connection> {
  readonly #places: number
  readonly #placesPerNetwork: number
  readonly #networkOf = new Map<Connection, string>()
  readonly #byNetwork = new Map<string, Set<Connection>>()

  constructor ({ waiting, waitingPerAddress }: { waiting: number, waitingPerAddress: number }) {
    this.#places = waiting
    this.#placesPerNetwork = waitingPerAddress
  }

  get size (): number { return this.#networkOf.size }

  /** The connection that has waited longest, of all. */
  get oldest (): Connection | undefined { return this.#networkOf.keys().next().value }

  /** Gives the connection that loses its place to this one: the oldest from the same network if that has too many, else the oldest of all. */
  add (connection: Connection, address: string): Connection | undefined {
    const network = networkOf(address)
    const fromNetwork = this.#byNetwork.get(network) ?? new Set()
    const removed = fromNetwork.size >= this.#placesPerNetwork ? fromNetwork.values().next().value : this.size >= this.#places ? this.oldest : undefined
    if (removed !== undefined) this.remove(removed)
    this.#byNetwork.set(network, fromNetwork.add(connection))
    this.#networkOf.set(connection, network)
    return removed
  }

  remove (connection: Connection): void {
    const network = this.#networkOf.get(connection)
    if (network === undefined) return
    this.#networkOf.delete(connection)
    const fromNetwork = this.#byNetwork.get(network)
    fromNetwork?.delete(connection)
    if (fromNetwork?.size === 0) this.#byNetwork.delete(network)
  }
}

/** The network of an address: of IPv6 the first 64 bits, since the rest is chosen by whoever has them; else the whole address. */
function networkOf (address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail = ''] = address.split('::')
  const groups = [head, tail].map((half) => half === '' ? [] : half.split(':'))
  const left = groups[0] ?? []
  const right = groups[1] ?? []
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right].slice(0, 4).join(':')
}
