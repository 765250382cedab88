/** Those who have come and do not publish, in the order they came: bounded in number, in all and by network. */
export class WaitingRoom<Guest> {
  readonly #seats: number
  readonly #seatsPerNetwork: number
  readonly #networkOf = new Map<Guest, string>()
  readonly #byNetwork = new Map<string, Set<Guest>>()

  constructor ({ waiting, waitingPerAddress }: { waiting: number, waitingPerAddress: number }) {
    this.#seats = waiting
    this.#seatsPerNetwork = waitingPerAddress
  }

  get size (): number { return this.#networkOf.size }

  /** The one that has waited longest, of all. */
  get oldest (): Guest | undefined { return this.#networkOf.keys().next().value }

  /** Gives the guest who has to go for this one: the oldest from the same network if that has too many, else the oldest of all. */
  enter (guest: Guest, address: string): Guest | undefined {
    const network = networkOf(address)
    const neighbours = this.#byNetwork.get(network) ?? new Set()
    const leaving = neighbours.size >= this.#seatsPerNetwork ? neighbours.values().next().value : this.size >= this.#seats ? this.oldest : undefined
    if (leaving !== undefined) this.leave(leaving)
    this.#byNetwork.set(network, neighbours.add(guest))
    this.#networkOf.set(guest, network)
    return leaving
  }

  leave (guest: Guest): void {
    const network = this.#networkOf.get(guest)
    if (network === undefined) return
    this.#networkOf.delete(guest)
    const neighbours = this.#byNetwork.get(network)
    neighbours?.delete(guest)
    if (neighbours?.size === 0) this.#byNetwork.delete(network)
  }
}

/** Of IPv6 the first 64 bits: the rest is chosen by whoever has them. */
function networkOf (address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail = ''] = address.split('::')
  const groups = [head, tail].map((half) => half === '' ? [] : half.split(':'))
  const left = groups[0] ?? []
  const right = groups[1] ?? []
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right].slice(0, 4).join(':')
}
