SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA pgboss;
CREATE TYPE pgboss.job_state AS ENUM (
    'created',
    'retry',
    'active',
    'completed',
    'cancelled',
    'failed'
);
CREATE FUNCTION pgboss.create_queue(queue_name text, options jsonb) RETURNS void
    LANGUAGE plpgsql
    AS $_$
    DECLARE
      tablename varchar := CASE WHEN options->>'partition' = 'true'
                            THEN 'j' || encode(sha224(queue_name::bytea), 'hex')
                            ELSE 'job_common'
                            END;
      queue_created_on timestamptz;
    BEGIN
      WITH q as (
        INSERT INTO pgboss.queue (
          name,
          policy,
          retry_limit,
          retry_delay,
          retry_backoff,
          retry_delay_max,
          expire_seconds,
          retention_seconds,
          deletion_seconds,
          warning_queued,
          dead_letter,
          partition,
          table_name,
          heartbeat_seconds,
          notify,
          created_on,
          updated_on
        )
        VALUES (
          queue_name,
          options->>'policy',
          COALESCE((options->>'retryLimit')::int, 2),
          COALESCE((options->>'retryDelay')::int, 0),
          COALESCE((options->>'retryBackoff')::bool, false),
          (options->>'retryDelayMax')::int,
          COALESCE((options->>'expireInSeconds')::int, 900),
          COALESCE((options->>'retentionSeconds')::int, 1209600),
          COALESCE((options->>'deleteAfterSeconds')::int, 604800),
          COALESCE((options->>'warningQueueSize')::int, 0),
          options->>'deadLetter',
          COALESCE((options->>'partition')::bool, false),
          tablename,
          (options->>'heartbeatSeconds')::int,
          COALESCE((options->>'notify')::bool, false),
          pgboss.job_now(),
          pgboss.job_now()
        )
        ON CONFLICT DO NOTHING
        RETURNING created_on
      )
      SELECT created_on into queue_created_on from q;
      IF queue_created_on IS NULL OR options->>'partition' IS DISTINCT FROM 'true' THEN
        RETURN;
      END IF;
      EXECUTE format('CREATE TABLE pgboss.%I (LIKE pgboss.job INCLUDING DEFAULTS)', tablename);
      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD PRIMARY KEY (name, id)$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue (name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i11 ON pgboss.job (name, priority DESC, created_on, start_after) WHERE state < 'active' AND NOT blocked$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i4 ON pgboss.job (name, singleton_on, COALESCE(singleton_key, '')) WHERE state <> 'cancelled' AND singleton_on IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i7 ON pgboss.job (name, group_id) WHERE state = 'active' AND group_id IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i9 ON pgboss.job (name, id) WHERE blocking AND state = 'completed'$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i12 ON pgboss.job (source_root_id) WHERE source_root_id IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i13 ON pgboss.job (name, singleton_key) WHERE state = 'created' AND upsert_by_key$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i14 ON pgboss.job (name, state, blocked, start_after) WHERE state IN ('created', 'retry', 'active', 'failed')$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i15 ON pgboss.job (name, created_on)$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i16 ON pgboss.job (name, completed_on) WHERE completed_on IS NOT NULL$cmd$, tablename);
      EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i17 ON pgboss.job (name, singleton_key, created_on) WHERE state < 'active' AND singleton_key IS NOT NULL$cmd$, tablename);
      IF options->>'policy' = 'short' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i1 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'created' AND policy = 'short'$cmd$, tablename);
      ELSIF options->>'policy' = 'singleton' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i2 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state = 'active' AND policy = 'singleton'$cmd$, tablename);
      ELSIF options->>'policy' = 'stately' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i3 ON pgboss.job (name, state, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'stately'$cmd$, tablename);
      ELSIF options->>'policy' = 'exclusive' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i6 ON pgboss.job (name, COALESCE(singleton_key, '')) WHERE state <= 'active' AND policy = 'exclusive'$cmd$, tablename);
      ELSIF options->>'policy' = 'key_strict_fifo' THEN
        EXECUTE pgboss.job_table_format($cmd$CREATE UNIQUE INDEX job_i8 ON pgboss.job (name, singleton_key) WHERE state IN ('active', 'retry', 'failed') AND policy = 'key_strict_fifo'$cmd$, tablename);
        EXECUTE pgboss.job_table_format($cmd$CREATE INDEX job_i10 ON pgboss.job (name, singleton_key, state DESC, created_on, id) INCLUDE (start_after) WHERE state < 'active' AND NOT blocked AND policy = 'key_strict_fifo'$cmd$, tablename);
        EXECUTE pgboss.job_table_format($cmd$ALTER TABLE pgboss.job ADD CONSTRAINT job_key_strict_fifo_singleton_key_check CHECK (NOT (policy = 'key_strict_fifo' AND singleton_key IS NULL))$cmd$, tablename);
      END IF;
      EXECUTE format('ALTER TABLE pgboss.%I ADD CONSTRAINT cjc CHECK (name=%L)', tablename, queue_name);
      EXECUTE format('ALTER TABLE pgboss.job ATTACH PARTITION pgboss.%I FOR VALUES IN (%L)', tablename, queue_name);
    END;
    $_$;
CREATE FUNCTION pgboss.delete_queue(queue_name text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
      v_table varchar;
      v_partition bool;
    BEGIN
      
      SELECT table_name, partition
      FROM pgboss.queue
      WHERE name = queue_name
      INTO v_table, v_partition;
      IF v_partition THEN
        EXECUTE format('DROP TABLE IF EXISTS pgboss.%I', v_table);
      ELSE
        EXECUTE format('DELETE FROM pgboss.%I WHERE name = %L', v_table, queue_name);
      END IF;
    
      DELETE FROM pgboss.queue WHERE name = queue_name;
    END;
    $$;
CREATE FUNCTION pgboss.job_now() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
      SELECT pg_catalog.now();
    $$;
CREATE FUNCTION pgboss.job_table_format(command text, table_name text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
      SELECT format(
        regexp_replace(
          regexp_replace(command, '\.job\y', '.%1$I', 'g'),
          '\yjob_i(\d+)', '%1$s_i\1', 'g'
        ),
        table_name
      );
    $_$;
CREATE FUNCTION pgboss.job_table_run(command text, tbl_name text DEFAULT NULL::text, queue_name text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    DECLARE
      tbl RECORD;
    BEGIN
      IF queue_name IS NOT NULL THEN
        SELECT table_name INTO tbl_name FROM pgboss.queue WHERE name = queue_name;
      END IF;
      IF tbl_name IS NOT NULL THEN
        EXECUTE pgboss.job_table_format(command, tbl_name);
        RETURN;
      END IF;
      EXECUTE pgboss.job_table_format(command, 'job_common');
      FOR tbl IN SELECT table_name FROM pgboss.queue WHERE partition = true
      LOOP
        EXECUTE pgboss.job_table_format(command, tbl.table_name);
      END LOOP;
    END;
    $$;
CREATE FUNCTION pgboss.job_table_run_async(command_name text, version integer, command text, tbl_name text DEFAULT NULL::text, queue_name text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
      IF queue_name IS NOT NULL THEN
        SELECT table_name INTO tbl_name FROM pgboss.queue WHERE name = queue_name;
      END IF;
      IF tbl_name IS NOT NULL THEN
        INSERT INTO pgboss.bam (name, version, status, queue, table_name, command)
        VALUES (
          command_name,
          version,
          'pending',
          queue_name,
          tbl_name,
          pgboss.job_table_format(command, tbl_name)
        );
        RETURN;
      END IF;
      INSERT INTO pgboss.bam (name, version, status, queue, table_name, command)
      SELECT
        command_name,
        version,
        'pending',
        NULL,
        'job_common',
        pgboss.job_table_format(command, 'job_common')
      UNION ALL
      SELECT
        command_name,
        version,
        'pending',
        queue.name,
        queue.table_name,
        pgboss.job_table_format(command, queue.table_name)
      FROM pgboss.queue
      WHERE partition = true;
    END;
    $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE pgboss.bam (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    queue text,
    table_name text NOT NULL,
    command text NOT NULL,
    error text,
    created_on timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_on timestamp with time zone,
    completed_on timestamp with time zone
);
CREATE TABLE pgboss.instance (
    id uuid NOT NULL,
    name text,
    host text NOT NULL,
    pid integer NOT NULL,
    version text NOT NULL,
    node_version text NOT NULL,
    application_name text,
    heartbeat_seconds integer NOT NULL,
    supervise boolean NOT NULL,
    schedule boolean NOT NULL,
    migrate boolean NOT NULL,
    persist_queue_stats boolean NOT NULL,
    persist_warnings boolean NOT NULL,
    pool_max integer,
    pool_total integer,
    pool_idle integer,
    pool_waiting integer,
    workers jsonb DEFAULT '[]'::jsonb NOT NULL,
    metrics jsonb,
    config jsonb DEFAULT '{}'::jsonb NOT NULL,
    crash_restarts integer DEFAULT 0 NOT NULL,
    crash_restarts_since timestamp with time zone,
    started_on timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat_on timestamp with time zone DEFAULT now() NOT NULL,
    stopped_on timestamp with time zone
);
CREATE TABLE pgboss.job (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    data jsonb,
    state pgboss.job_state DEFAULT 'created'::pgboss.job_state NOT NULL,
    retry_limit integer DEFAULT 2 NOT NULL,
    retry_count integer DEFAULT 0 NOT NULL,
    retry_delay integer DEFAULT 0 NOT NULL,
    retry_backoff boolean DEFAULT false NOT NULL,
    retry_delay_max integer,
    expire_seconds integer DEFAULT 900 NOT NULL,
    deletion_seconds integer DEFAULT 604800 NOT NULL,
    singleton_key text,
    singleton_on timestamp without time zone,
    group_id text,
    group_tier text,
    start_after timestamp with time zone DEFAULT now() NOT NULL,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    started_on timestamp with time zone,
    completed_on timestamp with time zone,
    keep_until timestamp with time zone DEFAULT (now() + '336:00:00'::interval) NOT NULL,
    output jsonb,
    dead_letter text,
    policy text,
    heartbeat_on timestamp with time zone,
    heartbeat_seconds integer,
    blocked boolean DEFAULT false NOT NULL,
    blocking boolean DEFAULT false NOT NULL,
    pending_dependencies integer DEFAULT 0 NOT NULL,
    source_name text,
    source_id uuid,
    source_created_on timestamp with time zone,
    source_retry_count integer,
    source_output jsonb,
    source_root_id uuid,
    trace_context jsonb,
    upsert_by_key boolean
)
PARTITION BY LIST (name);
CREATE TABLE pgboss.job_common (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    data jsonb,
    state pgboss.job_state DEFAULT 'created'::pgboss.job_state NOT NULL,
    retry_limit integer DEFAULT 2 NOT NULL,
    retry_count integer DEFAULT 0 NOT NULL,
    retry_delay integer DEFAULT 0 NOT NULL,
    retry_backoff boolean DEFAULT false NOT NULL,
    retry_delay_max integer,
    expire_seconds integer DEFAULT 900 NOT NULL,
    deletion_seconds integer DEFAULT 604800 NOT NULL,
    singleton_key text,
    singleton_on timestamp without time zone,
    group_id text,
    group_tier text,
    start_after timestamp with time zone DEFAULT now() NOT NULL,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    started_on timestamp with time zone,
    completed_on timestamp with time zone,
    keep_until timestamp with time zone DEFAULT (now() + '336:00:00'::interval) NOT NULL,
    output jsonb,
    dead_letter text,
    policy text,
    heartbeat_on timestamp with time zone,
    heartbeat_seconds integer,
    blocked boolean DEFAULT false NOT NULL,
    blocking boolean DEFAULT false NOT NULL,
    pending_dependencies integer DEFAULT 0 NOT NULL,
    source_name text,
    source_id uuid,
    source_created_on timestamp with time zone,
    source_retry_count integer,
    source_output jsonb,
    source_root_id uuid,
    trace_context jsonb,
    upsert_by_key boolean,
    CONSTRAINT job_key_strict_fifo_singleton_key_check CHECK ((NOT ((policy = 'key_strict_fifo'::text) AND (singleton_key IS NULL))))
);
CREATE TABLE pgboss.job_dependency (
    child_name text NOT NULL,
    child_id uuid NOT NULL,
    parent_name text NOT NULL,
    parent_id uuid NOT NULL
);
CREATE TABLE pgboss.queue (
    name text NOT NULL,
    policy text NOT NULL,
    retry_limit integer NOT NULL,
    retry_delay integer NOT NULL,
    retry_backoff boolean NOT NULL,
    retry_delay_max integer,
    expire_seconds integer NOT NULL,
    retention_seconds integer NOT NULL,
    deletion_seconds integer NOT NULL,
    dead_letter text,
    partition boolean NOT NULL,
    table_name text NOT NULL,
    deferred_count integer DEFAULT 0 NOT NULL,
    blocked_count integer DEFAULT 0 NOT NULL,
    queued_count integer DEFAULT 0 NOT NULL,
    ready_count integer DEFAULT 0 NOT NULL,
    warning_queued integer DEFAULT 0 NOT NULL,
    active_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    total_count integer DEFAULT 0 NOT NULL,
    retained_count integer,
    retained_on timestamp with time zone,
    created_delta integer DEFAULT 0 NOT NULL,
    completed_delta integer DEFAULT 0 NOT NULL,
    failed_delta integer DEFAULT 0 NOT NULL,
    delta_on timestamp with time zone,
    delta_seconds integer,
    wait_bins integer[],
    run_bins integer[],
    ready_oldest_seconds integer,
    ready_history integer[] DEFAULT '{}'::integer[] NOT NULL,
    heartbeat_seconds integer,
    notify boolean DEFAULT false NOT NULL,
    singletons_active text[],
    monitor_claim_on timestamp with time zone,
    monitor_on timestamp with time zone,
    maintain_on timestamp with time zone,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    updated_on timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT queue_check CHECK ((dead_letter IS DISTINCT FROM name))
);
CREATE TABLE pgboss.queue_stats (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    deferred_count integer DEFAULT 0 NOT NULL,
    queued_count integer DEFAULT 0 NOT NULL,
    ready_count integer DEFAULT 0 NOT NULL,
    active_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    total_count integer DEFAULT 0 NOT NULL,
    created_delta integer,
    completed_delta integer,
    failed_delta integer,
    delta_seconds integer,
    delta_on timestamp with time zone,
    wait_bins integer[],
    run_bins integer[],
    ready_oldest_seconds integer,
    captured_on timestamp with time zone DEFAULT now() NOT NULL
)
PARTITION BY RANGE (captured_on);
CREATE TABLE pgboss.queue_stats_20261127 (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    deferred_count integer DEFAULT 0 NOT NULL,
    queued_count integer DEFAULT 0 NOT NULL,
    ready_count integer DEFAULT 0 NOT NULL,
    active_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    total_count integer DEFAULT 0 NOT NULL,
    created_delta integer,
    completed_delta integer,
    failed_delta integer,
    delta_seconds integer,
    delta_on timestamp with time zone,
    wait_bins integer[],
    run_bins integer[],
    ready_oldest_seconds integer,
    captured_on timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE pgboss.queue_stats_20261128 (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    deferred_count integer DEFAULT 0 NOT NULL,
    queued_count integer DEFAULT 0 NOT NULL,
    ready_count integer DEFAULT 0 NOT NULL,
    active_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    total_count integer DEFAULT 0 NOT NULL,
    created_delta integer,
    completed_delta integer,
    failed_delta integer,
    delta_seconds integer,
    delta_on timestamp with time zone,
    wait_bins integer[],
    run_bins integer[],
    ready_oldest_seconds integer,
    captured_on timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE pgboss.schedule (
    name text NOT NULL,
    key text DEFAULT ''::text NOT NULL,
    kind text DEFAULT 'cron'::text NOT NULL,
    cron text NOT NULL,
    timezone text DEFAULT 'UTC'::text,
    data jsonb,
    options jsonb,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    updated_on timestamp with time zone DEFAULT now() NOT NULL,
    last_job_id uuid,
    CONSTRAINT schedule_kind_check CHECK ((kind = ANY (ARRAY['cron'::text, 'rrule'::text])))
);
CREATE TABLE pgboss.subscription (
    event text NOT NULL,
    name text NOT NULL,
    created_on timestamp with time zone DEFAULT now() NOT NULL,
    updated_on timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE pgboss.version (
    version integer NOT NULL,
    cron_on timestamp with time zone,
    bam_on timestamp with time zone,
    flow_on timestamp with time zone,
    reindex_on timestamp with time zone,
    monitor_backoff_on timestamp with time zone
);
CREATE TABLE pgboss.warning (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    type text NOT NULL,
    message text NOT NULL,
    data jsonb,
    created_on timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.api_keys (
    key_id text NOT NULL,
    tenant_id text NOT NULL,
    name text NOT NULL,
    hash text NOT NULL,
    last4 text NOT NULL,
    scopes jsonb NOT NULL,
    networks jsonb NOT NULL,
    created_ms bigint NOT NULL,
    expires_ms bigint,
    revoked_ms bigint
);
CREATE TABLE public.apps (
    sdk_app_id bigint NOT NULL,
    tenant_id text NOT NULL,
    engine text NOT NULL,
    sealed_secrets text NOT NULL,
    created_ms bigint NOT NULL,
    updated_ms bigint NOT NULL
);
CREATE TABLE public.deliveries (
    id text NOT NULL,
    event_id text NOT NULL,
    sealed_url text NOT NULL,
    state text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    last_status integer,
    last_error text,
    next_attempt_ms bigint,
    created_ms bigint NOT NULL,
    settled_ms bigint
);
CREATE TABLE public.events (
    id text NOT NULL,
    tenant_id text NOT NULL,
    recording_id text,
    type text NOT NULL,
    body text NOT NULL,
    created_ms bigint NOT NULL
);
CREATE TABLE public.files (
    track_id text NOT NULL,
    part integer NOT NULL,
    key text NOT NULL,
    url text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    start_ms bigint NOT NULL,
    end_ms bigint NOT NULL,
    duration_ms bigint NOT NULL,
    gap_ms bigint NOT NULL,
    gaps jsonb NOT NULL,
    partial boolean NOT NULL,
    trims jsonb DEFAULT '[]'::jsonb NOT NULL,
    frames bigint DEFAULT 0 NOT NULL,
    sample_rate integer DEFAULT 48000 NOT NULL,
    channels integer DEFAULT 1 NOT NULL
);
CREATE TABLE public.idempotency_keys (
    tenant_id text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    created_ms bigint NOT NULL,
    status integer,
    headers jsonb,
    body text
);
CREATE TABLE public.kysely_migration (
    name character varying(255) NOT NULL,
    "timestamp" character varying(255) NOT NULL
);
CREATE TABLE public.kysely_migration_lock (
    id character varying(255) NOT NULL,
    is_locked integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.master_key_check (
    sealed text NOT NULL
);
CREATE TABLE public.members (
    sdk_app_id bigint NOT NULL,
    room_key text NOT NULL,
    user_id text NOT NULL,
    present boolean,
    present_ms bigint DEFAULT 0 NOT NULL,
    anchor boolean,
    anchor_ms bigint DEFAULT 0 NOT NULL,
    audible boolean,
    audible_ms bigint DEFAULT 0 NOT NULL,
    anchored_ms bigint DEFAULT 0 NOT NULL,
    kicked_ms bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.pauses (
    id text NOT NULL,
    recording_id text NOT NULL,
    user_id text,
    start_ms bigint NOT NULL,
    end_ms bigint
);
CREATE TABLE public.recordings (
    id text NOT NULL,
    tenant_id text NOT NULL,
    sdk_app_id bigint NOT NULL,
    room_key text NOT NULL,
    user_id text NOT NULL,
    status text NOT NULL,
    reason text,
    message text DEFAULT ''::text NOT NULL,
    generation integer DEFAULT 0 NOT NULL,
    node_id text,
    job_id uuid NOT NULL,
    options jsonb NOT NULL,
    sealed_secrets text NOT NULL,
    stop_requested_ms bigint,
    created_ms bigint NOT NULL,
    started_ms bigint,
    ended_ms bigint,
    completed_ms bigint,
    timeline_file text
);
CREATE TABLE public.room_events (
    dedupe_key text NOT NULL,
    sdk_app_id bigint NOT NULL,
    room_key text,
    event_group bigint NOT NULL,
    event_type bigint NOT NULL,
    received_ms bigint NOT NULL,
    body text NOT NULL,
    user_id text
);
CREATE TABLE public.rooms (
    sdk_app_id bigint NOT NULL,
    room_key text NOT NULL,
    dismissed_ms bigint DEFAULT 0 NOT NULL,
    updated_ms bigint NOT NULL
);
CREATE TABLE public.segments (
    track_id text NOT NULL,
    seq integer NOT NULL,
    part integer NOT NULL,
    first_frame bigint NOT NULL,
    frames bigint NOT NULL,
    key text NOT NULL,
    url text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    start_ms bigint NOT NULL,
    end_ms bigint NOT NULL,
    duration_ms bigint NOT NULL,
    gap_ms bigint NOT NULL,
    sample_rate integer NOT NULL,
    channels integer NOT NULL,
    partial boolean NOT NULL
);
CREATE TABLE public.sources (
    id text NOT NULL,
    recording_id text NOT NULL,
    user_id text NOT NULL,
    generation integer NOT NULL,
    robot_id text NOT NULL,
    task_id text,
    relay_status text,
    relay_status_ms bigint DEFAULT 0 NOT NULL,
    created_ms bigint NOT NULL,
    stopped_ms bigint
);
CREATE TABLE public.tenants (
    id text NOT NULL,
    name text NOT NULL,
    sealed_callback_secret text NOT NULL,
    created_ms bigint NOT NULL
);
CREATE TABLE public.tracks (
    id text NOT NULL,
    recording_id text NOT NULL,
    user_id text NOT NULL,
    number integer NOT NULL,
    generation integer NOT NULL,
    label text NOT NULL,
    created_ms bigint NOT NULL,
    closed_ms bigint,
    message text DEFAULT ''::text NOT NULL
);
ALTER TABLE ONLY pgboss.job ATTACH PARTITION pgboss.job_common DEFAULT;
ALTER TABLE ONLY pgboss.queue_stats ATTACH PARTITION pgboss.queue_stats_20261127 FOR VALUES FROM ('2026-11-27 00:00:00+00') TO ('2026-11-28 00:00:00+00');
ALTER TABLE ONLY pgboss.queue_stats ATTACH PARTITION pgboss.queue_stats_20261128 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-11-29 00:00:00+00');
INSERT INTO pgboss.job_common VALUES
	('21ce50f3-981a-4510-aedf-9eb06dcffd03', 'callback', 0, '{"deliveryId": "dlv_01M8FCPRSKFXTYJ5CHR8CEJDD7"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:15.409099+00', '2026-11-27 20:56:15.409099+00', '2026-11-27 20:56:15.426705+00', '2026-11-27 20:56:15.474546+00', '2026-12-27 20:56:15.409099+00', NULL, NULL, 'standard', '2026-11-27 20:56:15.426705+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('0370e7ab-04b4-4a3c-b045-3b755c88a44a', 'callback', 0, '{"deliveryId": "dlv_01M8FCPRXGGXH0W1MKYPZN5CGG"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:15.535276+00', '2026-11-27 20:56:15.535276+00', '2026-11-27 20:56:15.542656+00', '2026-11-27 20:56:15.561556+00', '2026-12-27 20:56:15.535276+00', NULL, NULL, 'standard', '2026-11-27 20:56:15.542656+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('fd676d38-c81f-410a-b9e5-cf2bce9dd6cc', 'callback', 0, '{"deliveryId": "dlv_01M8FCPS0X7KXP0GAHVF2RPY5M"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:15.63049+00', '2026-11-27 20:56:15.63049+00', '2026-11-27 20:56:15.651461+00', '2026-11-27 20:56:15.663693+00', '2026-12-27 20:56:15.63049+00', NULL, NULL, 'standard', '2026-11-27 20:56:15.651461+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('cc04a181-9259-47d6-a591-cc32400c5be6', 'callback', 0, '{"deliveryId": "dlv_01M8FCPS2VZZ2M978N986F8W66"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:15.705207+00', '2026-11-27 20:56:15.705207+00', '2026-11-27 20:56:15.71479+00', '2026-11-27 20:56:15.728497+00', '2026-12-27 20:56:15.705207+00', NULL, NULL, 'standard', '2026-11-27 20:56:15.71479+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('72ba1765-fc9f-4242-b241-3facf3807111', 'callback', 0, '{"deliveryId": "dlv_01M8FCPT8F3DNHQ11JN1XKK502"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:16.909284+00', '2026-11-27 20:56:16.909284+00', '2026-11-27 20:56:16.924117+00', '2026-11-27 20:56:16.935952+00', '2026-12-27 20:56:16.909284+00', NULL, NULL, 'standard', '2026-11-27 20:56:16.924117+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('ba1b772f-b24b-4b54-9730-abdd6215d626', 'recording', 0, '{"recordingId": "rec_01M8FCPPPR5M7S7NRES1HSYTZC"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8FCPPPR5M7S7NRES1HSYTZC', NULL, NULL, NULL, '2026-11-27 20:56:13.274043+00', '2026-11-27 20:56:13.274043+00', '2026-11-27 20:56:13.294034+00', '2026-11-27 20:56:17.294749+00', '2027-11-27 20:56:13.274043+00', NULL, NULL, 'exclusive', '2026-11-27 20:56:15.484174+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('ab06c594-4212-47e0-9d6d-3ce42ad642c2', 'callback', 0, '{"deliveryId": "dlv_01M8FCPTMGEYRVYJETENQ532AA"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:17.294749+00', '2026-11-27 20:56:17.294749+00', '2026-11-27 20:56:17.303062+00', '2026-11-27 20:56:17.350368+00', '2026-12-27 20:56:17.294749+00', NULL, NULL, 'standard', '2026-11-27 20:56:17.303062+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('2f986b15-3306-49b8-9932-0a16aaabf73b', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ0GXZHQD6HA156Z504TY"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:23.323162+00', '2026-11-27 20:56:23.323162+00', '2026-11-27 20:56:23.356959+00', '2026-11-27 20:56:23.470864+00', '2026-12-27 20:56:23.323162+00', NULL, NULL, 'standard', '2026-11-27 20:56:23.356959+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('b1bb7465-ba41-4bf4-b6d4-e87f51ca1021', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ0H0T5N4VYHPB3N0GDY1"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:23.327427+00', '2026-11-27 20:56:23.327427+00', '2026-11-27 20:56:23.395655+00', '2026-11-27 20:56:23.543096+00', '2026-12-27 20:56:23.327427+00', NULL, NULL, 'standard', '2026-11-27 20:56:23.395655+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('ae4dc916-c3a3-40e5-b79b-37445b30648b', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ2T450JZY1480ARJHNK0"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:25.667173+00', '2026-11-27 20:56:25.667173+00', '2026-11-27 20:56:25.672237+00', '2026-11-27 20:56:25.680902+00', '2026-12-27 20:56:25.667173+00', NULL, NULL, 'standard', '2026-11-27 20:56:25.672237+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('d4d25085-3c19-49cd-a0d1-763fdf6f04c7', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ64R81D5PDP6P65F14N2"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:29.077823+00', '2026-11-27 20:56:29.077823+00', '2026-11-27 20:56:29.085218+00', '2026-11-27 20:56:29.104254+00', '2026-12-27 20:56:29.077823+00', NULL, NULL, 'standard', '2026-11-27 20:56:29.085218+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('513463a9-9a11-4862-aca6-e20f558a7468', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ2V17QNGMA48WX0XRKGQ"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:25.696789+00', '2026-11-27 20:56:25.696789+00', '2026-11-27 20:56:25.702292+00', '2026-11-27 20:56:25.714725+00', '2026-12-27 20:56:25.696789+00', NULL, NULL, 'standard', '2026-11-27 20:56:25.702292+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('584c424f-3b8e-4c54-ba21-80e9c210dcc4', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ33T31V9ATGVMRSH6NQB"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:25.977237+00', '2026-11-27 20:56:25.977237+00', '2026-11-27 20:56:25.984414+00', '2026-11-27 20:56:26.016014+00', '2026-12-27 20:56:25.977237+00', NULL, NULL, 'standard', '2026-11-27 20:56:25.984414+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('97134799-a23a-479e-a532-f7265a2ef88f', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ34J95H40VJ0G7EYHS6X"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:25.993872+00', '2026-11-27 20:56:25.993872+00', '2026-11-27 20:56:26.01729+00', '2026-11-27 20:56:26.044966+00', '2026-12-27 20:56:25.993872+00', NULL, NULL, 'standard', '2026-11-27 20:56:26.01729+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('797c4282-b01e-41e3-a8d7-4677994137e9', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ3594GGVDM376A924QK5"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:26.017856+00', '2026-11-27 20:56:26.017856+00', '2026-11-27 20:56:26.038073+00', '2026-11-27 20:56:26.0556+00', '2026-12-27 20:56:26.017856+00', NULL, NULL, 'standard', '2026-11-27 20:56:26.038073+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('2b2dd626-78e6-4c49-948f-42fe36c2b47f', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ4KRJSYVR32RA6HZKM16"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:27.511517+00', '2026-11-27 20:56:27.511517+00', '2026-11-27 20:56:27.519469+00', '2026-11-27 20:56:27.527385+00', '2026-12-27 20:56:27.511517+00', NULL, NULL, 'standard', '2026-11-27 20:56:27.519469+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('ecbabfb8-9b27-4adf-badd-76a3a0fd3790', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ4PHHZGA3789RKQYT89G"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:27.600656+00', '2026-11-27 20:56:27.600656+00', '2026-11-27 20:56:27.607593+00', '2026-11-27 20:56:27.654384+00', '2026-12-27 20:56:27.600656+00', NULL, NULL, 'standard', '2026-11-27 20:56:27.607593+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('3e02333a-0f90-46b7-98da-9cde02665da3', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ4WCVAVTKSWKDVVY1J87"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:27.786741+00', '2026-11-27 20:56:27.786741+00', '2026-11-27 20:56:27.792494+00', '2026-11-27 20:56:27.79905+00', '2026-12-27 20:56:27.786741+00', NULL, NULL, 'standard', '2026-11-27 20:56:27.792494+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('6ee312de-d027-4d20-801f-866aea103177', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ54BWBMGWNAGK5ZY50C3"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:28.042395+00', '2026-11-27 20:56:28.042395+00', '2026-11-27 20:56:28.064099+00', '2026-11-27 20:56:28.072486+00', '2026-12-27 20:56:28.042395+00', NULL, NULL, 'standard', '2026-11-27 20:56:28.064099+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('786b049d-bfd7-4f6b-8baf-5d6bae249a75', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ53FCGM9S95G7SNC089V"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:28.012338+00', '2026-11-27 20:56:28.012338+00', '2026-11-27 20:56:28.044944+00', '2026-11-27 20:56:28.075164+00', '2026-12-27 20:56:28.012338+00', NULL, NULL, 'standard', '2026-11-27 20:56:28.044944+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('2fce662c-c95d-4664-b17e-e174169b4990', 'recording', 0, '{"recordingId": "rec_01M8FCPPR8F3K9V74M009V6S09"}', 'active', 1000000, 1, 0, false, NULL, 86400, 86400, 'rec_01M8FCPPR8F3K9V74M009V6S09', NULL, NULL, NULL, '2026-11-27 20:56:22.637777+00', '2026-11-27 20:56:13.321672+00', '2026-11-27 20:56:22.812309+00', NULL, '2027-11-27 20:56:13.321672+00', '{"reason": "node restarted"}', NULL, 'exclusive', '2026-11-27 20:56:28.71127+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('ca9196cf-e47d-4a2b-ae5a-62cbc612de62', 'recording', 0, '{"recordingId": "rec_01M8FCQ0YC2V5BBCDEVYS5FJK8"}', 'active', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', NULL, NULL, NULL, '2026-11-27 20:56:23.756391+00', '2026-11-27 20:56:23.756391+00', '2026-11-27 20:56:23.780684+00', NULL, '2027-11-27 20:56:23.756391+00', NULL, NULL, 'exclusive', '2026-11-27 20:56:28.71127+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('1104edca-250b-4822-956f-9937068e9b01', 'recording', 0, '{"recordingId": "rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8"}', 'active', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8', NULL, NULL, NULL, '2026-11-27 20:56:23.808073+00', '2026-11-27 20:56:23.808073+00', '2026-11-27 20:56:23.820367+00', NULL, '2027-11-27 20:56:23.808073+00', NULL, NULL, 'exclusive', '2026-11-27 20:56:28.71127+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('e859c614-f4bf-4ef9-b412-cc86966e6a7a', 'recording', 0, '{"recordingId": "rec_01M8FCQ10Z5EW3FVTHZQGCG1VY"}', 'active', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8FCQ10Z5EW3FVTHZQGCG1VY', NULL, NULL, NULL, '2026-11-27 20:56:23.839625+00', '2026-11-27 20:56:23.839625+00', '2026-11-27 20:56:23.867175+00', NULL, '2027-11-27 20:56:23.839625+00', NULL, NULL, 'exclusive', '2026-11-27 20:56:28.71127+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('075288e2-d1fe-4d38-868c-c88901238cdf', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ64R81D5PDP6P65F14N2"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:33.031+00', '2026-11-27 20:56:31.093097+00', NULL, NULL, '2026-12-27 20:56:33.031+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('84f7107c-424c-4eb0-8d13-64bd80af0fcc', 'callback', 0, '{"deliveryId": "dlv_01M8FCQ64R81D5PDP6P65F14N2"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-27 20:56:30.092+00', '2026-11-27 20:56:29.097996+00', '2026-11-27 20:56:31.083686+00', '2026-11-27 20:56:31.096603+00', '2026-12-27 20:56:30.092+00', NULL, NULL, 'standard', '2026-11-27 20:56:31.083686+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('26a1a772-42f0-4f70-ac00-ff6c7479e1f9', 'recording', 0, '{"recordingId": "rec_01M8FCQ11KHRPTXYEQDANGQEH0"}', 'active', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8FCQ11KHRPTXYEQDANGQEH0', NULL, NULL, NULL, '2026-11-27 20:56:23.859696+00', '2026-11-27 20:56:23.859696+00', '2026-11-27 20:56:23.867175+00', NULL, '2027-11-27 20:56:23.859696+00', NULL, NULL, 'exclusive', '2026-11-27 20:56:28.71127+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO pgboss.queue VALUES
	('__pgboss__send-it', 'standard', 2, 0, false, NULL, 900, 1209600, 604800, NULL, false, 'job_common', 0, 0, 0, 0, 0, 0, 0, 0, 0, '2026-11-27 20:56:19.195787+00', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '{0,0,0,0,0}', NULL, false, NULL, '2026-11-27 20:56:29.194482+00', '2026-11-27 20:56:29.195787+00', '2026-11-27 20:56:13.645784+00', '2026-11-27 20:56:10.614148+00', '2026-11-27 20:56:10.614148+00'),
	('callback', 'standard', 1000000, 5, false, NULL, 60, 2592000, 3600, NULL, false, 'job_common', 1, 0, 1, 0, 0, 0, 0, 20, 6, '2026-11-27 20:56:19.195787+00', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '{0,0,0,0,0}', NULL, true, NULL, '2026-11-27 20:56:29.194482+00', '2026-11-27 20:56:29.195787+00', '2026-11-27 20:56:13.645784+00', '2026-11-27 20:56:10.703095+00', '2026-11-27 20:56:10.703095+00'),
	('recording', 'exclusive', 1000000, 0, false, NULL, 86400, 31536000, 86400, NULL, false, 'job_common', 0, 0, 0, 0, 0, 5, 0, 6, 1, '2026-11-27 20:56:19.195787+00', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '{0,0,0,0,0}', 10, false, NULL, '2026-11-27 20:56:29.194482+00', '2026-11-27 20:56:29.195787+00', '2026-11-27 20:56:13.645784+00', '2026-11-27 20:56:10.688927+00', '2026-11-27 20:56:10.688927+00'),
	('retention', 'singleton', 2, 0, false, NULL, 900, 1209600, 86400, NULL, false, 'job_common', 0, 0, 0, 0, 0, 0, 0, 0, 0, '2026-11-27 20:56:19.195787+00', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '{0,0,0,0,0}', NULL, false, NULL, '2026-11-27 20:56:29.194482+00', '2026-11-27 20:56:29.195787+00', '2026-11-27 20:56:13.645784+00', '2026-11-27 20:56:10.706567+00', '2026-11-27 20:56:10.706567+00');
INSERT INTO pgboss.schedule VALUES
	('retention', '', 'cron', '17 3 * * *', 'UTC', NULL, '{}', '2026-11-27 20:56:10.827194+00', '2026-11-27 20:56:20.176922+00', NULL);
INSERT INTO pgboss.version VALUES
	(46, '2026-11-27 20:56:10.691178+00', '2026-11-27 20:56:10.663673+00', '2026-11-27 20:56:30.118083+00', '2026-11-27 20:56:13.755149+00', NULL);
INSERT INTO public.api_keys VALUES
	('14CgUWGndW', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'backend', 'd7375973a7a505c79d0dbd52aa1c96e80f1b2dd6cd1143e5ec8de6a66f9b8cb8', 'JIZi', '["recordings:read", "recordings:write"]', '[]', 1795812973131, NULL, NULL);
INSERT INTO public.apps VALUES
	(1400000001, 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'relay', 'Aam56mKbMGOn_rtvmIqRu-xcpXoE8fXz-z3hSaTSekXYlOfD6Jmbw_Rk9BhjcrRACgchuc0IYfUyFzzm-QYdi-G_Nyz0CL92AyYGWHFsITDeQ9jQ3gqAj-pSKmPA975p3f7FTQ5G1OujauVoDOjunUfljulpVvtHtGrM-CLALa6zil6DM-B4y7ekc5hE46USNtxNFRi_JpRUDJKrYOUqFrCSgzpU4m0iZA2uorMpeRmCbNXEa2eh2B-EPv5rvwR2F2re1ihYiqFzjuayzaoVM0bY-n_NoLyfh8GtjJd3e92FAxnfb8Ek2g7wtuCXDiMDceLRy3gbrLSGWmjRqkEL5UKdURqRIlUZk2UuzwZmnhdAMSbMome__TRK97qcHZbxZTlInVV__JnUjli6Qm0EGWKb4e1aQGe6GT-1M6XcoUG0Cdea40N_RgNfRjIjU9hdzzqa_2UikvFPxs7xAV5pQ2i4U0gHr9CFWAGvUMWidiqWuk-ycaVoYKh_DPbf6NMFXFtRydjHmBm7ucIPUebWYr7aVE6ZirX7SvoDliqZtFZ-dOLVOE7PU6Vaf0bl3PVJ8XF-3YiHc46L1WFEicDyVfiVcbfIvDjlRj65gKy9RN3K1UE7IiIFSsRCOMlmLAm47Rcb6HFgTAWNYH0Gk3asL0RyqAHl5LH3SC3Yilncn9u7w7sHaR75bmYV6vU', 1795812973151, 1795812973151);
INSERT INTO public.deliveries VALUES
	('dlv_01M8FCPRSKFXTYJ5CHR8CEJDD7', 'evt_01M8FCPRSKFXTYJ5CHR8CEJDD6', 'AfoQkQysJ-K3kGwmvp4u8Z1HuvJciw8Mpq-xLpHzO8kBiF_OAskjp7sexEzMQwJtA6xwT0nCirCRaMcJUg', 'delivered', 1, 200, NULL, NULL, 1795812975411, 1795812975468),
	('dlv_01M8FCPRXGGXH0W1MKYPZN5CGG', 'evt_01M8FCPRXGGXH0W1MKYPZN5CGF', 'AW3FTYo0ZzHMgFZ_kOgkgS4c6PAD1e79X4nWmeMUdbhAgt5UZYH0UG2ZYan52VKmDdiapr9OpNLM7f_Pkg', 'delivered', 1, 200, NULL, NULL, 1795812975536, 1795812975554),
	('dlv_01M8FCPS0X7KXP0GAHVF2RPY5M', 'evt_01M8FCPS0W60QH0P9ZKSZ6W2J7', 'AaL7Z41FIZRQzKCM84WccKHGt244wdJH15MR4QEcr8QxH3BkNqkXiqCVgaW_2BJyPkN9rrxNwfhkGgjXPQ', 'delivered', 1, 200, NULL, NULL, 1795812975644, 1795812975659),
	('dlv_01M8FCPS2VZZ2M978N986F8W66', 'evt_01M8FCPS2TVPYREBR3EYW74PDF', 'AVLaJs89dK1EQHUC720FyDezrVCSgF6dA6biZDKi_j1i7qNsVmA8hAg4F-LYxevUzLtTk00ZFg_2W09PFw', 'delivered', 1, 200, NULL, NULL, 1795812975706, 1795812975726),
	('dlv_01M8FCPT8F3DNHQ11JN1XKK502', 'evt_01M8FCPT8E6TKBAQ4J8ZPAYH9Z', 'Af6ugAQFJl0SBCBlt1WRI6MQVXY0eqgJ5TArFQ3-Jp1NDwxjUi79zMOF_v6YYUqZj2cnncWMUfToTp9vsg', 'delivered', 1, 200, NULL, NULL, 1795812976910, 1795812976932),
	('dlv_01M8FCPTMGEYRVYJETENQ532AA', 'evt_01M8FCPTMGEYRVYJETENQ532A9', 'AanYMEr8Pa_ErNNkRiUlEHYgYDarZWD6XXMxTdT9iHOeGpXJ4qkpSMhueWaJB4s8wb26E2sin8vWCHNlzA', 'delivered', 1, 200, NULL, NULL, 1795812977294, 1795812977309),
	('dlv_01M8FCQ0GXZHQD6HA156Z504TY', 'evt_01M8FCQ0GXZHQD6HA156Z504TX', 'AZUeUXypoEZOOnFUe5xK5d7LnRwi6SzY_Qgrna_RdQ_AMn2lNstqOWAZkeicy5bIVJ2FSoUVIiHWWL79Zg', 'delivered', 1, 200, NULL, NULL, 1795812983325, 1795812983386),
	('dlv_01M8FCQ0H0T5N4VYHPB3N0GDY1', 'evt_01M8FCQ0H0T5N4VYHPB3N0GDY0', 'Aa_OcQNqTq1rPRsXx8rNhPKKzDFDBrV4btKiSuI2cbcFOFTLpyq1vVGUQXY-2x5YLQG4PqFj3tKqxqZWsQ', 'delivered', 1, 200, NULL, NULL, 1795812983328, 1795812983503),
	('dlv_01M8FCQ2T450JZY1480ARJHNK0', 'evt_01M8FCQ2T450JZY1480ARJHNJZ', 'AeCG5x8WtYn1oh_OA7cUponKtWGfoJjtdmRUPt_phhg4IvX8HmoyUHlzo5DfsmV4miipYfQa6UkoZ6zkSA', 'delivered', 1, 200, NULL, NULL, 1795812985668, 1795812985679),
	('dlv_01M8FCQ2V17QNGMA48WX0XRKGQ', 'evt_01M8FCQ2V17QNGMA48WX0XRKGP', 'AeQndeyNXSV0iOJWdSTcQqJxqAOfK3RL9Q9vRc1PmXw52LHWt6sNVlsALy22IndcM0hauW6SxUIJ0-iWRQ', 'delivered', 1, 200, NULL, NULL, 1795812985697, 1795812985711),
	('dlv_01M8FCQ33T31V9ATGVMRSH6NQB', 'evt_01M8FCQ33T31V9ATGVMRSH6NQA', 'AZ_xBTaS2X28_0kfUf92DdJhK7YxDqKL2NiyBIQfjEgQBd5sVR7CE9BZlQzmPfeBeHfojq4wxWMvbntovg', 'delivered', 1, 200, NULL, NULL, 1795812985978, 1795812986005),
	('dlv_01M8FCQ34J95H40VJ0G7EYHS6X', 'evt_01M8FCQ34J95H40VJ0G7EYHS6W', 'AZyBYuvIDTrzprh1SiBYUO816onmspMN9hPRo_gg0tafYTt2YKOoHxQH8c2TAaozTDBeVgElKcnYMUYckA', 'delivered', 1, 200, NULL, NULL, 1795812986002, 1795812986031),
	('dlv_01M8FCQ3594GGVDM376A924QK5', 'evt_01M8FCQ3594GGVDM376A924QK4', 'AQZF5Kd-13N_awsCeesxVcAXxbABsI2nEfTDghd9JfMLC_XjPTTEVXzfgWczI1JU8tSnAUR1XddroZwNyg', 'delivered', 1, 200, NULL, NULL, 1795812986025, 1795812986051),
	('dlv_01M8FCQ4KRJSYVR32RA6HZKM16', 'evt_01M8FCQ4KRJSYVR32RA6HZKM15', 'AbfrP83F88I4IXoH8cwiRrcGYIvrUYVMxQx4r0-kd2Y-ajn0cbRITD76eDNrACbG4h8jZYd3A_HQaZnefA', 'delivered', 1, 200, NULL, NULL, 1795812987512, 1795812987526),
	('dlv_01M8FCQ4PHHZGA3789RKQYT89G', 'evt_01M8FCQ4PHHZGA3789RKQYT89F', 'AZZ7E7JWdlWamaiPaINgPM796mG2YX2gewembb03kwuiHvzr0aqtcOo-pKzaoEJvzpOCP9abx45FkZmtjQ', 'delivered', 1, 200, NULL, NULL, 1795812987601, 1795812987616),
	('dlv_01M8FCQ4WCVAVTKSWKDVVY1J87', 'evt_01M8FCQ4WCVAVTKSWKDVVY1J86', 'Ab3qwKBrscKITu6PTEuGuRtzrteZlCdU3tEiv5MzbRFoOoTm7GPsCnaUAQi3iyAOwOBaxi-kGXiJgPyZQA', 'delivered', 1, 200, NULL, NULL, 1795812987788, 1795812987797),
	('dlv_01M8FCQ53FCGM9S95G7SNC089V', 'evt_01M8FCQ53FCGM9S95G7SNC089T', 'AfzJL68Y2UkhCToNwCkzfW_pYoKca-5fmqYG_4DvxddWe1PCGG9Lj-fwQxztxuuPGI2RcGsNL_PJQHTx2A', 'delivered', 1, 200, NULL, NULL, 1795812988015, 1795812988056),
	('dlv_01M8FCQ54BWBMGWNAGK5ZY50C3', 'evt_01M8FCQ54BWBMGWNAGK5ZY50C2', 'AdLTmnTh0dqMxqutl9Ptmo8rriZQJUOz6yVVeNWaHzjSNCxU4ZYmLKOx46qfxIQDW06OLxcBSnsBPduIzg', 'delivered', 1, 200, NULL, NULL, 1795812988043, 1795812988068),
	('dlv_01M8FCQ64R81D5PDP6P65F14N2', 'evt_01M8FCQ64R81D5PDP6P65F14N1', 'Ad6hOJrIsjM7DZ1hF3LPv2HCubC74h2C7OHg577sfP_wzxNZXClKeChKfCu1_UMtzt_aYRRTNmpysxHErg', 'waiting', 2, 503, 'overloaded', 1795812993031, 1795812989080, NULL);
INSERT INTO public.events VALUES
	('evt_01M8FCPRSKFXTYJ5CHR8CEJDD6', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCPRSKFXTYJ5CHR8CEJDD6","Type":"segment.uploaded","TimestampMs":1795812975411,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"changing","TrackId":"trk_01M8FCPQ18PN1D9DCVBDTAMWAA","Seq":1,"StartMs":1795812973771,"EndMs":1795812975243,"DurationMs":1472,"GapMs":0,"Bytes":1778,"Sha256":"e75c279ba9f6b061b1efb9e53d739cdebc8b77fd867ed1cd685aae604d2590fa","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000001_1795812973771.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000001_1795812973771.m4a","Label":""},"Metadata":{}}', 1795812975411),
	('evt_01M8FCPRXGGXH0W1MKYPZN5CGF', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPPR5M7S7NRES1HSYTZC', 'segment.uploaded', '{"Id":"evt_01M8FCPRXGGXH0W1MKYPZN5CGF","Type":"segment.uploaded","TimestampMs":1795812975536,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"finished","UserId":"rec_1","RecordingId":"rec_01M8FCPPPR5M7S7NRES1HSYTZC","Segment":{"UserId":"guest","TrackId":"trk_01M8FCPPZWTEHKK2Q9F6RMWDDG","Seq":1,"StartMs":1795812973750,"EndMs":1795812975286,"DurationMs":1536,"GapMs":0,"Bytes":1820,"Sha256":"b238f765df912589c39ddd3b4b43be0336f906b325ccc91b1a388a8f30f523df","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/segments/00000001_1795812973750.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/segments/00000001_1795812973750.m4a","Label":""},"Metadata":{"Lesson":7}}', 1795812975536),
	('evt_01M8FCPS0W60QH0P9ZKSZ6W2J7', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCPS0W60QH0P9ZKSZ6W2J7","Type":"segment.uploaded","TimestampMs":1795812975644,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"changing","TrackId":"trk_01M8FCPQ18PN1D9DCVBDTAMWAA","Seq":2,"StartMs":1795812975243,"EndMs":1795812975336,"DurationMs":93,"GapMs":0,"Bytes":772,"Sha256":"320bb717abdc44114ecdc94bfc0a463a6b622eca4231723b020df145c238df05","Codec":"aac","SampleRate":44100,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000002_1795812975243.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000002_1795812975243.m4a","Label":""},"Metadata":{}}', 1795812975644),
	('evt_01M8FCPS2TVPYREBR3EYW74PDF', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCPS2TVPYREBR3EYW74PDF","Type":"segment.uploaded","TimestampMs":1795812975706,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"steady","TrackId":"trk_01M8FCPQ18PN1D9DCVBDTAMWAB","Seq":1,"StartMs":1795812973761,"EndMs":1795812975340,"DurationMs":1579,"GapMs":0,"Bytes":1848,"Sha256":"3de016d672c0f5303348d3cf11974ce385c735f0f291f4aa9342d6c9ab7aff89","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments/00000001_1795812973761.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments/00000001_1795812973761.m4a","Label":""},"Metadata":{}}', 1795812975706),
	('evt_01M8FCPT8E6TKBAQ4J8ZPAYH9Z', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPPR5M7S7NRES1HSYTZC', 'segment.uploaded', '{"Id":"evt_01M8FCPT8E6TKBAQ4J8ZPAYH9Z","Type":"segment.uploaded","TimestampMs":1795812976910,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"finished","UserId":"rec_1","RecordingId":"rec_01M8FCPPPR5M7S7NRES1HSYTZC","Segment":{"UserId":"guest","TrackId":"trk_01M8FCPPZWTEHKK2Q9F6RMWDDG","Seq":2,"StartMs":1795812975286,"EndMs":1795812976737,"DurationMs":1451,"GapMs":0,"Bytes":1764,"Sha256":"7d6474815335b3869e1df180e4e3e7e916ddd589c5f5efe3976470b5ff7e76aa","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/segments/00000002_1795812975286.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/segments/00000002_1795812975286.m4a","Label":""},"Metadata":{"Lesson":7}}', 1795812976910),
	('evt_01M8FCPTMGEYRVYJETENQ532A9', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPPR5M7S7NRES1HSYTZC', 'recording.completed', '{"Id":"evt_01M8FCPTMGEYRVYJETENQ532A9","Type":"recording.completed","TimestampMs":1795812977294,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"finished","UserId":"rec_1","RecordingId":"rec_01M8FCPPPR5M7S7NRES1HSYTZC","Reason":"RoomDismissed","Message":"","StartMs":1795812973752,"EndMs":1795812976771,"Files":[{"UserId":"guest","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/track.m4a","Status":1,"Message":"","Key":"lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/track.m4a","Bytes":2964,"Sha256":"1ac5cc0855ba1b5fce29c9c526272eae7b7140e5f744494ede3c4b563c88bdce","DurationMs":2987,"StartMs":1795812973750,"EndMs":1795812976737,"GapMs":0,"Partial":false,"Label":""}],"TimelineFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/timeline.json","Metadata":{"Lesson":7}}', 1795812977294),
	('evt_01M8FCQ0GXZHQD6HA156Z504TX', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCQ0GXZHQD6HA156Z504TX","Type":"segment.uploaded","TimestampMs":1795812983325,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"steady","TrackId":"trk_01M8FCPQ18PN1D9DCVBDTAMWAB","Seq":2,"StartMs":1795812975340,"EndMs":1795812977324,"DurationMs":1984,"GapMs":0,"Bytes":2210,"Sha256":"f28f54f8df90b89ff984c239bdc13d660cb57ca504800df09c70f7cab1bc288f","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":true,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments/00000002_1795812975340.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments/00000002_1795812975340.m4a","Label":""},"Metadata":{}}', 1795812983325),
	('evt_01M8FCQ0H0T5N4VYHPB3N0GDY0', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCQ0H0T5N4VYHPB3N0GDY0","Type":"segment.uploaded","TimestampMs":1795812983328,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"changing","TrackId":"trk_01M8FCPQ18PN1D9DCVBDTAMWAA","Seq":3,"StartMs":1795812975336,"EndMs":1795812977333,"DurationMs":1997,"GapMs":0,"Bytes":2112,"Sha256":"832d1607e13edccfdfcffde0b5d579840e6b3e40fb0a82949dd53dd67488e1db","Codec":"aac","SampleRate":44100,"Channels":1,"Partial":true,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000003_1795812975336.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000003_1795812975336.m4a","Label":""},"Metadata":{}}', 1795812983328),
	('evt_01M8FCQ2T450JZY1480ARJHNJZ', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCQ2T450JZY1480ARJHNJZ","Type":"segment.uploaded","TimestampMs":1795812985668,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"changing","TrackId":"trk_01M8FCQ0BMSDCKKR5YSMP0SDY5","Seq":1,"StartMs":1795812983568,"EndMs":1795812985333,"DurationMs":1765,"GapMs":0,"Bytes":1972,"Sha256":"e48607b70236865dc4ea94a65947b513975e2b34c90f82d77a52546856bfb201","Codec":"aac","SampleRate":44100,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments-2/00000001_1795812983568.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments-2/00000001_1795812983568.m4a","Label":""},"Metadata":{}}', 1795812985668),
	('evt_01M8FCQ2V17QNGMA48WX0XRKGP', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCQ2V17QNGMA48WX0XRKGP","Type":"segment.uploaded","TimestampMs":1795812985697,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"steady","TrackId":"trk_01M8FCQ0BRR3HHYVW1B5SMWN9C","Seq":1,"StartMs":1795812983364,"EndMs":1795812985327,"DurationMs":1963,"GapMs":0,"Bytes":2196,"Sha256":"178634bda89f81c93c3a5581871820b0f3f193bbbea31ff9dab539816b3033e8","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments-2/00000001_1795812983364.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments-2/00000001_1795812983364.m4a","Label":""},"Metadata":{}}', 1795812985697),
	('evt_01M8FCQ33T31V9ATGVMRSH6NQA', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'segment.uploaded', '{"Id":"evt_01M8FCQ33T31V9ATGVMRSH6NQA","Type":"segment.uploaded","TimestampMs":1795812985978,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":4711,"StrRoomId":"","UserId":"rec_1","RecordingId":"rec_01M8FCQ0YC2V5BBCDEVYS5FJK8","Segment":{"UserId":"quiet","TrackId":"trk_01M8FCQ1CZXKF3SH4F7TXET0P5","Seq":1,"StartMs":1795812984467,"EndMs":1795812985768,"DurationMs":1301,"GapMs":0,"Bytes":4682,"Sha256":"7a60401075d1b36e52977700d1bb7cc2be9b80e03b8beac2bd39f7f73111c6e6","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/quiet/segments/00000001_1795812984467.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/quiet/segments/00000001_1795812984467.m4a","Label":""},"Metadata":{}}', 1795812985978),
	('evt_01M8FCQ34J95H40VJ0G7EYHS6W', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'segment.uploaded', '{"Id":"evt_01M8FCQ34J95H40VJ0G7EYHS6W","Type":"segment.uploaded","TimestampMs":1795812986002,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":4711,"StrRoomId":"","UserId":"rec_1","RecordingId":"rec_01M8FCQ0YC2V5BBCDEVYS5FJK8","Segment":{"UserId":"steady","TrackId":"trk_01M8FCQ17RE3RX5XHP5K5V7XVH","Seq":1,"StartMs":1795812984360,"EndMs":1795812985768,"DurationMs":1408,"GapMs":0,"Bytes":4654,"Sha256":"9646686653195c829bcd4c5c1b5045d383c45843303fc0fbfd8a2e3d5f0fe81a","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/steady/segments/00000001_1795812984360.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/steady/segments/00000001_1795812984360.m4a","Label":""},"Metadata":{}}', 1795812986002),
	('evt_01M8FCQ3594GGVDM376A924QK4', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'segment.uploaded', '{"Id":"evt_01M8FCQ3594GGVDM376A924QK4","Type":"segment.uploaded","TimestampMs":1795812986025,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":4711,"StrRoomId":"","UserId":"rec_1","RecordingId":"rec_01M8FCQ0YC2V5BBCDEVYS5FJK8","Segment":{"UserId":"returning","TrackId":"trk_01M8FCQ1BR9NSA1ZWC29AS8R5Y","Seq":1,"StartMs":1795812984383,"EndMs":1795812985770,"DurationMs":1387,"GapMs":0,"Bytes":4543,"Sha256":"a3fe700f09df03ae661f9cbe893d0795e47824b97d46984474279fcbca5e86fa","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000001_1795812984383.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000001_1795812984383.m4a","Label":"strict"},"Metadata":{}}', 1795812986025),
	('evt_01M8FCQ4KRJSYVR32RA6HZKM15', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCQ4KRJSYVR32RA6HZKM15","Type":"segment.uploaded","TimestampMs":1795812987512,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"changing","TrackId":"trk_01M8FCQ0BMSDCKKR5YSMP0SDY5","Seq":2,"StartMs":1795812985333,"EndMs":1795812987330,"DurationMs":1997,"GapMs":0,"Bytes":2112,"Sha256":"85620ed415912a0ce8ae6d0cb592bd7f78d8a59db12679f0ce885e66f375e6a4","Codec":"aac","SampleRate":44100,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments-2/00000002_1795812985333.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments-2/00000002_1795812985333.m4a","Label":""},"Metadata":{}}', 1795812987512),
	('evt_01M8FCQ4PHHZGA3789RKQYT89F', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'segment.uploaded', '{"Id":"evt_01M8FCQ4PHHZGA3789RKQYT89F","Type":"segment.uploaded","TimestampMs":1795812987601,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"broken","UserId":"rec_1","RecordingId":"rec_01M8FCPPR8F3K9V74M009V6S09","Segment":{"UserId":"steady","TrackId":"trk_01M8FCQ0BRR3HHYVW1B5SMWN9C","Seq":2,"StartMs":1795812985327,"EndMs":1795812987332,"DurationMs":2005,"GapMs":0,"Bytes":2224,"Sha256":"a613258d85b62671d186bdea11affd1c588fd6f117631fd264d83a32f83dd017","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments-2/00000002_1795812985327.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments-2/00000002_1795812985327.m4a","Label":""},"Metadata":{}}', 1795812987601),
	('evt_01M8FCQ4WCVAVTKSWKDVVY1J86', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'segment.uploaded', '{"Id":"evt_01M8FCQ4WCVAVTKSWKDVVY1J86","Type":"segment.uploaded","TimestampMs":1795812987788,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":4711,"StrRoomId":"","UserId":"rec_1","RecordingId":"rec_01M8FCQ0YC2V5BBCDEVYS5FJK8","Segment":{"UserId":"steady","TrackId":"trk_01M8FCQ17RE3RX5XHP5K5V7XVH","Seq":2,"StartMs":1795812985768,"EndMs":1795812987773,"DurationMs":2005,"GapMs":0,"Bytes":10519,"Sha256":"c2b86c287beee57b97a6ca04f84e565df1ad5c8e2510dbbbe1edc96abb186b46","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/steady/segments/00000002_1795812985768.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/steady/segments/00000002_1795812985768.m4a","Label":""},"Metadata":{}}', 1795812987788),
	('evt_01M8FCQ53FCGM9S95G7SNC089T', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'segment.uploaded', '{"Id":"evt_01M8FCQ53FCGM9S95G7SNC089T","Type":"segment.uploaded","TimestampMs":1795812988015,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":4711,"StrRoomId":"","UserId":"rec_1","RecordingId":"rec_01M8FCQ0YC2V5BBCDEVYS5FJK8","Segment":{"UserId":"quiet","TrackId":"trk_01M8FCQ1CZXKF3SH4F7TXET0P5","Seq":2,"StartMs":1795812985768,"EndMs":1795812986344,"DurationMs":576,"GapMs":0,"Bytes":4837,"Sha256":"54f34203a0e10bb1182ec811ebc8dd577d0accbf07ab6e36bbae2a934bf8866e","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/quiet/segments/00000002_1795812985768.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/quiet/segments/00000002_1795812985768.m4a","Label":""},"Metadata":{}}', 1795812988015),
	('evt_01M8FCQ54BWBMGWNAGK5ZY50C2', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'segment.uploaded', '{"Id":"evt_01M8FCQ54BWBMGWNAGK5ZY50C2","Type":"segment.uploaded","TimestampMs":1795812988043,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":4711,"StrRoomId":"","UserId":"rec_1","RecordingId":"rec_01M8FCQ0YC2V5BBCDEVYS5FJK8","Segment":{"UserId":"returning","TrackId":"trk_01M8FCQ1BR9NSA1ZWC29AS8R5Y","Seq":2,"StartMs":1795812985770,"EndMs":1795812986346,"DurationMs":576,"GapMs":0,"Bytes":4635,"Sha256":"1ef97fbfeeec6fea9aa3257ad9e48f1e6e596c8e8a8d5178623f7ea1a4c7af12","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000002_1795812985770.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000002_1795812985770.m4a","Label":"strict"},"Metadata":{}}', 1795812988043),
	('evt_01M8FCQ64R81D5PDP6P65F14N1', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'segment.uploaded', '{"Id":"evt_01M8FCQ64R81D5PDP6P65F14N1","Type":"segment.uploaded","TimestampMs":1795812989080,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":4711,"StrRoomId":"","UserId":"rec_1","RecordingId":"rec_01M8FCQ0YC2V5BBCDEVYS5FJK8","Segment":{"UserId":"returning","TrackId":"trk_01M8FCQ1BR9NSA1ZWC29AS8R5Y","Seq":3,"StartMs":1795812986346,"EndMs":1795812987775,"DurationMs":1429,"GapMs":1429,"Bytes":1348,"Sha256":"c0b4d021a429660a1baf5cbaf17711adead2aafd0ed9c2c04c1a44adee5c77f0","Codec":"aac","SampleRate":48000,"Channels":1,"Partial":false,"Bucket":"audio-1250000000","Key":"lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000003_1795812986346.m4a","RecordFile":"http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000003_1795812986346.m4a","Label":"strict"},"Metadata":{}}', 1795812989080);
INSERT INTO public.files VALUES
	('trk_01M8FCPPZWTEHKK2Q9F6RMWDDG', 1, 'lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/track.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/track.m4a', 2964, '1ac5cc0855ba1b5fce29c9c526272eae7b7140e5f744494ede3c4b563c88bdce', 1795812973750, 1795812976737, 2987, 0, '[]', false, '[]', 140, 48000, 1),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAB', 1, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/track.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/track.m4a', 3438, '0c4a6fca56010c4c257c0605ccc118bd7cef57eb82c083f8ed5248e587b41513', 1795812973761, 1795812977324, 3563, 0, '[]', true, '[]', 167, 48000, 1),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAA', 1, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/track.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/track.m4a', 1778, 'e75c279ba9f6b061b1efb9e53d739cdebc8b77fd867ed1cd685aae604d2590fa', 1795812973771, 1795812975243, 1472, 0, '[]', false, '[]', 69, 48000, 1),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAA', 2, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/track-2.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/track-2.m4a', 2264, '744ac3a2af74f729ee365ac2afad8fc991c39b2236b726125ff12fc44167cc4a', 1795812975243, 1795812977333, 2090, 0, '[]', true, '[]', 90, 44100, 1);
INSERT INTO public.kysely_migration VALUES
	('0001-first', '2026-11-27T20:56:10.341Z'),
	('0002-segments', '2026-11-27T20:56:10.344Z'),
	('0003-timeline', '2026-11-27T20:56:10.348Z');
INSERT INTO public.kysely_migration_lock VALUES
	('migration_lock', 0);
INSERT INTO public.master_key_check VALUES
	('Aefv5tGm51ehN_Ck2P_yJh7Z3YFKyCG_Ade6r84');
INSERT INTO public.members VALUES
	(1400000001, 's:broken', 'changing', true, 1795812973376, true, 1795812973376, true, 1795812973376, 1795812973376, 0),
	(1400000001, 's:broken', 'steady', true, 1795812973385, true, 1795812973385, true, 1795812973385, 1795812973385, 0),
	(1400000001, 's:finished', 'guest', true, 1795812973368, true, 1795812973368, false, 1795812976720, 1795812973368, 0),
	(1400000001, 'n:4711', 'steady', true, 1795812983879, true, 1795812983879, true, 1795812983879, 1795812983879, 0),
	(1400000001, 'n:4711', 'quiet', true, 1795812983936, true, 1795812983936, true, 1795812983936, 1795812983936, 0),
	(1400000001, 's:pair.1', 'a.b', true, 1795812983938, true, 1795812983938, true, 1795812983938, 1795812983938, 0),
	(1400000001, 's:pair.1', 'YS5i', true, 1795812983941, true, 1795812983941, true, 1795812983941, 1795812983941, 0),
	(1400000001, 's:refused', 'agent', true, 1795812983973, true, 1795812983973, false, 1795812986329, 1795812983973, 0),
	(1400000001, 's:pair.1', 'switching', false, 1795812987878, true, 1795812983970, false, 1795812987878, 1795812987878, 0),
	(1400000001, 'n:4711', 'returning', true, 1795812987882, true, 1795812987882, true, 1795812987882, 1795812987882, 0);
INSERT INTO public.pauses VALUES
	('pau_01M8FCQ3E5TDWQGNJEZWCHCE35', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'quiet', 1795812986309, NULL);
INSERT INTO public.recordings VALUES
	('rec_01M8FCPPR8F3K9V74M009V6S09', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 1400000001, 's:broken', 'rec_1', 'Recording', NULL, '', 2, 'node_01M8FCPKRCTTQFYKJ5T17ZE1ZN', '2fce662c-c95d-4664-b17e-e174169b4990', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "broken", "subscribe": {}, "maxIdleSeconds": 300, "segmentSeconds": 2, "maxDurationSeconds": 86400}', 'AQ_xPBDEzi_AFf9qaOPD2hSmCoOW4phmiNnu4rfNVXUezr4RZ-dIxLqURM-LbjwySbSayMV-VH5GT0ndBDNvlp25_5ABbD3-dAUV-FxXxfG9O5fEG-O8_ZbSoHqEQ17ycxe_8clR3MGcN1Repok1PLYpLAHOPtzcmAIAa4DRTnlv10Ne3GRR2TuUluW-U6IEpOh5CdN70i65dwFuP7G6PWmbc66k7ObMQFRKZtTW9UEuRPe2Tt7oHXsZ4dy7ZwzJBmUjAWbojc9TqRTXbVETkV8RT8ttTlt_Nn0MxkxyptFeidKxnqFhOTDk-UEDjBw6MDDTur9gHruyMvzrMF1aFYVTOfowj1WnY4L_1aocp1JEWfBedXMkE8zS6XuhVg4OlSjkeA2gBCFwTORYhA', NULL, 1795812973323, 1795812973771, NULL, NULL, NULL),
	('rec_01M8FCQ11KHRPTXYEQDANGQEH0', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 1400000001, 's:等待', 'rec_1', 'Pending', NULL, '', 1, 'node_01M8FCPKRCTTQFYKJ5T17ZE1ZN', '26a1a772-42f0-4f70-ac00-ff6c7479e1f9', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "等待", "subscribe": {}, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'ATGaFHXn2ek7ft1bzK082qLPSKHP_vhksrhrK_uI_AHYNmaKwG67OT8KoMJ0ZM1V-URbF4XV03S1k0_-U1nplfMtNgH9XQGLDHt_Hyw4ydm4bYc5tu4kv_KRvP2sYgmkd1vSbfa1ITV8fN0ZkEzp2Vx0OWYrjlOgcKXfE5c8V0kA6gvjqtce9G36hJBIWqQ_XHEkThva9_2esuZrEfFw-S2pHKrhJYyXiloB74ZzfsvY0uiI9cuOCQATiGpMHX8z5VEAjJJtdG3iezRIBkyrW_hSCJ0dkYVdJChRovnkh6fvkWdYvNmv05QMrP-H9q3LSgJWLph6V92Ao6nXkeT9bSX9h42Gfr6w7TGcgb8izDje8bwY2_z-Td6lNi1JWJT9o_yRmw4Artep-isr_w', NULL, 1795812983859, NULL, NULL, NULL, NULL),
	('rec_01M8FCPPPR5M7S7NRES1HSYTZC', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 1400000001, 's:finished', 'rec_1', 'Completed', 'RoomDismissed', '', 1, 'node_01M8FCPKRCTTQFYKJ5T17ZE1ZN', 'ba1b772f-b24b-4b54-9730-abdd6215d626', '{"format": "m4a", "fillGaps": true, "metadata": {"Lesson": 7}, "policies": [], "strRoomId": "finished", "subscribe": {}, "maxIdleSeconds": 300, "segmentSeconds": 2, "maxDurationSeconds": 86400}', 'AYGfws8NP_hpBmGWfqXwBxX2v6p3OddiKRNCYIw4blp-U4gv1a_gu_2fTU_btD8455jALA9443MvvDzWiv5a7vC_-idKuqLerNHsL1w6WftDLbsItUPKnGStNu1pb2whT34zvbVu03fX4witmtFG2TWNLOK78fmtdwxN7sDCa7k02Ix8eOxzjHNfo_PSINJ8hMRN_o_uSnCb7r0U8Of3m0FOvHUjoiwXu9duRqegm2G2bmSZ9HQM2jhR3CgDbcuV_5rCw2qVmSSaICbrDiNwNO3ZlIWiqdqSzcDapPi1G6t8rVbEF6leIP16D0m20PRhI59o5KIwxOVojZ7fSxKWftIzVDS1Rm-DwE0SagD_lQvxxQGaDfdieUlqCjFB2DvDR6IUXaEhv0Um-zTVdw', NULL, 1795812973274, 1795812973752, 1795812976771, 1795812977294, 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/timeline.json'),
	('rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 1400000001, 'n:4711', 'rec_1', 'Recording', NULL, '', 1, 'node_01M8FCPKRCTTQFYKJ5T17ZE1ZN', 'ca9196cf-e47d-4a2b-ae5a-62cbc612de62', '{"format": "m4a", "roomId": 4711, "fillGaps": true, "metadata": {}, "policies": [{"label": "strict", "userIds": ["returning"]}], "subscribe": {}, "maxIdleSeconds": 300, "segmentSeconds": 2, "maxDurationSeconds": 86400}', 'Acw-dZCJiDwyhXLuyy63r9u6-3mEcfFgQHgU6W7fw5iyQTOkB6VE0l2j1f8byvJgX7J-rUBkqubxzNZUBsho_fmdrLArGDJ1VIlL_2X8KC3ISbQHoYImptI10gT2ibJgKexMNsy87ZUzZcpZAnInpfTBEKFEoTT5TBRtDydCVRr_WF8v0hcCEMNHLIKtlfdpxmQ19AR93BTpjjJFpRWrDhZfUMhIcBujBxrWeprZEOgGMiDUHjcGYD3TX_lbwAd8gguFkgP7TSaJL7oPRI5huHXXu7-4lrxYSwRPD440OB1Dk6qr9WpJzOiytBOJtFlA4mHIVMP8-eJ3Wva525kh1DrgHabgaTslysXbMxIEut6Go7sY6DRwxb5ICj6mJnyQbydMenI3y8KS-ZA62Q', NULL, 1795812983756, 1795812984402, NULL, NULL, NULL),
	('rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 1400000001, 's:pair.1', 'rec_1', 'Recording', NULL, '', 1, 'node_01M8FCPKRCTTQFYKJ5T17ZE1ZN', '1104edca-250b-4822-956f-9937068e9b01', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "pair.1", "subscribe": {}, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'ARhOCW5xvA2WD2e80ayavqgJ4sgtSz5FdxNmkqubn7atX3wwyQhznI_qLSdkEzUo8qwxnyjQWh6gUpuELuYr-KusnCQ_3ucoxv-8hvlGbAb-L9S1BOLeLkNZi-9RRWGYcAfEzpgCF_6mov-nY2vYz_hX7XOThufdeTUPjcbFVnsu2tqm3w9k8m4H50rnjUlaS4LOjOJesiCKOX-PbZGPsW6DUxLnbaCZAkNR02Vp6brmkr-CUneLXGevX8WYPLv6hlPFBnw4DmQEh8l0im5TW063F745N0QIPjbWn6521GZQVNPE4Oi4n3gPWqRp54eqXKbOpXor3S2r6z8lG-YnjoE6mOzxETnQW1tPsLz2bErYEj5s6VKYZOw0kNjzrZwnnhqhUcEv_GQGHCPA8w', NULL, 1795812983811, 1795812984483, NULL, NULL, NULL),
	('rec_01M8FCQ10Z5EW3FVTHZQGCG1VY', 'ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 1400000001, 's:refused', 'rec_1', 'Finishing', 'StopRequested', 'bucket ''audio-1250000000'' did not take lessons/1400000001/refused/rec_01M8FCQ10Z5EW3FVTHZQGCG1VY/agent/segments/00000001_1795812984488.aac: SlowDown (503, sB5uNkWxl5jDWhmz5rB9ikFTFxbIZETe)', 1, 'node_01M8FCPKRCTTQFYKJ5T17ZE1ZN', 'e859c614-f4bf-4ef9-b412-cc86966e6a7a', '{"format": "aac", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "refused", "subscribe": {}, "maxIdleSeconds": 300, "segmentSeconds": 2, "maxDurationSeconds": 86400}', 'ATzEquWoJf1-bR-gEoBE2No8G2S97ZzlDjZfaXsF7whafR6g69MuWObjPdgrOjmGUr6DGNXij2xmb5Yriq7MbFvHgY2_1SbMzQgYIkuUw9a7K_8AD8bZMGjTnaXjonK8LVnNzW7j_cxqtYyzryDEdRUX5JVySMhU3BAyB3V0zm3zUNaSZMFWhhQzQauwDzhUGsm7LgY0kbz3aN0VinJfgduU_XyZdQB0d5iaMemLrl8Pxo5rc71rsRC_AUjjcMGsllIcILPOMtd0GxtKTKNgdwmp5iZ8VSm5bTeWX3gydztQTqwsNlVBi48ieRKK4zGdeSt72vPDUC7_tzowX1kVJb2cnDDbgTfNMMS2srL_VEsZ60vzWFDB8xz1ejpC3rK1RX0f_kUhZPmZkjPGow', 1795812986348, 1795812983839, 1795812984599, 1795812986387, NULL, NULL);
INSERT INTO public.room_events VALUES
	('[1400000001,1,101,"s:finished","guest",1795812973358]', 1400000001, 's:finished', 1, 101, 1795812973400, '{"EventGroupId":1,"EventType":101,"CallbackTs":1795812973358,"EventInfo":{"RoomId":"finished","EventTs":1795812973,"EventMsTs":1795812973358,"UserId":"guest"}}', 'guest'),
	('[1400000001,1,103,"s:finished","guest",1795812973359]', 1400000001, 's:finished', 1, 103, 1795812973417, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812973359,"EventInfo":{"RoomId":"finished","EventTs":1795812973,"EventMsTs":1795812973359,"UserId":"guest","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'guest'),
	('[1400000001,2,203,"s:finished","guest",1795812973368]', 1400000001, 's:finished', 2, 203, 1795812973475, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812973368,"EventInfo":{"RoomId":"finished","EventTs":1795812973,"EventMsTs":1795812973368,"UserId":"guest"}}', 'guest'),
	('[1400000001,1,101,"s:broken","changing",1795812973369]', 1400000001, 's:broken', 1, 101, 1795812973522, '{"EventGroupId":1,"EventType":101,"CallbackTs":1795812973369,"EventInfo":{"RoomId":"broken","EventTs":1795812973,"EventMsTs":1795812973369,"UserId":"changing"}}', 'changing'),
	('[1400000001,1,103,"s:broken","changing",1795812973370]', 1400000001, 's:broken', 1, 103, 1795812973557, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812973369,"EventInfo":{"RoomId":"broken","EventTs":1795812973,"EventMsTs":1795812973370,"UserId":"changing","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'changing'),
	('[1400000001,1,103,"s:broken","steady",1795812973377]', 1400000001, 's:broken', 1, 103, 1795812973581, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812973376,"EventInfo":{"RoomId":"broken","EventTs":1795812973,"EventMsTs":1795812973377,"UserId":"steady","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'steady'),
	('[1400000001,2,203,"s:broken","changing",1795812973376]', 1400000001, 's:broken', 2, 203, 1795812973582, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812973376,"EventInfo":{"RoomId":"broken","EventTs":1795812973,"EventMsTs":1795812973376,"UserId":"changing"}}', 'changing'),
	('[1400000001,2,203,"s:broken","steady",1795812973385]', 1400000001, 's:broken', 2, 203, 1795812973593, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812973385,"EventInfo":{"RoomId":"broken","EventTs":1795812973,"EventMsTs":1795812973385,"UserId":"steady"}}', 'steady'),
	('[1400000001,4,401,"s:finished","roomtape-a0BQEFURc1zkHg8fMbkroW5",1795812973651,"-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..","connecting"]', 1400000001, 's:finished', 4, 401, 1795812973712, '{"group":4,"type":401,"roomId":"finished","eventMs":1795812973651,"sentMs":1795812973651,"userId":"roomtape-a0BQEFURc1zkHg8fMbkroW5","kind":"relayStatus","taskId":"-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-a0BQEFURc1zkHg8fMbkroW5'),
	('[1400000001,4,401,"s:broken","roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN",1795812973673,"-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..","connecting"]', 1400000001, 's:broken', 4, 401, 1795812973730, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812973673,"sentMs":1795812973673,"userId":"roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN","kind":"relayStatus","taskId":"-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN'),
	('[1400000001,4,401,"s:broken","roomtape-lmnHMz4k-sonjPdaQB9NWkV",1795812973680,"-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..","connecting"]', 1400000001, 's:broken', 4, 401, 1795812973745, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812973680,"sentMs":1795812973680,"userId":"roomtape-lmnHMz4k-sonjPdaQB9NWkV","kind":"relayStatus","taskId":"-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-lmnHMz4k-sonjPdaQB9NWkV'),
	('[1400000001,4,401,"s:finished","roomtape-a0BQEFURc1zkHg8fMbkroW5",1795812973704,"-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..","running"]', 1400000001, 's:finished', 4, 401, 1795812973755, '{"group":4,"type":401,"roomId":"finished","eventMs":1795812973704,"sentMs":1795812973704,"userId":"roomtape-a0BQEFURc1zkHg8fMbkroW5","kind":"relayStatus","taskId":"-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-a0BQEFURc1zkHg8fMbkroW5'),
	('[1400000001,4,401,"s:broken","roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN",1795812973711,"-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..","running"]', 1400000001, 's:broken', 4, 401, 1795812973762, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812973711,"sentMs":1795812973711,"userId":"roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN","kind":"relayStatus","taskId":"-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN'),
	('[1400000001,4,401,"s:broken","roomtape-lmnHMz4k-sonjPdaQB9NWkV",1795812973712,"-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..","running"]', 1400000001, 's:broken', 4, 401, 1795812973767, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812973712,"sentMs":1795812973712,"userId":"roomtape-lmnHMz4k-sonjPdaQB9NWkV","kind":"relayStatus","taskId":"-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-lmnHMz4k-sonjPdaQB9NWkV'),
	('[1400000001,2,204,"s:finished","guest",1795812976720]', 1400000001, 's:finished', 2, 204, 1795812976737, '{"EventGroupId":2,"EventType":204,"CallbackTs":1795812976720,"EventInfo":{"RoomId":"finished","EventTs":1795812976,"EventMsTs":1795812976720,"UserId":"guest","Reason":0}}', 'guest'),
	('[1400000001,1,102,"s:finished","",1795812976721]', 1400000001, 's:finished', 1, 102, 1795812976764, '{"EventGroupId":1,"EventType":102,"CallbackTs":1795812976721,"EventInfo":{"RoomId":"finished","EventTs":1795812976,"EventMsTs":1795812976721}}', NULL),
	('[1400000001,4,401,"s:finished","roomtape-a0BQEFURc1zkHg8fMbkroW5",1795812976725,"-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..","disconnecting"]', 1400000001, 's:finished', 4, 401, 1795812976773, '{"group":4,"type":401,"roomId":"finished","eventMs":1795812976725,"sentMs":1795812976725,"userId":"roomtape-a0BQEFURc1zkHg8fMbkroW5","kind":"relayStatus","taskId":"-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..","status":"disconnecting","errorCode":0,"errorMessage":""}', 'roomtape-a0BQEFURc1zkHg8fMbkroW5'),
	('[1400000001,4,401,"s:finished","roomtape-a0BQEFURc1zkHg8fMbkroW5",1795812976765,"-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..","idle"]', 1400000001, 's:finished', 4, 401, 1795812976784, '{"group":4,"type":401,"roomId":"finished","eventMs":1795812976765,"sentMs":1795812976765,"userId":"roomtape-a0BQEFURc1zkHg8fMbkroW5","kind":"relayStatus","taskId":"-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..","status":"idle","errorCode":0,"errorMessage":""}', 'roomtape-a0BQEFURc1zkHg8fMbkroW5'),
	('[1400000001,4,401,"s:broken","roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN",1795812983198,"-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..","disconnecting"]', 1400000001, 's:broken', 4, 401, 1795812983275, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812983198,"sentMs":1795812983198,"userId":"roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN","kind":"relayStatus","taskId":"-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..","status":"disconnecting","errorCode":0,"errorMessage":""}', 'roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN'),
	('[1400000001,1,103,"n:4711","returning",1795812987878]', 1400000001, 'n:4711', 1, 103, 1795812987914, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812987878,"EventInfo":{"RoomId":4711,"EventTs":1795812987,"EventMsTs":1795812987878,"UserId":"returning","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'returning'),
	('[1400000001,4,401,"s:broken","roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN",1795812983200,"-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..","idle"]', 1400000001, 's:broken', 4, 401, 1795812983345, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812983200,"sentMs":1795812983200,"userId":"roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN","kind":"relayStatus","taskId":"-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..","status":"idle","errorCode":0,"errorMessage":""}', 'roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN'),
	('[1400000001,4,401,"s:broken","roomtape-lmnHMz4k-sonjPdaQB9NWkV",1795812983202,"-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..","disconnecting"]', 1400000001, 's:broken', 4, 401, 1795812983466, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812983202,"sentMs":1795812983202,"userId":"roomtape-lmnHMz4k-sonjPdaQB9NWkV","kind":"relayStatus","taskId":"-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..","status":"disconnecting","errorCode":0,"errorMessage":""}', 'roomtape-lmnHMz4k-sonjPdaQB9NWkV'),
	('[1400000001,4,401,"s:broken","roomtape-lmnHMz4k-sonjPdaQB9NWkV",1795812983203,"-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..","idle"]', 1400000001, 's:broken', 4, 401, 1795812983498, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812983203,"sentMs":1795812983203,"userId":"roomtape-lmnHMz4k-sonjPdaQB9NWkV","kind":"relayStatus","taskId":"-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..","status":"idle","errorCode":0,"errorMessage":""}', 'roomtape-lmnHMz4k-sonjPdaQB9NWkV'),
	('[1400000001,4,401,"s:broken","roomtape-2xC4DwQamXyhgTdnsB2ordP",1795812983521,"--TmGh8BzEcZ67t_MXLmLTlKTzEq4OIeE..","running"]', 1400000001, 's:broken', 4, 401, 1795812983726, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812983521,"sentMs":1795812983521,"userId":"roomtape-2xC4DwQamXyhgTdnsB2ordP","kind":"relayStatus","taskId":"--TmGh8BzEcZ67t_MXLmLTlKTzEq4OIeE..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-2xC4DwQamXyhgTdnsB2ordP'),
	('[1400000001,1,101,"n:4711","steady",1795812983865]', 1400000001, 'n:4711', 1, 101, 1795812983976, '{"EventGroupId":1,"EventType":101,"CallbackTs":1795812983865,"EventInfo":{"RoomId":4711,"EventTs":1795812983,"EventMsTs":1795812983865,"UserId":"steady"}}', 'steady'),
	('[1400000001,1,103,"n:4711","steady",1795812983866]', 1400000001, 'n:4711', 1, 103, 1795812983997, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812983865,"EventInfo":{"RoomId":4711,"EventTs":1795812983,"EventMsTs":1795812983866,"UserId":"steady","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'steady'),
	('[1400000001,2,203,"n:4711","steady",1795812983879]', 1400000001, 'n:4711', 2, 203, 1795812984008, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812983879,"EventInfo":{"RoomId":4711,"EventTs":1795812983,"EventMsTs":1795812983879,"UserId":"steady"}}', 'steady'),
	('[1400000001,1,103,"n:4711","returning",1795812983880]', 1400000001, 'n:4711', 1, 103, 1795812984056, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812983879,"EventInfo":{"RoomId":4711,"EventTs":1795812983,"EventMsTs":1795812983880,"UserId":"returning","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'returning'),
	('[1400000001,2,203,"n:4711","returning",1795812983896]', 1400000001, 'n:4711', 2, 203, 1795812984137, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812983896,"EventInfo":{"RoomId":4711,"EventTs":1795812983,"EventMsTs":1795812983896,"UserId":"returning"}}', 'returning'),
	('[1400000001,1,101,"s:pair.1","a.b",1795812983936]', 1400000001, 's:pair.1', 1, 101, 1795812984164, '{"EventGroupId":1,"EventType":101,"CallbackTs":1795812983936,"EventInfo":{"RoomId":"pair.1","EventTs":1795812983,"EventMsTs":1795812983936,"UserId":"a.b"}}', 'a.b'),
	('[1400000001,2,203,"s:pair.1","YS5i",1795812983941]', 1400000001, 's:pair.1', 2, 203, 1795812984219, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812983941,"EventInfo":{"RoomId":"pair.1","EventTs":1795812983,"EventMsTs":1795812983941,"UserId":"YS5i"}}', 'YS5i'),
	('[1400000001,1,103,"s:refused","agent",1795812983971]', 1400000001, 's:refused', 1, 103, 1795812984273, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812983970,"EventInfo":{"RoomId":"refused","EventTs":1795812983,"EventMsTs":1795812983971,"UserId":"agent","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'agent'),
	('[1400000001,4,401,"s:pair.1","roomtape-nmUKVw3XZ5st4Eok7MZBjI4",1795812984398,"-viQ09DZ1Msxhm3M_OII5ekF2cF8NFOQg..","connecting"]', 1400000001, 's:pair.1', 4, 401, 1795812984475, '{"group":4,"type":401,"roomId":"pair.1","eventMs":1795812984398,"sentMs":1795812984398,"userId":"roomtape-nmUKVw3XZ5st4Eok7MZBjI4","kind":"relayStatus","taskId":"-viQ09DZ1Msxhm3M_OII5ekF2cF8NFOQg..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-nmUKVw3XZ5st4Eok7MZBjI4'),
	('[1400000001,4,401,"s:pair.1","roomtape-epZz8uhEzEQiB_ITIL-kCBF",1795812984408,"-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..","connecting"]', 1400000001, 's:pair.1', 4, 401, 1795812984517, '{"group":4,"type":401,"roomId":"pair.1","eventMs":1795812984408,"sentMs":1795812984408,"userId":"roomtape-epZz8uhEzEQiB_ITIL-kCBF","kind":"relayStatus","taskId":"-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-epZz8uhEzEQiB_ITIL-kCBF'),
	('[1400000001,4,401,"s:broken","roomtape-Ithi0Y1YfYAh0gcHqYrt8MD",1795812983300,"-CF2kMUbtZcDh2Y4XXaI6HIB0krG-LZ7n..","connecting"]', 1400000001, 's:broken', 4, 401, 1795812983556, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812983300,"sentMs":1795812983300,"userId":"roomtape-Ithi0Y1YfYAh0gcHqYrt8MD","kind":"relayStatus","taskId":"-CF2kMUbtZcDh2Y4XXaI6HIB0krG-LZ7n..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-Ithi0Y1YfYAh0gcHqYrt8MD'),
	('[1400000001,4,401,"s:broken","roomtape-Ithi0Y1YfYAh0gcHqYrt8MD",1795812983319,"-CF2kMUbtZcDh2Y4XXaI6HIB0krG-LZ7n..","running"]', 1400000001, 's:broken', 4, 401, 1795812983568, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812983319,"sentMs":1795812983319,"userId":"roomtape-Ithi0Y1YfYAh0gcHqYrt8MD","kind":"relayStatus","taskId":"-CF2kMUbtZcDh2Y4XXaI6HIB0krG-LZ7n..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-Ithi0Y1YfYAh0gcHqYrt8MD'),
	('[1400000001,4,401,"s:broken","roomtape-2xC4DwQamXyhgTdnsB2ordP",1795812983509,"--TmGh8BzEcZ67t_MXLmLTlKTzEq4OIeE..","connecting"]', 1400000001, 's:broken', 4, 401, 1795812983699, '{"group":4,"type":401,"roomId":"broken","eventMs":1795812983509,"sentMs":1795812983509,"userId":"roomtape-2xC4DwQamXyhgTdnsB2ordP","kind":"relayStatus","taskId":"--TmGh8BzEcZ67t_MXLmLTlKTzEq4OIeE..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-2xC4DwQamXyhgTdnsB2ordP'),
	('[1400000001,1,103,"n:4711","quiet",1795812983897]', 1400000001, 'n:4711', 1, 103, 1795812984147, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812983896,"EventInfo":{"RoomId":4711,"EventTs":1795812983,"EventMsTs":1795812983897,"UserId":"quiet","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'quiet'),
	('[1400000001,2,203,"n:4711","quiet",1795812983936]', 1400000001, 'n:4711', 2, 203, 1795812984162, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812983936,"EventInfo":{"RoomId":4711,"EventTs":1795812983,"EventMsTs":1795812983936,"UserId":"quiet"}}', 'quiet'),
	('[1400000001,1,103,"s:pair.1","a.b",1795812983937]', 1400000001, 's:pair.1', 1, 103, 1795812984164, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812983936,"EventInfo":{"RoomId":"pair.1","EventTs":1795812983,"EventMsTs":1795812983937,"UserId":"a.b","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'a.b'),
	('[1400000001,2,203,"s:pair.1","a.b",1795812983938]', 1400000001, 's:pair.1', 2, 203, 1795812984180, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812983938,"EventInfo":{"RoomId":"pair.1","EventTs":1795812983,"EventMsTs":1795812983938,"UserId":"a.b"}}', 'a.b'),
	('[1400000001,1,103,"s:pair.1","YS5i",1795812983939]', 1400000001, 's:pair.1', 1, 103, 1795812984195, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812983938,"EventInfo":{"RoomId":"pair.1","EventTs":1795812983,"EventMsTs":1795812983939,"UserId":"YS5i","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'YS5i'),
	('[1400000001,1,103,"s:pair.1","switching",1795812983947]', 1400000001, 's:pair.1', 1, 103, 1795812984237, '{"EventGroupId":1,"EventType":103,"CallbackTs":1795812983947,"EventInfo":{"RoomId":"pair.1","EventTs":1795812983,"EventMsTs":1795812983947,"UserId":"switching","Role":20,"TerminalType":4,"UserType":3,"Reason":1}}', 'switching'),
	('[1400000001,2,203,"s:pair.1","switching",1795812983970]', 1400000001, 's:pair.1', 2, 203, 1795812984246, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812983970,"EventInfo":{"RoomId":"pair.1","EventTs":1795812983,"EventMsTs":1795812983970,"UserId":"switching"}}', 'switching'),
	('[1400000001,1,101,"s:refused","agent",1795812983970]', 1400000001, 's:refused', 1, 101, 1795812984257, '{"EventGroupId":1,"EventType":101,"CallbackTs":1795812983970,"EventInfo":{"RoomId":"refused","EventTs":1795812983,"EventMsTs":1795812983970,"UserId":"agent"}}', 'agent'),
	('[1400000001,2,203,"s:refused","agent",1795812983973]', 1400000001, 's:refused', 2, 203, 1795812984275, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812983973,"EventInfo":{"RoomId":"refused","EventTs":1795812983,"EventMsTs":1795812983973,"UserId":"agent"}}', 'agent'),
	('[1400000001,4,401,"n:4711","roomtape-d9rEkiY3EMiqnFCkgP6G_4v",1795812984283,"-u6Xc9ioaRi_95WeS7g3sKHAeLy0EgD4A..","connecting"]', 1400000001, 'n:4711', 4, 401, 1795812984411, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812984283,"sentMs":1795812984283,"userId":"roomtape-d9rEkiY3EMiqnFCkgP6G_4v","kind":"relayStatus","taskId":"-u6Xc9ioaRi_95WeS7g3sKHAeLy0EgD4A..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-d9rEkiY3EMiqnFCkgP6G_4v'),
	('[1400000001,4,401,"n:4711","roomtape-ZYkKymfGFR3XVXK27px1Kuj",1795812984312,"-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..","connecting"]', 1400000001, 'n:4711', 4, 401, 1795812984434, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812984312,"sentMs":1795812984312,"userId":"roomtape-ZYkKymfGFR3XVXK27px1Kuj","kind":"relayStatus","taskId":"-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-ZYkKymfGFR3XVXK27px1Kuj'),
	('[1400000001,4,401,"n:4711","roomtape-d9rEkiY3EMiqnFCkgP6G_4v",1795812984331,"-u6Xc9ioaRi_95WeS7g3sKHAeLy0EgD4A..","running"]', 1400000001, 'n:4711', 4, 401, 1795812984447, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812984331,"sentMs":1795812984331,"userId":"roomtape-d9rEkiY3EMiqnFCkgP6G_4v","kind":"relayStatus","taskId":"-u6Xc9ioaRi_95WeS7g3sKHAeLy0EgD4A..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-d9rEkiY3EMiqnFCkgP6G_4v'),
	('[1400000001,4,401,"n:4711","roomtape-ZYkKymfGFR3XVXK27px1Kuj",1795812984352,"-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..","running"]', 1400000001, 'n:4711', 4, 401, 1795812984457, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812984352,"sentMs":1795812984352,"userId":"roomtape-ZYkKymfGFR3XVXK27px1Kuj","kind":"relayStatus","taskId":"-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-ZYkKymfGFR3XVXK27px1Kuj'),
	('[1400000001,4,401,"n:4711","roomtape-NO_oIfTE2dDptvuvoU-NDdN",1795812984380,"-ZsqvC3a4bHn8QgnFgjwFAVkmoL5u8upo..","connecting"]', 1400000001, 'n:4711', 4, 401, 1795812984463, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812984380,"sentMs":1795812984380,"userId":"roomtape-NO_oIfTE2dDptvuvoU-NDdN","kind":"relayStatus","taskId":"-ZsqvC3a4bHn8QgnFgjwFAVkmoL5u8upo..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-NO_oIfTE2dDptvuvoU-NDdN'),
	('[1400000001,4,401,"s:pair.1","roomtape-MKYMN6UNHXb3dg6h9-Qlq7T",1795812984396,"-A3fwIpxYzvkKMP7gV0PbNzbaQYBBa8fz..","connecting"]', 1400000001, 's:pair.1', 4, 401, 1795812984469, '{"group":4,"type":401,"roomId":"pair.1","eventMs":1795812984396,"sentMs":1795812984396,"userId":"roomtape-MKYMN6UNHXb3dg6h9-Qlq7T","kind":"relayStatus","taskId":"-A3fwIpxYzvkKMP7gV0PbNzbaQYBBa8fz..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-MKYMN6UNHXb3dg6h9-Qlq7T'),
	('[1400000001,4,401,"s:pair.1","roomtape-MKYMN6UNHXb3dg6h9-Qlq7T",1795812984409,"-A3fwIpxYzvkKMP7gV0PbNzbaQYBBa8fz..","running"]', 1400000001, 's:pair.1', 4, 401, 1795812984523, '{"group":4,"type":401,"roomId":"pair.1","eventMs":1795812984409,"sentMs":1795812984409,"userId":"roomtape-MKYMN6UNHXb3dg6h9-Qlq7T","kind":"relayStatus","taskId":"-A3fwIpxYzvkKMP7gV0PbNzbaQYBBa8fz..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-MKYMN6UNHXb3dg6h9-Qlq7T'),
	('[1400000001,4,401,"s:pair.1","roomtape-epZz8uhEzEQiB_ITIL-kCBF",1795812984422,"-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..","running"]', 1400000001, 's:pair.1', 4, 401, 1795812984530, '{"group":4,"type":401,"roomId":"pair.1","eventMs":1795812984422,"sentMs":1795812984422,"userId":"roomtape-epZz8uhEzEQiB_ITIL-kCBF","kind":"relayStatus","taskId":"-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-epZz8uhEzEQiB_ITIL-kCBF'),
	('[1400000001,4,401,"n:4711","roomtape-NO_oIfTE2dDptvuvoU-NDdN",1795812984431,"-ZsqvC3a4bHn8QgnFgjwFAVkmoL5u8upo..","running"]', 1400000001, 'n:4711', 4, 401, 1795812984534, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812984431,"sentMs":1795812984431,"userId":"roomtape-NO_oIfTE2dDptvuvoU-NDdN","kind":"relayStatus","taskId":"-ZsqvC3a4bHn8QgnFgjwFAVkmoL5u8upo..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-NO_oIfTE2dDptvuvoU-NDdN'),
	('[1400000001,4,401,"s:pair.1","roomtape-nmUKVw3XZ5st4Eok7MZBjI4",1795812984433,"-viQ09DZ1Msxhm3M_OII5ekF2cF8NFOQg..","running"]', 1400000001, 's:pair.1', 4, 401, 1795812984548, '{"group":4,"type":401,"roomId":"pair.1","eventMs":1795812984433,"sentMs":1795812984433,"userId":"roomtape-nmUKVw3XZ5st4Eok7MZBjI4","kind":"relayStatus","taskId":"-viQ09DZ1Msxhm3M_OII5ekF2cF8NFOQg..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-nmUKVw3XZ5st4Eok7MZBjI4'),
	('[1400000001,1,104,"n:4711","returning",1795812986329]', 1400000001, 'n:4711', 1, 104, 1795812986342, '{"EventGroupId":1,"EventType":104,"CallbackTs":1795812986329,"EventInfo":{"RoomId":4711,"EventTs":1795812986,"EventMsTs":1795812986329,"UserId":"returning","Role":20,"Reason":1}}', 'returning'),
	('[1400000001,2,204,"s:refused","agent",1795812986329]', 1400000001, 's:refused', 2, 204, 1795812986403, '{"EventGroupId":2,"EventType":204,"CallbackTs":1795812986329,"EventInfo":{"RoomId":"refused","EventTs":1795812986,"EventMsTs":1795812986329,"UserId":"agent","Reason":0}}', 'agent'),
	('[1400000001,2,203,"n:4711","returning",1795812987882]', 1400000001, 'n:4711', 2, 203, 1795812987942, '{"EventGroupId":2,"EventType":203,"CallbackTs":1795812987882,"EventInfo":{"RoomId":4711,"EventTs":1795812987,"EventMsTs":1795812987882,"UserId":"returning"}}', 'returning'),
	('[1400000001,4,401,"s:pair.1","roomtape-epZz8uhEzEQiB_ITIL-kCBF",1795812987922,"-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..","disconnecting"]', 1400000001, 's:pair.1', 4, 401, 1795812987948, '{"group":4,"type":401,"roomId":"pair.1","eventMs":1795812987922,"sentMs":1795812987922,"userId":"roomtape-epZz8uhEzEQiB_ITIL-kCBF","kind":"relayStatus","taskId":"-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..","status":"disconnecting","errorCode":0,"errorMessage":""}', 'roomtape-epZz8uhEzEQiB_ITIL-kCBF'),
	('[1400000001,4,401,"s:pair.1","roomtape-epZz8uhEzEQiB_ITIL-kCBF",1795812987961,"-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..","idle"]', 1400000001, 's:pair.1', 4, 401, 1795812987964, '{"group":4,"type":401,"roomId":"pair.1","eventMs":1795812987961,"sentMs":1795812987961,"userId":"roomtape-epZz8uhEzEQiB_ITIL-kCBF","kind":"relayStatus","taskId":"-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..","status":"idle","errorCode":0,"errorMessage":""}', 'roomtape-epZz8uhEzEQiB_ITIL-kCBF'),
	('[1400000001,4,401,"s:refused","roomtape-JV7jqd75fHFUgWAXK65vvR2",1795812984444,"--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..","connecting"]', 1400000001, 's:refused', 4, 401, 1795812984559, '{"group":4,"type":401,"roomId":"refused","eventMs":1795812984444,"sentMs":1795812984444,"userId":"roomtape-JV7jqd75fHFUgWAXK65vvR2","kind":"relayStatus","taskId":"--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-JV7jqd75fHFUgWAXK65vvR2'),
	('[1400000001,4,401,"s:refused","roomtape-JV7jqd75fHFUgWAXK65vvR2",1795812984455,"--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..","running"]', 1400000001, 's:refused', 4, 401, 1795812984567, '{"group":4,"type":401,"roomId":"refused","eventMs":1795812984455,"sentMs":1795812984455,"userId":"roomtape-JV7jqd75fHFUgWAXK65vvR2","kind":"relayStatus","taskId":"--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-JV7jqd75fHFUgWAXK65vvR2'),
	('[1400000001,4,401,"s:refused","roomtape-JV7jqd75fHFUgWAXK65vvR2",1795812986400,"--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..","disconnecting"]', 1400000001, 's:refused', 4, 401, 1795812986451, '{"group":4,"type":401,"roomId":"refused","eventMs":1795812986400,"sentMs":1795812986400,"userId":"roomtape-JV7jqd75fHFUgWAXK65vvR2","kind":"relayStatus","taskId":"--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..","status":"disconnecting","errorCode":0,"errorMessage":""}', 'roomtape-JV7jqd75fHFUgWAXK65vvR2'),
	('[1400000001,4,401,"s:refused","roomtape-JV7jqd75fHFUgWAXK65vvR2",1795812986409,"--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..","idle"]', 1400000001, 's:refused', 4, 401, 1795812986472, '{"group":4,"type":401,"roomId":"refused","eventMs":1795812986409,"sentMs":1795812986409,"userId":"roomtape-JV7jqd75fHFUgWAXK65vvR2","kind":"relayStatus","taskId":"--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..","status":"idle","errorCode":0,"errorMessage":""}', 'roomtape-JV7jqd75fHFUgWAXK65vvR2'),
	('[1400000001,1,104,"s:pair.1","switching",1795812987878]', 1400000001, 's:pair.1', 1, 104, 1795812987887, '{"EventGroupId":1,"EventType":104,"CallbackTs":1795812987878,"EventInfo":{"RoomId":"pair.1","EventTs":1795812987,"EventMsTs":1795812987878,"UserId":"switching","Role":20,"Reason":1}}', 'switching'),
	('[1400000001,4,401,"n:4711","roomtape-ZYkKymfGFR3XVXK27px1Kuj",1795812986392,"-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..","disconnecting"]', 1400000001, 'n:4711', 4, 401, 1795812986427, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812986392,"sentMs":1795812986392,"userId":"roomtape-ZYkKymfGFR3XVXK27px1Kuj","kind":"relayStatus","taskId":"-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..","status":"disconnecting","errorCode":0,"errorMessage":""}', 'roomtape-ZYkKymfGFR3XVXK27px1Kuj'),
	('[1400000001,4,401,"n:4711","roomtape-ZYkKymfGFR3XVXK27px1Kuj",1795812986404,"-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..","idle"]', 1400000001, 'n:4711', 4, 401, 1795812986461, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812986404,"sentMs":1795812986404,"userId":"roomtape-ZYkKymfGFR3XVXK27px1Kuj","kind":"relayStatus","taskId":"-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..","status":"idle","errorCode":0,"errorMessage":""}', 'roomtape-ZYkKymfGFR3XVXK27px1Kuj'),
	('[1400000001,4,401,"n:4711","roomtape-HOMvRBt955fJTAJ9DK4Vavj",1795812987980,"-wBzWwy9uDFnW4l2uagJHQkjdhJ8Pn7hA..","connecting"]', 1400000001, 'n:4711', 4, 401, 1795812987989, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812987980,"sentMs":1795812987980,"userId":"roomtape-HOMvRBt955fJTAJ9DK4Vavj","kind":"relayStatus","taskId":"-wBzWwy9uDFnW4l2uagJHQkjdhJ8Pn7hA..","status":"connecting","errorCode":0,"errorMessage":""}', 'roomtape-HOMvRBt955fJTAJ9DK4Vavj'),
	('[1400000001,4,401,"n:4711","roomtape-HOMvRBt955fJTAJ9DK4Vavj",1795812988013,"-wBzWwy9uDFnW4l2uagJHQkjdhJ8Pn7hA..","running"]', 1400000001, 'n:4711', 4, 401, 1795812988029, '{"group":4,"type":401,"roomId":4711,"eventMs":1795812988013,"sentMs":1795812988013,"userId":"roomtape-HOMvRBt955fJTAJ9DK4Vavj","kind":"relayStatus","taskId":"-wBzWwy9uDFnW4l2uagJHQkjdhJ8Pn7hA..","status":"running","errorCode":0,"errorMessage":""}', 'roomtape-HOMvRBt955fJTAJ9DK4Vavj');
INSERT INTO public.rooms VALUES
	(1400000001, 's:broken', 0, 1795812973596),
	(1400000001, 's:finished', 1795812976721, 1795812976765),
	(1400000001, 's:refused', 0, 1795812986406),
	(1400000001, 's:pair.1', 0, 1795812987890),
	(1400000001, 'n:4711', 0, 1795812987943);
INSERT INTO public.segments VALUES
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAA', 1, 1, 0, 69, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000001_1795812973771.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000001_1795812973771.m4a', 1778, 'e75c279ba9f6b061b1efb9e53d739cdebc8b77fd867ed1cd685aae604d2590fa', 1795812973771, 1795812975243, 1472, 0, 48000, 1, false),
	('trk_01M8FCPPZWTEHKK2Q9F6RMWDDG', 1, 1, 0, 72, 'lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/segments/00000001_1795812973750.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/segments/00000001_1795812973750.m4a', 1820, 'b238f765df912589c39ddd3b4b43be0336f906b325ccc91b1a388a8f30f523df', 1795812973750, 1795812975286, 1536, 0, 48000, 1, false),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAA', 2, 2, 0, 4, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000002_1795812975243.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000002_1795812975243.m4a', 772, '320bb717abdc44114ecdc94bfc0a463a6b622eca4231723b020df145c238df05', 1795812975243, 1795812975336, 93, 0, 44100, 1, false),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAB', 1, 1, 0, 74, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments/00000001_1795812973761.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments/00000001_1795812973761.m4a', 1848, '3de016d672c0f5303348d3cf11974ce385c735f0f291f4aa9342d6c9ab7aff89', 1795812973761, 1795812975340, 1579, 0, 48000, 1, false),
	('trk_01M8FCPPZWTEHKK2Q9F6RMWDDG', 2, 1, 72, 68, 'lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/segments/00000002_1795812975286.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/finished/rec_01M8FCPPPR5M7S7NRES1HSYTZC/guest/segments/00000002_1795812975286.m4a', 1764, '7d6474815335b3869e1df180e4e3e7e916ddd589c5f5efe3976470b5ff7e76aa', 1795812975286, 1795812976737, 1451, 0, 48000, 1, false),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAB', 2, 1, 74, 93, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments/00000002_1795812975340.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments/00000002_1795812975340.m4a', 2210, 'f28f54f8df90b89ff984c239bdc13d660cb57ca504800df09c70f7cab1bc288f', 1795812975340, 1795812977324, 1984, 0, 48000, 1, true),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAA', 3, 2, 4, 86, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000003_1795812975336.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments/00000003_1795812975336.m4a', 2112, '832d1607e13edccfdfcffde0b5d579840e6b3e40fb0a82949dd53dd67488e1db', 1795812975336, 1795812977333, 1997, 0, 44100, 1, true),
	('trk_01M8FCQ0BMSDCKKR5YSMP0SDY5', 1, 1, 0, 76, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments-2/00000001_1795812983568.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments-2/00000001_1795812983568.m4a', 1972, 'e48607b70236865dc4ea94a65947b513975e2b34c90f82d77a52546856bfb201', 1795812983568, 1795812985333, 1765, 0, 44100, 1, false),
	('trk_01M8FCQ0BRR3HHYVW1B5SMWN9C', 1, 1, 0, 92, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments-2/00000001_1795812983364.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments-2/00000001_1795812983364.m4a', 2196, '178634bda89f81c93c3a5581871820b0f3f193bbbea31ff9dab539816b3033e8', 1795812983364, 1795812985327, 1963, 0, 48000, 1, false),
	('trk_01M8FCQ1CZXKF3SH4F7TXET0P5', 1, 1, 0, 61, 'lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/quiet/segments/00000001_1795812984467.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/quiet/segments/00000001_1795812984467.m4a', 4682, '7a60401075d1b36e52977700d1bb7cc2be9b80e03b8beac2bd39f7f73111c6e6', 1795812984467, 1795812985768, 1301, 0, 48000, 1, false),
	('trk_01M8FCQ17RE3RX5XHP5K5V7XVH', 1, 1, 0, 66, 'lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/steady/segments/00000001_1795812984360.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/steady/segments/00000001_1795812984360.m4a', 4654, '9646686653195c829bcd4c5c1b5045d383c45843303fc0fbfd8a2e3d5f0fe81a', 1795812984360, 1795812985768, 1408, 0, 48000, 1, false),
	('trk_01M8FCQ1BR9NSA1ZWC29AS8R5Y', 1, 1, 0, 65, 'lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000001_1795812984383.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000001_1795812984383.m4a', 4543, 'a3fe700f09df03ae661f9cbe893d0795e47824b97d46984474279fcbca5e86fa', 1795812984383, 1795812985770, 1387, 0, 48000, 1, false),
	('trk_01M8FCQ0BMSDCKKR5YSMP0SDY5', 2, 1, 76, 86, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments-2/00000002_1795812985333.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/changing/segments-2/00000002_1795812985333.m4a', 2112, '85620ed415912a0ce8ae6d0cb592bd7f78d8a59db12679f0ce885e66f375e6a4', 1795812985333, 1795812987330, 1997, 0, 44100, 1, false),
	('trk_01M8FCQ0BRR3HHYVW1B5SMWN9C', 2, 1, 92, 94, 'lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments-2/00000002_1795812985327.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/broken/rec_01M8FCPPR8F3K9V74M009V6S09/steady/segments-2/00000002_1795812985327.m4a', 2224, 'a613258d85b62671d186bdea11affd1c588fd6f117631fd264d83a32f83dd017', 1795812985327, 1795812987332, 2005, 0, 48000, 1, false),
	('trk_01M8FCQ17RE3RX5XHP5K5V7XVH', 2, 1, 66, 94, 'lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/steady/segments/00000002_1795812985768.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/steady/segments/00000002_1795812985768.m4a', 10519, 'c2b86c287beee57b97a6ca04f84e565df1ad5c8e2510dbbbe1edc96abb186b46', 1795812985768, 1795812987773, 2005, 0, 48000, 1, false),
	('trk_01M8FCQ1CZXKF3SH4F7TXET0P5', 2, 1, 61, 27, 'lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/quiet/segments/00000002_1795812985768.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/quiet/segments/00000002_1795812985768.m4a', 4837, '54f34203a0e10bb1182ec811ebc8dd577d0accbf07ab6e36bbae2a934bf8866e', 1795812985768, 1795812986344, 576, 0, 48000, 1, false),
	('trk_01M8FCQ1BR9NSA1ZWC29AS8R5Y', 2, 1, 65, 27, 'lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000002_1795812985770.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000002_1795812985770.m4a', 4635, '1ef97fbfeeec6fea9aa3257ad9e48f1e6e596c8e8a8d5178623f7ea1a4c7af12', 1795812985770, 1795812986346, 576, 0, 48000, 1, false),
	('trk_01M8FCQ1BR9NSA1ZWC29AS8R5Y', 3, 1, 92, 67, 'lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000003_1795812986346.m4a', 'http://127.0.0.1:35985/audio-1250000000/lessons/1400000001/4711/rec_01M8FCQ0YC2V5BBCDEVYS5FJK8/returning/segments/00000003_1795812986346.m4a', 1348, 'c0b4d021a429660a1baf5cbaf17711adead2aafd0ed9c2c04c1a44adee5c77f0', 1795812986346, 1795812987775, 1429, 1429, 48000, 1, false);
INSERT INTO public.sources VALUES
	('src_01M8FCQ1BR9NSA1ZWC29AS8R5Z', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'steady', 1, 'roomtape-d9rEkiY3EMiqnFCkgP6G_4v', '-u6Xc9ioaRi_95WeS7g3sKHAeLy0EgD4A..', 'running', 1795812984331, 1795812984214, NULL),
	('src_01M8FCQ1GA030YYTC5D3BHJH3G', 'rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8', 'a.b', 1, 'roomtape-MKYMN6UNHXb3dg6h9-Qlq7T', '-A3fwIpxYzvkKMP7gV0PbNzbaQYBBa8fz..', 'running', 1795812984409, 1795812984351, NULL),
	('src_01M8FCPQ05F6YQBD9C3FD65BKM', 'rec_01M8FCPPPR5M7S7NRES1HSYTZC', 'guest', 1, 'roomtape-a0BQEFURc1zkHg8fMbkroW5', '-WgYbYlo6zcaRpvixEs4KfnBV7lIxwbKj..', 'idle', 1795812976765, 1795812973604, 1795812976807),
	('src_01M8FCPQ1JSYSEVWZ862F5JJSQ', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'changing', 1, 'roomtape-BrQmrOL1s2Hg8cvK2ZK0ryN', '-UyYgJj-nEYbMFfCV7LtQbzWDetivngj5..', 'running', 1795812973711, 1795812973636, 1795812983206),
	('src_01M8FCPQ1JSYSEVWZ862F5JJSR', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'steady', 1, 'roomtape-lmnHMz4k-sonjPdaQB9NWkV', '-PCFC8NKZInuGPp48NCWBBcKVrKl_Y3OG..', 'running', 1795812973712, 1795812973637, 1795812983209),
	('src_01M8FCQ1F9EDXS4DJ6XEV3J3KP', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'quiet', 1, 'roomtape-NO_oIfTE2dDptvuvoU-NDdN', '-ZsqvC3a4bHn8QgnFgjwFAVkmoL5u8upo..', 'running', 1795812984431, 1795812984322, NULL),
	('src_01M8FCQ1GA030YYTC5D3BHJH3F', 'rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8', 'YS5i', 1, 'roomtape-nmUKVw3XZ5st4Eok7MZBjI4', '-viQ09DZ1Msxhm3M_OII5ekF2cF8NFOQg..', 'running', 1795812984433, 1795812984350, NULL),
	('src_01M8FCQ0DZ7TTBSFCJ7ZTFM4EX', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'steady', 2, 'roomtape-Ithi0Y1YfYAh0gcHqYrt8MD', '-CF2kMUbtZcDh2Y4XXaI6HIB0krG-LZ7n..', 'running', 1795812983319, 1795812983270, NULL),
	('src_01M8FCQ0DR1YBB527APX70F1EE', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'changing', 2, 'roomtape-2xC4DwQamXyhgTdnsB2ordP', '--TmGh8BzEcZ67t_MXLmLTlKTzEq4OIeE..', 'running', 1795812983521, 1795812983265, NULL),
	('src_01M8FCQ1CZXKF3SH4F7TXET0P6', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'returning', 1, 'roomtape-ZYkKymfGFR3XVXK27px1Kuj', '-lOt0nuM0dwbk20vKOf9VWS4xHnASscyj..', 'running', 1795812984352, 1795812984254, 1795812986394),
	('src_01M8FCQ1J3GCZX7E0FMMQ0NZ8R', 'rec_01M8FCQ10Z5EW3FVTHZQGCG1VY', 'agent', 1, 'roomtape-JV7jqd75fHFUgWAXK65vvR2', '--RU3pGF37_JKnUzSBzMnsWus7cYceIQB..', 'running', 1795812984455, 1795812984427, 1795812986400),
	('src_01M8FCQ1J4CA8J07VJ0FJ8BNVZ', 'rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8', 'switching', 1, 'roomtape-epZz8uhEzEQiB_ITIL-kCBF', '-gf40L_nGm4xWNWtDb5LLY-ipztqyUzTE..', 'running', 1795812984422, 1795812984394, 1795812987923),
	('src_01M8FCQ522K31NSZGTEZJ4YNPD', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'returning', 1, 'roomtape-HOMvRBt955fJTAJ9DK4Vavj', '-wBzWwy9uDFnW4l2uagJHQkjdhJ8Pn7hA..', 'running', 1795812988013, 1795812987971, NULL);
INSERT INTO public.tenants VALUES
	('ten_01M8FCPPFX6KA8JWWDJB2FDEVS', 'school', 'AecpmCA2HEw7XXNFxqVC8w09-6TdB4WW2RcZRIFYIfCBT1fUb5NBghcCa-Qla7GjAmlxciJJbkCbbAWqgETppqFW1JnthvZmE2Qhnkb6HA', 1795812973053);
INSERT INTO public.tracks VALUES
	('trk_01M8FCPPZWTEHKK2Q9F6RMWDDG', 'rec_01M8FCPPPR5M7S7NRES1HSYTZC', 'guest', 1, 1, '', 1795812973573, 1795812977029, ''),
	('trk_01M8FCQ0BMSDCKKR5YSMP0SDY5', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'changing', 2, 2, '', 1795812983224, NULL, ''),
	('trk_01M8FCQ0BRR3HHYVW1B5SMWN9C', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'steady', 2, 2, '', 1795812983231, NULL, ''),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAB', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'steady', 1, 1, '', 1795812973618, 1795812983507, ''),
	('trk_01M8FCPQ18PN1D9DCVBDTAMWAA', 'rec_01M8FCPPR8F3K9V74M009V6S09', 'changing', 1, 1, '', 1795812973618, 1795812983533, ''),
	('trk_01M8FCQ17RE3RX5XHP5K5V7XVH', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'steady', 1, 1, '', 1795812984184, NULL, ''),
	('trk_01M8FCQ1BR9NSA1ZWC29AS8R5Y', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'returning', 1, 1, 'strict', 1795812984223, NULL, ''),
	('trk_01M8FCQ1CZXKF3SH4F7TXET0P5', 'rec_01M8FCQ0YC2V5BBCDEVYS5FJK8', 'quiet', 1, 1, '', 1795812984298, NULL, ''),
	('trk_01M8FCQ1EJN8765GR8SHTGK3DX', 'rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8', 'YS5i', 1, 1, '', 1795812984330, NULL, ''),
	('trk_01M8FCQ1EJN8765GR8SHTGK3DY', 'rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8', 'a.b', 1, 1, '', 1795812984330, NULL, ''),
	('trk_01M8FCQ1G9PN9VQ7FZCP1AZYDV', 'rec_01M8FCQ0ZZET2Y4AZJK1K7JGC8', 'switching', 1, 1, '', 1795812984388, NULL, ''),
	('trk_01M8FCQ1GTVXW1K3EZ4CSDADV4', 'rec_01M8FCQ10Z5EW3FVTHZQGCG1VY', 'agent', 1, 1, '', 1795812984387, NULL, '');
ALTER TABLE ONLY pgboss.bam
    ADD CONSTRAINT bam_pkey PRIMARY KEY (id);
ALTER TABLE ONLY pgboss.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (id);
ALTER TABLE ONLY pgboss.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (name, id);
ALTER TABLE ONLY pgboss.job_common
    ADD CONSTRAINT job_common_pkey PRIMARY KEY (name, id);
ALTER TABLE ONLY pgboss.job_dependency
    ADD CONSTRAINT job_dependency_pkey PRIMARY KEY (child_name, child_id, parent_name, parent_id);
ALTER TABLE ONLY pgboss.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (name);
ALTER TABLE ONLY pgboss.queue_stats
    ADD CONSTRAINT queue_stats_pkey PRIMARY KEY (id, captured_on);
ALTER TABLE ONLY pgboss.queue_stats_20261127
    ADD CONSTRAINT queue_stats_20261127_pkey PRIMARY KEY (id, captured_on);
ALTER TABLE ONLY pgboss.queue_stats_20261128
    ADD CONSTRAINT queue_stats_20261128_pkey PRIMARY KEY (id, captured_on);
ALTER TABLE ONLY pgboss.schedule
    ADD CONSTRAINT schedule_pkey PRIMARY KEY (name, key);
ALTER TABLE ONLY pgboss.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (event, name);
ALTER TABLE ONLY pgboss.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY pgboss.warning
    ADD CONSTRAINT warning_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);
ALTER TABLE ONLY public.apps
    ADD CONSTRAINT apps_pkey PRIMARY KEY (sdk_app_id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (track_id, part);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, route, key);
ALTER TABLE ONLY public.kysely_migration_lock
    ADD CONSTRAINT kysely_migration_lock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.kysely_migration
    ADD CONSTRAINT kysely_migration_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (sdk_app_id, room_key, user_id);
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.room_events
    ADD CONSTRAINT room_events_pkey PRIMARY KEY (dedupe_key);
ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (sdk_app_id, room_key);
ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (track_id, seq);
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_recording_id_user_id_number_key UNIQUE (recording_id, user_id, number);
CREATE UNIQUE INDEX job_common_i1 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state = 'created'::pgboss.job_state) AND (policy = 'short'::text));
CREATE INDEX job_common_i10 ON pgboss.job_common USING btree (name, singleton_key, state DESC, created_on, id) INCLUDE (start_after) WHERE ((state < 'active'::pgboss.job_state) AND (NOT blocked) AND (policy = 'key_strict_fifo'::text));
CREATE INDEX job_common_i11 ON pgboss.job_common USING btree (name, priority DESC, created_on, start_after) WHERE ((state < 'active'::pgboss.job_state) AND (NOT blocked));
CREATE INDEX job_common_i12 ON pgboss.job_common USING btree (source_root_id) WHERE (source_root_id IS NOT NULL);
CREATE UNIQUE INDEX job_common_i13 ON pgboss.job_common USING btree (name, singleton_key) WHERE ((state = 'created'::pgboss.job_state) AND upsert_by_key);
CREATE INDEX job_common_i14 ON pgboss.job_common USING btree (name, state, blocked, start_after) WHERE (state = ANY (ARRAY['created'::pgboss.job_state, 'retry'::pgboss.job_state, 'active'::pgboss.job_state, 'failed'::pgboss.job_state]));
CREATE INDEX job_common_i15 ON pgboss.job_common USING btree (name, created_on);
CREATE INDEX job_common_i16 ON pgboss.job_common USING btree (name, completed_on) WHERE (completed_on IS NOT NULL);
CREATE INDEX job_common_i17 ON pgboss.job_common USING btree (name, singleton_key, created_on) WHERE ((state < 'active'::pgboss.job_state) AND (singleton_key IS NOT NULL));
CREATE UNIQUE INDEX job_common_i2 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state = 'active'::pgboss.job_state) AND (policy = 'singleton'::text));
CREATE UNIQUE INDEX job_common_i3 ON pgboss.job_common USING btree (name, state, COALESCE(singleton_key, ''::text)) WHERE ((state <= 'active'::pgboss.job_state) AND (policy = 'stately'::text));
CREATE UNIQUE INDEX job_common_i4 ON pgboss.job_common USING btree (name, singleton_on, COALESCE(singleton_key, ''::text)) WHERE ((state <> 'cancelled'::pgboss.job_state) AND (singleton_on IS NOT NULL));
CREATE UNIQUE INDEX job_common_i6 ON pgboss.job_common USING btree (name, COALESCE(singleton_key, ''::text)) WHERE ((state <= 'active'::pgboss.job_state) AND (policy = 'exclusive'::text));
CREATE INDEX job_common_i7 ON pgboss.job_common USING btree (name, group_id) WHERE ((state = 'active'::pgboss.job_state) AND (group_id IS NOT NULL));
CREATE UNIQUE INDEX job_common_i8 ON pgboss.job_common USING btree (name, singleton_key) WHERE ((state = ANY (ARRAY['active'::pgboss.job_state, 'retry'::pgboss.job_state, 'failed'::pgboss.job_state])) AND (policy = 'key_strict_fifo'::text));
CREATE INDEX job_common_i9 ON pgboss.job_common USING btree (name, id) WHERE (blocking AND (state = 'completed'::pgboss.job_state));
CREATE INDEX job_dep_parent_idx ON pgboss.job_dependency USING btree (parent_name, parent_id);
CREATE INDEX queue_stats_i1 ON ONLY pgboss.queue_stats USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);
CREATE INDEX queue_stats_20261127_name_captured_on_deferred_count_queued_idx ON pgboss.queue_stats_20261127 USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);
CREATE INDEX queue_stats_20261128_name_captured_on_deferred_count_queued_idx ON pgboss.queue_stats_20261128 USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);
CREATE INDEX warning_i1 ON pgboss.warning USING btree (created_on DESC);
CREATE INDEX api_keys_tenant ON public.api_keys USING btree (tenant_id);
CREATE INDEX apps_tenant ON public.apps USING btree (tenant_id);
CREATE INDEX deliveries_event ON public.deliveries USING btree (event_id);
CREATE INDEX events_recording ON public.events USING btree (recording_id);
CREATE UNIQUE INDEX pauses_open ON public.pauses USING btree (recording_id, COALESCE(user_id, ''::text)) WHERE (end_ms IS NULL);
CREATE INDEX pauses_recording ON public.pauses USING btree (recording_id);
CREATE INDEX recordings_node ON public.recordings USING btree (node_id) WHERE (completed_ms IS NULL);
CREATE UNIQUE INDEX recordings_running ON public.recordings USING btree (sdk_app_id, room_key, user_id) WHERE (ended_ms IS NULL);
CREATE INDEX recordings_tenant ON public.recordings USING btree (tenant_id, id DESC);
CREATE INDEX room_events_received ON public.room_events USING btree (received_ms);
CREATE INDEX room_events_room ON public.room_events USING btree (sdk_app_id, room_key, user_id);
CREATE INDEX sources_recording ON public.sources USING btree (recording_id);
CREATE INDEX sources_robot ON public.sources USING btree (robot_id) WHERE (stopped_ms IS NULL);
ALTER INDEX pgboss.job_pkey ATTACH PARTITION pgboss.job_common_pkey;
ALTER INDEX pgboss.queue_stats_i1 ATTACH PARTITION pgboss.queue_stats_20261127_name_captured_on_deferred_count_queued_idx;
ALTER INDEX pgboss.queue_stats_pkey ATTACH PARTITION pgboss.queue_stats_20261127_pkey;
ALTER INDEX pgboss.queue_stats_i1 ATTACH PARTITION pgboss.queue_stats_20261128_name_captured_on_deferred_count_queued_idx;
ALTER INDEX pgboss.queue_stats_pkey ATTACH PARTITION pgboss.queue_stats_20261128_pkey;
ALTER TABLE ONLY pgboss.job_common
    ADD CONSTRAINT dlq_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue(name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY pgboss.job_common
    ADD CONSTRAINT q_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY pgboss.queue
    ADD CONSTRAINT queue_dead_letter_fkey FOREIGN KEY (dead_letter) REFERENCES pgboss.queue(name);
ALTER TABLE ONLY pgboss.schedule
    ADD CONSTRAINT schedule_name_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE CASCADE;
ALTER TABLE ONLY pgboss.subscription
    ADD CONSTRAINT subscription_name_fkey FOREIGN KEY (name) REFERENCES pgboss.queue(name) ON DELETE CASCADE;
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.apps
    ADD CONSTRAINT apps_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES public.recordings(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES public.recordings(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_sdk_app_id_fkey FOREIGN KEY (sdk_app_id) REFERENCES public.apps(sdk_app_id);
ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);
ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES public.recordings(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES public.recordings(id) ON DELETE CASCADE;
