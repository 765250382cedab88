import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

// Moments are Unix milliseconds in bigint; what is called sealed_* is AES-256-GCM text under MASTER_KEY.
const statements = [
  'create table master_key_check (sealed text not null)',
  `create table tenants (
    id text primary key,
    name text not null,
    sealed_callback_secret text not null,
    created_ms bigint not null
  )`,
  `create table api_keys (
    key_id text primary key,
    tenant_id text not null references tenants (id),
    name text not null,
    hash text not null,
    last4 text not null,
    scopes jsonb not null,
    networks jsonb not null,
    created_ms bigint not null,
    expires_ms bigint,
    revoked_ms bigint
  )`,
  'create index api_keys_tenant on api_keys (tenant_id)',
  `create table apps (
    sdk_app_id bigint primary key,
    tenant_id text not null references tenants (id),
    engine text not null,
    sealed_secrets text not null,
    created_ms bigint not null,
    updated_ms bigint not null
  )`,
  'create index apps_tenant on apps (tenant_id)',
  `create table room_events (
    dedupe_key text primary key,
    sdk_app_id bigint not null,
    room_key text,
    event_group bigint not null,
    event_type bigint not null,
    received_ms bigint not null,
    body text not null
  )`,
  'create index room_events_received on room_events (received_ms)',
  `create table rooms (
    sdk_app_id bigint not null,
    room_key text not null,
    dismissed_ms bigint not null default 0,
    updated_ms bigint not null,
    primary key (sdk_app_id, room_key)
  )`,
  `create table members (
    sdk_app_id bigint not null,
    room_key text not null,
    user_id text not null,
    present boolean,
    present_ms bigint not null default 0,
    anchor boolean,
    anchor_ms bigint not null default 0,
    audible boolean,
    audible_ms bigint not null default 0,
    anchored_ms bigint not null default 0,
    kicked_ms bigint not null default 0,
    primary key (sdk_app_id, room_key, user_id)
  )`,
  `create table recordings (
    id text primary key,
    tenant_id text not null references tenants (id),
    sdk_app_id bigint not null references apps (sdk_app_id),
    room_key text not null,
    user_id text not null,
    status text not null,
    reason text,
    message text not null default '',
    generation int not null default 0,
    node_id text,
    job_id uuid not null,
    options jsonb not null,
    sealed_secrets text not null,
    stop_requested_ms bigint,
    created_ms bigint not null,
    started_ms bigint,
    ended_ms bigint,
    completed_ms bigint
  )`,
  // One recorder id in one room records once at a time: the natural key of a start.
  'create unique index recordings_running on recordings (sdk_app_id, room_key, user_id) where ended_ms is null',
  'create index recordings_tenant on recordings (tenant_id, id desc)',
  'create index recordings_node on recordings (node_id) where completed_ms is null',
  `create table sources (
    id text primary key,
    recording_id text not null references recordings (id) on delete cascade,
    user_id text not null,
    generation int not null,
    robot_id text not null,
    task_id text,
    relay_status text,
    relay_status_ms bigint not null default 0,
    created_ms bigint not null,
    stopped_ms bigint
  )`,
  'create index sources_recording on sources (recording_id)',
  'create index sources_robot on sources (robot_id) where stopped_ms is null',
  `create table tracks (
    id text primary key,
    recording_id text not null references recordings (id) on delete cascade,
    user_id text not null,
    number int not null,
    generation int not null,
    label text not null,
    created_ms bigint not null,
    closed_ms bigint,
    message text not null default '',
    unique (recording_id, user_id, number)
  )`,
  `create table files (
    track_id text not null references tracks (id) on delete cascade,
    part int not null,
    key text not null,
    url text not null,
    bytes bigint not null,
    sha256 text not null,
    start_ms bigint not null,
    end_ms bigint not null,
    duration_ms bigint not null,
    gap_ms bigint not null,
    gaps jsonb not null,
    partial boolean not null,
    primary key (track_id, part)
  )`,
  `create table events (
    id text primary key,
    tenant_id text not null references tenants (id),
    recording_id text references recordings (id) on delete cascade,
    type text not null,
    body text not null,
    created_ms bigint not null
  )`,
  'create index events_recording on events (recording_id)',
  `create table deliveries (
    id text primary key,
    event_id text not null references events (id) on delete cascade,
    sealed_url text not null,
    state text not null,
    attempts int not null default 0,
    last_status int,
    last_error text,
    next_attempt_ms bigint,
    created_ms bigint not null,
    settled_ms bigint
  )`,
  'create index deliveries_event on deliveries (event_id)',
  `create table idempotency_keys (
    tenant_id text not null references tenants (id) on delete cascade,
    route text not null,
    key text not null,
    fingerprint text not null,
    created_ms bigint not null,
    status int,
    headers jsonb,
    body text,
    primary key (tenant_id, route, key)
  )`
]
