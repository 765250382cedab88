import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { isIP, type BlockList } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { RoomtapeError } from '../core/errors.ts'
import { inNetworks, parseNetworks } from '../core/networks.ts'

/** Networks and host names that the operator listed: callbacks may go there although they are not public. */
export interface CallbackPolicy {
  readonly networks: BlockList
  readonly hosts: ReadonlySet<string>
}

const longestUrl = 2048

const blockedNetworks = parseNetworks([
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24',
  '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
  // within 2000::/3: IETF protocols with Teredo, documentation, 6to4
  '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'
])
/** The block of IPv6 that is handed out to the public: loopback, private, NAT64 and later networks lie outside it. */
const publicIpv6 = parseNetworks(['2000::/3'])

/**
 * @param allowed networks in CIDR notation and exact host names
 * @throws RangeError naming the first entry that is neither
 */
export function callbackPolicy (allowed: readonly string[]): CallbackPolicy {
  const isNetwork = (entry: string): boolean => isIP(entry) !== 0 || entry.includes('/')
  return {
    networks: parseNetworks(allowed.filter(isNetwork)),
    hosts: new Set(allowed.filter((entry) => !isNetwork(entry)).map(bareHost))
  }
}

/**
 * Says early and clearly what a callback URL may not be. Names are not resolved here: what they lead to is checked on
 * every connection of `guardedDispatcher`.
 * @returns the URL in its normal form
 * @throws RoomtapeError CALLBACK_DENIED
 */
export function checkCallbackUrl (text: string, policy: CallbackPolicy): string {
  if (text.length > longestUrl) throw denied(`must be at most ${longestUrl} characters`)
  if (!URL.canParse(text)) throw denied('must be an absolute URL')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw denied('must not hold a user name or password')
  if (url.hash !== '') throw denied('must not hold a fragment')
  if (url.href.length > longestUrl) throw denied(`must be at most ${longestUrl} characters`)
  reachOf(url, policy)
  return url.href
}

export interface GuardedDispatcherOptions {
  /** Resolves names; the system's by default. */
  lookup?: (hostname: string, options: LookupAllOptions, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void
  /** Longest time for name look-up, TCP and TLS together. */
  connectMs?: number
  /** Age at which a kept connection is given up, so that no check is older than this. */
  connectionAgeMs?: number
}

/**
 * An undici dispatcher that connects only where the policy lets it, whatever names resolve to at that moment: literals and every
 * resolved address are checked before, the peer's address after connecting. Blocked requests fail with RoomtapeError CALLBACK_DENIED.
 * Proxy settings of the environment are not used. Whoever makes it closes it.
 */
export function guardedDispatcher (policy: CallbackPolicy, options: GuardedDispatcherOptions = {}): Agent {
  const { lookup = systemLookup, connectMs = 5_000, connectionAgeMs = 300_000 } = options

  const connectorTo = (reach: Reach): buildConnector.connector => buildConnector({
    timeout: connectMs,
    allowH2: false,
    autoSelectFamily: true,
    lookup: (hostname, { hints, family }, callback) => {
      const wanted = family === 4 || family === 6 ? family : 0
      lookup(hostname, { all: true, family: wanted, ...hints !== undefined && { hints } }, (error, addresses) => {
        if (error !== null) callback(error, [])
        else if (!addresses.every(({ address }) => permits(reach, hostname, address, policy))) callback(denied(), [])
        else callback(null, addresses)
      })
    }
  })
  const connectors = { public: connectorTo('public'), listed: connectorTo('listed') }

  const connect: buildConnector.connector = (target, callback) => {
    let reach: Reach
    try {
      reach = reachOf(target, policy)
    } catch {
      // which rule it was is told when a URL is saved, not here
      callback(denied(), null)
      return
    }
    connectors[reach](target, (...[error, socket]) => {
      if (error !== null) { callback(error, null); return }
      if (permits(reach, target.hostname, socket.remoteAddress ?? '', policy)) { callback(null, socket); return }
      socket.destroy()
      callback(denied(), null)
    })
  }
  return new Agent({ connect, allowH2: false, clientTtl: connectionAgeMs })
}

/** Where a target may lead: to any public address, or only to what the operator listed. */
type Reach = 'public' | 'listed'

/** Judges scheme, host and port. A target that is only allowed within listed networks passes here when there are any. */
function reachOf ({ protocol, hostname, port }: { protocol: string, hostname: string, port: string }, policy: CallbackPolicy): Reach {
  const host = bareHost(hostname)
  if (protocol !== 'https:' && protocol !== 'http:') throw denied('must start with https://')
  if (policy.hosts.has(host)) return 'listed'
  if (isIP(host) !== 0) {
    if (inNetworks(policy.networks, host)) return 'listed'
    throw denied('must name a host, not an address')
  }
  const labels = host.split('.')
  if (labels.includes('')) throw denied('must name a public host')
  const isLocal = labels.length < 2 || ['localhost', 'local', 'internal'].includes(labels.at(-1) ?? '')
  const objection = protocol === 'http:'
    ? 'must start with https://'
    : port !== '' && port !== '443' ? 'must use port 443' : isLocal ? 'must name a public host' : undefined
  if (objection === undefined) return 'public'
  if (policy.networks.rules.length === 0) throw denied(objection)
  return 'listed'
}

function permits (reach: Reach, hostname: string, address: string, policy: CallbackPolicy): boolean {
  if (isIP(address) === 0) return false
  return policy.hosts.has(bareHost(hostname)) || inNetworks(policy.networks, address) || (reach === 'public' && isPublicAddress(address))
}

/** Whether an address belongs to the open internet: false for private, local, special and translated ones, and for what is no address. */
export function isPublicAddress (address: string): boolean {
  const family = isIP(address)
  return family !== 0 && !inNetworks(blockedNetworks, address) && (family === 4 || inNetworks(publicIpv6, address))
}

/** A host as it is compared: lower case, without the brackets of IPv6 and without one trailing dot. */
function bareHost (host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

/** One fixed text at connect time: with an address or a cause in it, the delivery log would be a port scanner. */
function denied (expectation?: string): RoomtapeError {
  return new RoomtapeError('CALLBACK_DENIED', expectation === undefined ? 'the target of this callback is not allowed' : `a callback URL ${expectation}`)
}
