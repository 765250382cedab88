import { BlockList, isIP, isIPv6 } from 'node:net'

/**
 * Networks in CIDR notation as one list that can be asked; a lone address is a network of one.
 * An IPv4-mapped IPv6 address counts as the IPv4 address inside it.
 * @throws RangeError naming the first entry that is not a network
 */
export function parseNetworks (entries: readonly string[]): BlockList {
  const networks = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix, ...rest] = entry.split('/')
    const family = isIP(address)
    const bits = family === 4 ? 32 : 128
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity
    // a zone names an interface of one machine, never a network
    if (family === 0 || length > bits || rest.length > 0 || address.includes('%')) throw new RangeError(`'${entry}' is not a network in CIDR notation`)
    networks.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  }
  return networks
}

/** A host name or address as it stands in a URL: IPv6 in brackets, so that its colons are not taken for the port's. */
export function hostInUrl (host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}

/** Whether an address lies in one of the networks; text that is no address lies in none. */
export function inNetworks (networks: BlockList, address: string): boolean {
  const family = isIP(address)
  return family !== 0 && networks.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
