import { Type, type Static, type TNumberOptions, type TStringOptions } from 'typebox'

/** Beside the keywords of JSON Schema one of our own: `expects` takes the place of Ajv's words in a fault. */
interface Words {
  description: string
  expects?: string
}

const text = (options: Words & TStringOptions) => Type.String({ minLength: 1, ...options })
const int = (minimum: number, maximum: number, options: Words & TNumberOptions) => Type.Integer({ minimum, maximum, ...options })
const list = (format: string, options: Words) => Type.Array(Type.String({ format }), { default: [], ...options })

const httpOrigin = { format: 'http-origin', expects: 'must be an http:// or https:// address without a path' }

/**
 * Every setting, by the name it has in the environment and in the file that CONFIG_FILE names. Numbers carry their unit in the name.
 * One without `default` that is not optional must be given. Defaults that depend on others are in `load.ts`.
 */
export const SettingsSchema = Type.Object({
  MASTER_KEY: Type.Optional(text({
    format: 'master-key',
    expects: 'must be 32 bytes in base64 (openssl rand -base64 32)',
    description: 'Key that stored secrets are sealed with: 32 bytes in base64, the same on every node. Made once and kept in DATA_DIR unless set; must be set with DATABASE_URL.'
  })),
  ADMIN_TOKEN: Type.Optional(text({
    pattern: '^[!-~]{24,}$',
    expects: 'must be at least 24 characters without spaces (openssl rand -base64 32)',
    description: "The operator's bearer token: at least 24 characters without spaces. Made once and kept in DATA_DIR unless set."
  })),
  METRICS_TOKEN: Type.Optional(text({
    pattern: '^[!-~]{24,}$',
    expects: 'must be at least 24 characters without spaces (openssl rand -base64 32)',
    description: 'Bearer token that may read /metrics and nothing else, for Prometheus: at least 24 characters without spaces. ADMIN_TOKEN may in any case.'
  })),
  RTMP_PUBLIC_HOST: text({
    default: '127.0.0.1',
    format: 'host',
    expects: 'must be a host name or address, without port',
    description: 'Host name or address under which TRTC reaches the RTMP ports of this node; IPv6 without brackets. The default serves a sandbox on this machine only.'
  }),

  HOST: text({
    default: '127.0.0.1',
    description: 'Address HTTP listens on. Loopback because tokens and signatures need a proxy with TLS in front; 0.0.0.0 in a container.'
  }),
  PORT: int(0, 65_535, { default: 8080, description: 'Port of HTTP; 0 takes any free one.' }),
  TRUSTED_PROXIES: list('network', {
    expects: 'must be networks in CIDR notation, separated by commas',
    description: "Networks whose X-Forwarded-For is believed, comma-separated. Without the proxy's own address here all callers share one."
  }),
  RTMP_HOST: text({ default: '0.0.0.0', description: 'Address the RTMP ports listen on.' }),
  RTMP_PORT: int(0, 65_535, { default: 19_350, description: 'First of one RTMP port for each capture thread; 0 takes any free ones.' }),

  DATA_DIR: text({ default: './data', description: 'Folder for everything that must survive a restart.' }),
  CFS_PATH: Type.Optional(text({ description: 'Folder of the spool, where audio waits for its upload; <DATA_DIR>/spool unless set.' })),
  DATABASE_URL: Type.Optional(text({
    format: 'postgres-url',
    expects: 'must be a postgres:// address',
    description: 'PostgreSQL 15 or newer, postgres://user:password@host/name. An embedded database in DATA_DIR unless set: for one small node.'
  })),
  RETENTION_DAYS: int(7, 3650, {
    default: 30,
    description: 'How long ended recordings, events and deliveries can be asked for. A callback that is still to be sent is kept as long as it takes.'
  }),

  ROOM_RECORDINGS_MAX: int(1, 1_000_000, { default: 100, description: 'How many recordings of one room there may be at a time.' }),
  SPOOL_LOST_HOURS: int(1, 8760, {
    default: 24,
    description: 'How long a spool that is not here is waited for before its tracks are closed without their audio.'
  }),
  CAPTURE_WORKERS: Type.Optional(int(1, 256, { description: 'Capture threads; one for each core unless set.' })),
  SHUTDOWN_SECONDS: int(1, 3600, { default: 25, description: 'Longest time to close files and hand over after SIGTERM; Kubernetes kills after 30.' }),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
    default: 'info',
    expects: 'must be one of trace, debug, info, warn, error, fatal',
    description: 'Least level that is logged: trace, debug, info, warn, error or fatal.'
  }),

  TRTC_EVENT_MAX_AGE_SECONDS: int(60, 86_400, {
    default: 300,
    description: 'How far CallbackTs of an event may be from now. TRTC retries for 60 s; the rest is for clocks that differ.'
  }),
  TRTC_CLOUD_ENDPOINT: Type.Optional(text({ ...httpOrigin, description: "Cloud API to use instead of Tencent's, such as a sandbox." })),
  COS_ENDPOINT: Type.Optional(text({ ...httpOrigin, description: "COS-compatible server to use instead of Tencent's, such as a sandbox." })),
  METADATA_URL: text({
    ...httpOrigin,
    default: 'http://metadata.tencentyun.com',
    description: 'Where the credentials of the running role come from when a recording brings none.'
  }),

  RELAY_MAX_IDLE_SECONDS: int(5, 86_400, {
    default: 60,
    description: 'How long TRTC keeps a relay task whose anchor is gone (MaxIdleTime). Somebody who may be gone is told from somebody silent by it: shorter is sooner.'
  }),
  RESUME_HOLD_SECONDS: int(0, 30, {
    default: 3,
    description: 'What arrives for so long after a pause has ended is left out, as it was said during the pause and still under way.'
  }),

  CALLBACK_ALLOW_NETWORKS: list('callback-target', {
    expects: 'must be networks in CIDR notation and host names, separated by commas',
    description: 'Networks and exact host names callbacks may go to although they are not public, comma-separated; also by http and on any port.'
  }),
  RATE_LIMIT_READS_PER_MINUTE: int(1, 1_000_000, { default: 1200, description: 'GET requests per API key.' }),
  RATE_LIMIT_WRITES_PER_MINUTE: int(1, 1_000_000, { default: 300, description: 'Other requests per API key.' }),
  RATE_LIMIT_FAILED_LOGINS_PER_MINUTE: int(1, 1_000_000, {
    default: 30,
    description: 'Failed logins per address (IPv6: per /64), and per key id; further bad keys are answered 429 within the minute. Valid keys always pass.'
  })
}, { additionalProperties: false })

type Given = Static<typeof SettingsSchema>

/** All settings, checked and complete. MASTER_KEY is its 32 bytes. */
export type Settings = Readonly<Omit<Given, 'MASTER_KEY'> & { MASTER_KEY?: Uint8Array, CFS_PATH: string, CAPTURE_WORKERS: number }>
