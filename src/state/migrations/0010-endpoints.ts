import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // hidden: made of a Callback URL, found by url_hash. sealed_url: of a hidden one without its query; null with pull. version: the ETag.
  // failures: in a row, by network, timeout, 429 or 5xx. probe_due_ms: the breaker is open, and the next probe is due; probe_step: how many were made, kept
  // until a success when it closed without one.
  // failing_since_ms: the first failure since the last success. disabled_ms: by us, or by the tenant; with `gave_up`, why.
  // used_ms: when a start last named a hidden one, to a day. feed_position: the last that was given to a delivery of a pull endpoint.
  `create table endpoints (
    id text primary key,
    tenant_id text not null references tenants (id),
    hidden boolean not null default false,
    url_hash text,
    sealed_url text,
    sealed_headers text,
    sealed_secrets text,
    types jsonb not null default '["*"]',
    filters jsonb not null default '{}',
    schedule jsonb,
    format text not null default 'full',
    pull boolean not null default false,
    enabled boolean not null default true,
    version int not null default 1,
    created_ms bigint not null,
    updated_ms bigint not null,
    used_ms bigint,
    deleted_ms bigint,
    failures int not null default 0,
    probe_due_ms bigint,
    probe_step int not null default 0,
    failing_since_ms bigint,
    last_success_ms bigint,
    disabled_ms bigint,
    gave_up text,
    feed_position bigint not null default 0
  )`,
  'create unique index endpoints_hidden on endpoints (tenant_id, url_hash) where hidden',
  'create index endpoints_tenant on endpoints (tenant_id, id) where not hidden',
  // An event outlives its recording while somebody waits for it; and a row that many transactions refer to would be locked by all of them.
  'alter table events drop constraint events_recording_id_fkey',
  'alter table events drop constraint events_tenant_id_fkey',
  'create index events_created on events (created_ms)',
  // next_attempt_ms: by the database's clock; not null exactly while it is to be sent. claimed_by: the process that sends it, until next_attempt_ms.
  // steps: how much of its schedule is used up. pullable: it waits by a failure that is over when its endpoint is back.
  `alter table deliveries
    alter column sealed_url drop not null,
    add column endpoint_id text,
    add column tenant_id text,
    add column format text not null default 'full',
    add column steps int not null default 0,
    add column cause text not null default 'schedule',
    add column pullable boolean not null default false,
    add column claimed_by text,
    add column pull boolean not null default false,
    add column position bigint`,
  `update deliveries set steps = attempts, tenant_id = events.tenant_id,
    next_attempt_ms = case when state = 'waiting' then coalesce(next_attempt_ms, deliveries.created_ms) end
    from events where events.id = deliveries.event_id`,
  'create index deliveries_due on deliveries (endpoint_id, next_attempt_ms, id) where next_attempt_ms is not null',
  'create index deliveries_claimed on deliveries (claimed_by) where claimed_by is not null',
  'create index deliveries_of_endpoint on deliveries (endpoint_id, id desc)',
  'create index deliveries_of_tenant on deliveries (tenant_id, id desc)',
  // Of a feed: those without a place yet, and those that nobody has read on from
  'create index deliveries_unread on deliveries (endpoint_id, position, id) where pull and state = \'waiting\'',
  'create index deliveries_feed on deliveries (endpoint_id, position) where position is not null',
  // What is replayed: of an endpoint, and to be found among all that was delivered
  'create index deliveries_unmade on deliveries (endpoint_id, id) where state in (\'held\', \'dead\')',
  'create index deliveries_of_nobody on deliveries (id) where endpoint_id is null',
  // duration_ms: null of an attempt that nothing may be told of. headers, body: of the answer; cut: there was more.
  `create table attempts (
    delivery_id text not null references deliveries (id) on delete cascade,
    number int not null,
    cause text not null,
    started_ms bigint not null,
    duration_ms int,
    status int,
    reason text,
    headers jsonb,
    body text,
    cut boolean not null default false,
    primary key (delivery_id, number)
  )`
]
