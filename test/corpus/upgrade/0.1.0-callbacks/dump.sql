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
CREATE TABLE pgboss.queue_stats_20261129 (
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
CREATE TABLE public.absences (
    id text NOT NULL,
    recording_id text NOT NULL,
    user_id text,
    cause text NOT NULL,
    start_ms bigint NOT NULL,
    end_ms bigint
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
    channels integer DEFAULT 1 NOT NULL,
    resumed boolean DEFAULT false NOT NULL
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
    kicked_ms bigint DEFAULT 0 NOT NULL,
    last_event_ms bigint DEFAULT 0 NOT NULL,
    heard_ms bigint DEFAULT 0 NOT NULL,
    unconfirmed_ms bigint
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
    timeline_file text,
    clock_offset_ms bigint,
    clock_boot_id text,
    clock_ahead_ms bigint DEFAULT 0 NOT NULL,
    clock_steps jsonb DEFAULT '[]'::jsonb NOT NULL
);
CREATE TABLE public.relay_tasks (
    source_id text NOT NULL,
    sdk_app_id bigint NOT NULL,
    robot_id text NOT NULL,
    host text,
    task_id text,
    status text,
    status_ms bigint DEFAULT 0 NOT NULL,
    created_ms bigint NOT NULL,
    stopped_ms bigint,
    sealed_key text,
    port integer,
    connectings integer DEFAULT 0 NOT NULL,
    told_ms bigint,
    failed_ms bigint,
    idle_ms bigint,
    stop_asked_ms bigint,
    stop_due_ms bigint,
    stop_failures integer DEFAULT 0 NOT NULL,
    outcome text
);
CREATE TABLE public.role_stores (
    tenant_id text NOT NULL,
    bucket text NOT NULL,
    region text NOT NULL,
    path text NOT NULL
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
    user_id text,
    generation integer NOT NULL,
    created_ms bigint NOT NULL,
    stopped_ms bigint,
    engine text NOT NULL,
    pushed_ms bigint,
    first_audio_ms bigint,
    last_frame_ms bigint,
    push_ended_ms bigint,
    absent_ms bigint,
    trouble text,
    trouble_message text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.spools (
    id text NOT NULL,
    node_id text NOT NULL,
    host text NOT NULL,
    path text NOT NULL,
    created_ms bigint NOT NULL,
    seen_ms bigint NOT NULL,
    forgotten_ms bigint
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
    message text DEFAULT ''::text NOT NULL,
    spool_id text,
    audio_ms bigint,
    lost_ms bigint,
    trouble text,
    trouble_message text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.working_gateway (
    id integer NOT NULL,
    process_id text NOT NULL,
    node_id text NOT NULL,
    boot_id text NOT NULL,
    host text NOT NULL,
    lock_inode text NOT NULL,
    seen_ms bigint NOT NULL,
    freed_ms bigint DEFAULT 0 NOT NULL,
    away_since_ms bigint,
    clock_offset_ms bigint,
    seen_monotonic_ms bigint,
    away_monotonic_ms bigint,
    CONSTRAINT working_gateway_id_check CHECK ((id = 1))
);
ALTER TABLE ONLY pgboss.job ATTACH PARTITION pgboss.job_common DEFAULT;
ALTER TABLE ONLY pgboss.queue_stats ATTACH PARTITION pgboss.queue_stats_20261128 FOR VALUES FROM ('2026-11-28 00:00:00+00') TO ('2026-11-29 00:00:00+00');
ALTER TABLE ONLY pgboss.queue_stats ATTACH PARTITION pgboss.queue_stats_20261129 FOR VALUES FROM ('2026-11-29 00:00:00+00') TO ('2026-11-30 00:00:00+00');
INSERT INTO pgboss.job_common VALUES
	('b2434579-63ec-4d3c-a8ac-0e1b68b60f53', 'recording', 0, '{"recordingId": "rec_01M8GZ3FWX4S1SC7K5GFG3M4JQ"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3FWX4S1SC7K5GFG3M4JQ', NULL, NULL, NULL, '2026-11-28 11:37:01.085134+00', '2026-11-28 11:37:01.085134+00', '2026-11-28 11:37:01.123169+00', '2026-11-28 11:37:01.294924+00', '2027-11-28 11:37:01.085134+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:01.123169+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('4e28e9f6-c176-4c76-bb95-879d8d9befaf', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3G3MJFDTGJGTAJM16N0K"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:01.294924+00', '2026-11-28 11:37:01.294924+00', '2026-11-28 11:37:01.332585+00', '2026-11-28 11:37:01.372276+00', '2026-12-28 11:37:01.294924+00', NULL, NULL, 'standard', '2026-11-28 11:37:01.332585+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('d61301c2-2066-4982-94ac-7c679e0eb2eb', 'recording', 0, '{"recordingId": "rec_01M8GZ3G524V9CFWMZK2JZKJJ5"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3G524V9CFWMZK2JZKJJ5', NULL, NULL, NULL, '2026-11-28 11:37:01.340624+00', '2026-11-28 11:37:01.340624+00', '2026-11-28 11:37:01.367234+00', '2026-11-28 11:37:01.48091+00', '2027-11-28 11:37:01.340624+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:01.367234+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('3fd514b7-f16c-4cf6-95c4-905f26129f57', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3G9G5GAN8MCPBV7JTSXM"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:01.48091+00', '2026-11-28 11:37:01.48091+00', '2026-11-28 11:37:01.514325+00', '2026-11-28 11:37:01.593277+00', '2026-12-28 11:37:01.48091+00', NULL, NULL, 'standard', '2026-11-28 11:37:01.514325+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('07a5dde4-2453-460d-a674-756b5e22d337', 'recording', 0, '{"recordingId": "rec_01M8GZ3G8NS90958CH6GY5DPJC"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3G8NS90958CH6GY5DPJC', NULL, NULL, NULL, '2026-11-28 11:37:01.461168+00', '2026-11-28 11:37:01.461168+00', '2026-11-28 11:37:01.483614+00', '2026-11-28 11:37:01.61592+00', '2027-11-28 11:37:01.461168+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:01.483614+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('0bccff60-2e0a-4de9-9f37-8eb84876bc22', 'recording', 0, '{"recordingId": "rec_01M8GZ3GBVAKR9HB6141NEYN05"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3GBVAKR9HB6141NEYN05', NULL, NULL, NULL, '2026-11-28 11:37:01.563875+00', '2026-11-28 11:37:01.563875+00', '2026-11-28 11:37:01.569596+00', '2026-11-28 11:37:01.7224+00', '2027-11-28 11:37:01.563875+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:01.569596+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('195344ee-ffca-4961-8b85-c3e1338d76e7', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3GE9363BHEG4R58TBJA7"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:01.61592+00', '2026-11-28 11:37:01.61592+00', '2026-11-28 11:37:01.706269+00', '2026-11-28 11:37:01.769379+00', '2026-12-28 11:37:01.61592+00', NULL, NULL, 'standard', '2026-11-28 11:37:01.706269+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('1d935726-a678-436e-b4d4-5619c668ac6d', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3GGWW2R43EW7QTFY7MAH"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:07.81+00', '2026-11-28 11:37:01.865402+00', NULL, NULL, '2026-12-28 11:37:07.81+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('cfa2af87-51aa-41f3-85a9-44a98491594a', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3GGWW2R43EW7QTFY7MAH"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:01.7224+00', '2026-11-28 11:37:01.7224+00', '2026-11-28 11:37:01.780451+00', '2026-11-28 11:37:01.90604+00', '2026-12-28 11:37:01.7224+00', NULL, NULL, 'standard', '2026-11-28 11:37:01.780451+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('877ff698-581c-4398-a55d-a4f2194fcfac', 'recording', 0, '{"recordingId": "rec_01M8GZ3GHVA3JH2520F2VJ296B"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3GHVA3JH2520F2VJ296B', NULL, NULL, NULL, '2026-11-28 11:37:01.755196+00', '2026-11-28 11:37:01.755196+00', '2026-11-28 11:37:01.807957+00', '2026-11-28 11:37:02.05386+00', '2027-11-28 11:37:01.755196+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:01.807957+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('e9740d73-6d06-4e6f-9854-ca1de7050c22', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3GVFTZ8THZKZZV9183PW"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:07.791+00', '2026-11-28 11:37:02.126979+00', NULL, NULL, '2026-12-28 11:37:07.791+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('2e3574d0-fcbc-4f7b-b224-f9b9c4a29c46', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3GVFTZ8THZKZZV9183PW"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:02.05386+00', '2026-11-28 11:37:02.05386+00', '2026-11-28 11:37:02.100321+00', '2026-11-28 11:37:02.145032+00', '2026-12-28 11:37:02.05386+00', NULL, NULL, 'standard', '2026-11-28 11:37:02.100321+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('412b0729-6ff2-44f4-86ad-1df5e04081d4', 'recording', 0, '{"recordingId": "rec_01M8GZ3GW1TGC8WV7MA33N105K"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3GW1TGC8WV7MA33N105K', NULL, NULL, NULL, '2026-11-28 11:37:02.081395+00', '2026-11-28 11:37:02.081395+00', '2026-11-28 11:37:02.123381+00', '2026-11-28 11:37:02.253964+00', '2027-11-28 11:37:02.081395+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:02.123381+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('d9c0a5bf-91ed-4ebc-a0dc-c06962d3248d', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3H2SZ4NWPXQRK7Z4NQHH"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:06.783+00', '2026-11-28 11:37:02.490761+00', NULL, NULL, '2026-12-28 11:37:06.783+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('019a0e24-7d24-4997-a744-b07313592d88', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3H2SZ4NWPXQRK7Z4NQHH"}', 'completed', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:02.253964+00', '2026-11-28 11:37:02.253964+00', '2026-11-28 11:37:02.437078+00', '2026-11-28 11:37:02.517037+00', '2026-12-28 11:37:02.253964+00', NULL, NULL, 'standard', '2026-11-28 11:37:02.437078+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('65e687c8-cbbd-469b-9ec4-f11444494808', 'recording', 0, '{"recordingId": "rec_01M8GZ3HCK4FZ5RH14BV16V7T0"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3HCK4FZ5RH14BV16V7T0', NULL, NULL, NULL, '2026-11-28 11:37:02.611387+00', '2026-11-28 11:37:02.611387+00', '2026-11-28 11:37:02.629382+00', '2026-11-28 11:37:02.729066+00', '2027-11-28 11:37:02.611387+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:02.629382+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('70fe931f-4ef8-47e7-b78b-bc0973693779', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3HH1Z3WCV8W38300NKVJ"}', 'active', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:02.729066+00', '2026-11-28 11:37:02.729066+00', '2026-11-28 11:37:02.875789+00', NULL, '2026-12-28 11:37:02.729066+00', NULL, NULL, 'standard', '2026-11-28 11:37:02.875789+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('4d385916-e2c8-426e-b98b-f7f4fc6d90ef', 'recording', 0, '{"recordingId": "rec_01M8GZ3HMDB4CVJ7FFPBEE5JS2"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3HMDB4CVJ7FFPBEE5JS2', NULL, NULL, NULL, '2026-11-28 11:37:02.861075+00', '2026-11-28 11:37:02.861075+00', '2026-11-28 11:37:02.900936+00', '2026-11-28 11:37:02.945335+00', '2027-11-28 11:37:02.861075+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:02.900936+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('ccbcf9c6-cbf3-4b2d-9791-6a92cd149af9', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3HQ2KQM2CEAGKB400MHR"}', 'active', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:02.945335+00', '2026-11-28 11:37:02.945335+00', '2026-11-28 11:37:02.958335+00', NULL, '2026-12-28 11:37:02.945335+00', NULL, NULL, 'standard', '2026-11-28 11:37:02.958335+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('16bfd2dc-edd6-47ce-90ca-670a6f78e699', 'recording', 0, '{"recordingId": "rec_01M8GZ3HEQF3QJ8B0YJ5NRGVSB"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3HEQF3QJ8B0YJ5NRGVSB', NULL, NULL, NULL, '2026-11-28 11:37:02.67916+00', '2026-11-28 11:37:02.67916+00', '2026-11-28 11:37:02.69979+00', '2026-11-28 11:37:02.845644+00', '2027-11-28 11:37:02.67916+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:02.69979+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('c10d7276-8cfb-4665-893b-e0b3c2736b64', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3HMR6MREYPE24G9DF46M"}', 'active', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:02.845644+00', '2026-11-28 11:37:02.845644+00', '2026-11-28 11:37:03.023169+00', NULL, '2026-12-28 11:37:02.845644+00', NULL, NULL, 'standard', '2026-11-28 11:37:03.023169+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('b92e35df-4b36-470d-a42a-eefacc5231a9', 'recording', 0, '{"recordingId": "rec_01M8GZ3HRKV4PYCAK4FKMHSHE5"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3HRKV4PYCAK4FKMHSHE5', NULL, NULL, NULL, '2026-11-28 11:37:02.99517+00', '2026-11-28 11:37:02.99517+00', '2026-11-28 11:37:03.020259+00', '2026-11-28 11:37:03.18203+00', '2027-11-28 11:37:02.99517+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.020259+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('1d133ad6-92f1-4251-ac9f-e11482fa80be', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3HYMYP3G6KA022YC0B6R"}', 'active', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.18203+00', '2026-11-28 11:37:03.18203+00', '2026-11-28 11:37:03.19402+00', NULL, '2026-12-28 11:37:03.18203+00', NULL, NULL, 'standard', '2026-11-28 11:37:03.19402+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('d5051c85-7693-493b-86b2-5501e00935f1', 'recording', 0, '{"recordingId": "rec_01M8GZ3HVFDYK3MMWZ83768JFB"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3HVFDYK3MMWZ83768JFB', NULL, NULL, NULL, '2026-11-28 11:37:03.08721+00', '2026-11-28 11:37:03.08721+00', '2026-11-28 11:37:03.103314+00', '2026-11-28 11:37:03.189483+00', '2027-11-28 11:37:03.08721+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.103314+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('7b42beef-d6e7-45e5-869b-a42c04e108d1', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3HYSPNM0H0V6GZD7TGFW"}', 'active', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.189483+00', '2026-11-28 11:37:03.189483+00', '2026-11-28 11:37:03.211376+00', NULL, '2026-12-28 11:37:03.189483+00', NULL, NULL, 'standard', '2026-11-28 11:37:03.211376+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('297020f2-2ae9-422f-8f5e-f519b0459ed5', 'recording', 0, '{"recordingId": "rec_01M8GZ3J0KAFZNW4CZA1VN2CHQ"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3J0KAFZNW4CZA1VN2CHQ', NULL, NULL, NULL, '2026-11-28 11:37:03.250944+00', '2026-11-28 11:37:03.250944+00', '2026-11-28 11:37:03.255617+00', '2026-11-28 11:37:03.322397+00', '2027-11-28 11:37:03.250944+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.255617+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('ce4e2180-db0c-4d9d-8973-b0c0295fcb9c', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3J3C2CYJQ3ZHG7RQZW9D"}', 'active', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.322397+00', '2026-11-28 11:37:03.322397+00', '2026-11-28 11:37:03.351707+00', NULL, '2026-12-28 11:37:03.322397+00', NULL, NULL, 'standard', '2026-11-28 11:37:03.351707+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('226dd026-82b2-485f-ba63-e437d95b5dd6', 'recording', 0, '{"recordingId": "rec_01M8GZ3J3MZJFCE815KAP32A41"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3J3MZJFCE815KAP32A41', NULL, NULL, NULL, '2026-11-28 11:37:03.348127+00', '2026-11-28 11:37:03.348127+00', '2026-11-28 11:37:03.36052+00', '2026-11-28 11:37:03.423193+00', '2027-11-28 11:37:03.348127+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.36052+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('469537be-c65c-4da1-9376-dd263a093934', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3J62X8W9BVYCWBX0S0MJ"}', 'active', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.423193+00', '2026-11-28 11:37:03.423193+00', '2026-11-28 11:37:03.439891+00', NULL, '2026-12-28 11:37:03.423193+00', NULL, NULL, 'standard', '2026-11-28 11:37:03.439891+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('2fc8f756-1342-4851-9f10-b3198962b597', 'recording', 0, '{"recordingId": "rec_01M8GZ3J5CWGTXD1TF4BCWE2VY"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3J5CWGTXD1TF4BCWE2VY', NULL, NULL, NULL, '2026-11-28 11:37:03.404571+00', '2026-11-28 11:37:03.404571+00', '2026-11-28 11:37:03.425955+00', '2026-11-28 11:37:03.466614+00', '2027-11-28 11:37:03.404571+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.425955+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('346d8727-080e-412b-abda-f3dad1cf72ef', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3J7BF0T2ENGEDMJWB0G1"}', 'active', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.466614+00', '2026-11-28 11:37:03.466614+00', '2026-11-28 11:37:03.481864+00', NULL, '2026-12-28 11:37:03.466614+00', NULL, NULL, 'standard', '2026-11-28 11:37:03.481864+00', NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('327d040c-cbf4-4fc3-9844-9d850eddcdfd', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3JJ4A02999RZMK6A6PGS"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.808243+00', '2026-11-28 11:37:03.808243+00', NULL, NULL, '2026-12-28 11:37:03.808243+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('6afa11d0-1c6e-4b8d-b776-089fc083497e', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3JNGEWA4D7Q6PQW055SX"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.909946+00', '2026-11-28 11:37:03.909946+00', NULL, NULL, '2026-12-28 11:37:03.909946+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('14153253-9a29-48d0-8ff5-9e9af18be9ae', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3JDWHBJX56TG21FR4YAG"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.67454+00', '2026-11-28 11:37:03.67454+00', NULL, NULL, '2026-12-28 11:37:03.67454+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('f05decc2-f8e9-4cde-9239-38987c0cc0af', 'recording', 0, '{"recordingId": "rec_01M8GZ3JAKT0M8ZXY0SD251YT5"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3JAKT0M8ZXY0SD251YT5', NULL, NULL, NULL, '2026-11-28 11:37:03.566454+00', '2026-11-28 11:37:03.566454+00', '2026-11-28 11:37:03.587911+00', '2026-11-28 11:37:03.67454+00', '2027-11-28 11:37:03.566454+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.587911+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('6c12bac9-7e44-4091-9a80-9b064a0c3bb2', 'recording', 0, '{"recordingId": "rec_01M8GZ3JF0KDMH49K49HKN564W"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3JF0KDMH49K49HKN564W', NULL, NULL, NULL, '2026-11-28 11:37:03.712014+00', '2026-11-28 11:37:03.712014+00', '2026-11-28 11:37:03.715367+00', '2026-11-28 11:37:03.808243+00', '2027-11-28 11:37:03.712014+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.715367+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('71cd9040-b03e-44b9-983f-356165c71e7f', 'recording', 0, '{"recordingId": "rec_01M8GZ3JHQC0KD6NJ6MS2CVF16"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3JHQC0KD6NJ6MS2CVF16', NULL, NULL, NULL, '2026-11-28 11:37:03.799165+00', '2026-11-28 11:37:03.799165+00', '2026-11-28 11:37:03.834456+00', '2026-11-28 11:37:03.909946+00', '2027-11-28 11:37:03.799165+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.834456+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('981008ea-cdb8-4a9d-9762-31fc61f74367', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3JPVZ1M9CSXB4799CMH6"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:03.95931+00', '2026-11-28 11:37:03.95931+00', NULL, NULL, '2026-12-28 11:37:03.95931+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('00d79fcf-37a8-44de-b7e3-29c13a6c36d6', 'recording', 0, '{"recordingId": "rec_01M8GZ3JM7TBYD8JNRMNZNZ3QF"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3JM7TBYD8JNRMNZNZ3QF', NULL, NULL, NULL, '2026-11-28 11:37:03.879177+00', '2026-11-28 11:37:03.879177+00', '2026-11-28 11:37:03.883774+00', '2026-11-28 11:37:03.95931+00', '2027-11-28 11:37:03.879177+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:03.883774+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('61879b00-f438-4558-a7a2-99970e4c5d88', 'recording', 0, '{"recordingId": "rec_01M8GZ3JPXJNFB6BQ47BVPZX09"}', 'completed', 1000000, 0, 0, false, NULL, 86400, 86400, 'rec_01M8GZ3JPXJNFB6BQ47BVPZX09', NULL, NULL, NULL, '2026-11-28 11:37:03.965726+00', '2026-11-28 11:37:03.965726+00', '2026-11-28 11:37:04.020921+00', '2026-11-28 11:37:04.076747+00', '2027-11-28 11:37:03.965726+00', NULL, NULL, 'exclusive', '2026-11-28 11:37:04.020921+00', 10, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('ce06fa79-90f5-4912-a54f-34b81dc4bcb6', 'callback', 0, '{"deliveryId": "dlv_01M8GZ3JTEASGKCDABTHJPF7DZ"}', 'created', 1000000, 0, 5, false, NULL, 60, 3600, NULL, NULL, NULL, NULL, '2026-11-28 11:37:04.076747+00', '2026-11-28 11:37:04.076747+00', NULL, NULL, '2026-12-28 11:37:04.076747+00', NULL, NULL, 'standard', NULL, NULL, false, false, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO pgboss.queue VALUES
	('__pgboss__send-it', 'standard', 2, 0, false, NULL, 900, 1209600, 604800, NULL, false, 'job_common', 0, 0, 0, 0, 0, 0, 0, 0, 0, '2026-11-28 11:36:54.047377+00', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '{0,0}', NULL, false, NULL, '2026-11-28 11:37:04.037233+00', '2026-11-28 11:37:04.047377+00', '2026-11-28 11:37:00.823153+00', '2026-11-28 11:36:57.682714+00', '2026-11-28 11:36:57.682714+00'),
	('callback', 'standard', 1000000, 5, false, NULL, 60, 2592000, 3600, NULL, false, 'job_common', 3, 0, 7, 4, 0, 8, 0, 21, 0, '2026-11-28 11:36:54.047377+00', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '{4,0}', NULL, true, NULL, '2026-11-28 11:37:04.037233+00', '2026-11-28 11:37:04.047377+00', '2026-11-28 11:37:00.823153+00', '2026-11-28 11:36:57.730952+00', '2026-11-28 11:36:57.730952+00'),
	('recording', 'exclusive', 1000000, 0, false, NULL, 86400, 31536000, 86400, NULL, false, 'job_common', 0, 0, 0, 0, 0, 1, 0, 19, 0, '2026-11-28 11:36:54.047377+00', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '{0,0}', 10, false, NULL, '2026-11-28 11:37:04.037233+00', '2026-11-28 11:37:04.047377+00', '2026-11-28 11:37:00.823153+00', '2026-11-28 11:36:57.709139+00', '2026-11-28 11:36:57.709139+00'),
	('retention', 'singleton', 2, 0, false, NULL, 900, 1209600, 86400, NULL, false, 'job_common', 0, 0, 0, 0, 0, 0, 0, 0, 0, '2026-11-28 11:36:54.047377+00', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, '{0,0}', NULL, false, NULL, '2026-11-28 11:37:04.037233+00', '2026-11-28 11:37:04.047377+00', '2026-11-28 11:37:00.823153+00', '2026-11-28 11:36:57.753589+00', '2026-11-28 11:36:57.753589+00');
INSERT INTO pgboss.schedule VALUES
	('retention', '', 'cron', '17 3 * * *', 'UTC', NULL, '{}', '2026-11-28 11:36:57.814707+00', '2026-11-28 11:36:57.814707+00', NULL);
INSERT INTO pgboss.version VALUES
	(46, '2026-11-28 11:36:57.722037+00', '2026-11-28 11:36:57.704842+00', '2026-11-28 11:37:02.763956+00', '2026-11-28 11:37:01.071174+00', NULL);
INSERT INTO public.api_keys VALUES
	('id6YCsb9Le', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'backend', 'ac4444960ca87ca967b02fcb5144ff20f7ada5e4c5e913a2ecd8711ce50c1c81', '5fJv', '["recordings:read", "recordings:write"]', '[]', 1795865820842, NULL, NULL);
INSERT INTO public.apps VALUES
	(1400000001, 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'relay', 'Acy63Di_0ARV_Oqi1mHw8s-BEVjZ1Ik26UDogchRRFCvv8-W0-uw2AFCQZct6kjElrpiiaBw0rtl9sGfovJoKJgQKcTZMOB0whcq5Nj3grh014tdhuy8Hx7z4fLHjb18sbiufZ-lCey6-SEyDK1AgvKAGpZBsessX8s34Pz8YK5b4iCwkTt_Os6iVkPuCbETvSkDB7tiwTpM3fhUIse3YKRrBzmGvIz1b6pXDjPC4lQz_wydGbx95ZjfzTjJEk662d4vEiFpY_G9o2EV3cGUJB3vyTS6dPaatu3IaSaDLvY0SxnfVl_LJjy-J3jYmIVOK-MXXyf4N9AoSyTVgWpcjwLBPMZODzUqVMJfwNnjnIKQT1PFHSi6UayKATGh0uHxpixCTYbNPtUpZDrv55eE2mMiIMtMXime3XyoP6WLp17W1URhRMDc-9WS9WhfSDdIuy7uxRNxgDbQTxnlnYoEKDyGMEGpZckHk-sdKkL98oY_t7gSLQztk8OGCVkByc1oUw1HdQMLFxS2VnFH8HZw1WzyI67y2F9UVQljG1NlNa4e45fxNIgPjFVEAjZ6JfP2P9wUZZKzbs6RU_m_lgwqo5Rt4aYc7XpgotxJv1deZjIsgcmOezlNXosBp3NrFh2UoimyW9ethVNsosbcg5tWrRICECAata6Y5UQYJbvlkzDldmCTKygKMDdZzFI', 1795865820879, 1795865820879);
INSERT INTO public.deliveries VALUES
	('dlv_01M8GZ3G3MJFDTGJGTAJM16N0K', 'evt_01M8GZ3G3JK07HA943MP1Q6440', 'AaMAYHllbv5MUbO0gVZCSoegRe4EdLfz7Zw_dAqsOaUn7wmeVl5GpX2rOEPbsikFvJV_XKNAkBxMujIlWlxiP1ZZooyqPzGOdZk', 'delivered', 1, 200, NULL, NULL, 1795865821298, 1795865821358),
	('dlv_01M8GZ3G9G5GAN8MCPBV7JTSXM', 'evt_01M8GZ3G9G5GAN8MCPBV7JTSXK', 'ASdxcFVR6npLzAOxaDfnsHvSCQD_X-k_Qf4dJ4ieobQCE9QvJKEWkSJv_Zhjx-7HvYVRH0sgpvCDFbzLsllLeq1OQDbgvxI4Pz0', 'delivered', 1, 200, NULL, NULL, 1795865821488, 1795865821551),
	('dlv_01M8GZ3GE9363BHEG4R58TBJA7', 'evt_01M8GZ3GE3EX78GN79ANGQ212X', 'AbML74uwFOEMhi0j5C7Z-ic-SXX-riu23ECskY6SdsUSwDHnY8TttonyvF8duTsvuEjvDhqmL3wdsNT-wpzbaVlPh4bhn0_XL3s', 'delivered', 1, 200, NULL, NULL, 1795865821635, 1795865821729),
	('dlv_01M8GZ3GGWW2R43EW7QTFY7MAH', 'evt_01M8GZ3GGV8Z93QJDFWJSX90YF', 'AV6UfayUJOSbV9Ew2RdFbcvi96iAEziKhZxUoyxcMBBXdd5KeuanvvzXkLVCO8e7qnj_9bn2RZoHmbpmf9Gn_qQDRsBlnVc', 'waiting', 1, 503, 'overloaded', 1795865827810, 1795865821723, NULL),
	('dlv_01M8GZ3GVFTZ8THZKZZV9183PW', 'evt_01M8GZ3GVE9RDK37QQP5MVRZVJ', 'ATrsiWAnZdDeyqFniIrJRy-wO-tfsktMU1NpZrNXnCI_ixjBY7PFvmg390EuMpI9L1zm-3LRMxd1YmQHF6VkfVI50AsMqgg', 'waiting', 1, 503, 'overloaded', 1795865827791, 1795865822062, NULL),
	('dlv_01M8GZ3H2SZ4NWPXQRK7Z4NQHH', 'evt_01M8GZ3H27KJRKNPVH2X61S0M5', 'AX-NjHcfKlY9wJOiiaY-lc1fIGrXxIlt7F99tkWYWq7R57lbTK6fu3vxY9qU36zxOczFfhJSJtEPSuvo0JnQ1-PJUo6suOc', 'waiting', 1, 503, 'overloaded', 1795865826783, 1795865822279, NULL),
	('dlv_01M8GZ3HH1Z3WCV8W38300NKVJ', 'evt_01M8GZ3HGCF0Q5Y976WNBZSE12', 'ARwCqSmVnKRytQLVS_clo6OURjv1Ig3NnOIWbDxD3xr55536ieplrDL08ZZd5rTowxBZzcNUDv72FTgxIEokrmarAXNRNAfKVWKvwg', 'waiting', 0, NULL, NULL, NULL, 1795865822732, NULL),
	('dlv_01M8GZ3HMR6MREYPE24G9DF46M', 'evt_01M8GZ3HMCFDWFC9T411NK4Q30', 'Abe6AM7uDi-MWjs4zhzddOvzkLTVTtjTPxUewCRriMAUoVorFtUqw4pHcb9n0PqcWMb91fTix8HCKAJ8kxsAjS7NuoWD0e8w1Ii9DQ', 'waiting', 0, NULL, NULL, NULL, 1795865822860, NULL),
	('dlv_01M8GZ3HQ2KQM2CEAGKB400MHR', 'evt_01M8GZ3HQ2KQM2CEAGKB400MHQ', 'Ac7I_BJC-3bPxbJGwOYPCpXhX7uLQLiiwlLCMG9ml5m7KjTaZPA63lR67yc3f_w2ODG2DWMKt2A3lah015FBtMtZ3Ws3pWacq5fFSg', 'waiting', 0, NULL, NULL, NULL, 1795865822946, NULL),
	('dlv_01M8GZ3HYMYP3G6KA022YC0B6R', 'evt_01M8GZ3HYGPGRKTJA93PNMPCA0', 'AQmDlaroOOMiWuayOjl_t2rJqTgX4QA2HmHbS2ZdPauTdOzvoabX8ZH7DvMBis0BObcJmLUjr1MCKHjEESz3Sr-l0SiFhvKY8uRehA', 'waiting', 0, NULL, NULL, NULL, 1795865823184, NULL),
	('dlv_01M8GZ3HYSPNM0H0V6GZD7TGFW', 'evt_01M8GZ3HYQJ160MFY46P3HG8WS', 'AUVYZt1zA1NNMIOasFw3JD8PXVrZLLXdsKtjq9OUVK8OJwW6sCGK4cTTAYstcICcpihU8W1kUj41FSDtDEY11VXsuvxoe7Yrbdv_wQ', 'waiting', 0, NULL, NULL, NULL, 1795865823191, NULL),
	('dlv_01M8GZ3J3C2CYJQ3ZHG7RQZW9D', 'evt_01M8GZ3J33PS953NWHGAACQVZ0', 'AWfeDfSZnSx1SOTEyPTQWgA3gufcpjqq7gXaLZwTskuYlS_8DKfshwMgSpU-YDW61jL4GbL-5V2r-uYEixxVgJMTMi3OGPLOlNZRng', 'waiting', 0, NULL, NULL, NULL, 1795865823331, NULL),
	('dlv_01M8GZ3J62X8W9BVYCWBX0S0MJ', 'evt_01M8GZ3J61781ME0TW2MN4180N', 'AcdMAnJSo7-hA47ghXoG7TSVyStmradikjREIxECBVNkyCyKOH6PFUDAo2HeDxUrpR80DWD5HGU0dVI_0FM_w9yd-9hWvQZkqW0qjQ', 'waiting', 0, NULL, NULL, NULL, 1795865823425, NULL),
	('dlv_01M8GZ3J7BF0T2ENGEDMJWB0G1', 'evt_01M8GZ3J7BF0T2ENGEDMJWB0G0', 'ASaoVBf7uZKXX2QJKqpm868MfHZDbL29YTyrAG3lZPNSSJjN-nM7Bt2UHWmutk7upaDseSXegEVK_gcjEQXz4pYCqy66NskHjg2Dew', 'waiting', 0, NULL, NULL, NULL, 1795865823467, NULL),
	('dlv_01M8GZ3JDWHBJX56TG21FR4YAG', 'evt_01M8GZ3JDV469TQEA0GZB4KDNW', 'Ac4Oz6iY5hZOHTasAjKozEzNPG__5_4gMpAVL4Ax1R96JMS6Isb6lbnmmz0NjIOSE3NnChJ0w-wXNa-2MFtAFSYCGvvcem53lJyj', 'waiting', 0, NULL, NULL, NULL, 1795865823675, NULL),
	('dlv_01M8GZ3JJ4A02999RZMK6A6PGS', 'evt_01M8GZ3JJ1FREQ6E6G9HN1GP7F', 'AbIcy-fTShQGvxTfZExuiWQVV-2mSdkynX5nvTFr1nO8sk8e536JaHkeeImNryFYFjoFKP7EcM6qqj6GeHcYum_zqe-cgYrHfcYi', 'waiting', 0, NULL, NULL, NULL, 1795865823809, NULL),
	('dlv_01M8GZ3JNGEWA4D7Q6PQW055SX', 'evt_01M8GZ3JN9YWM9FCMH4GHK4QJB', 'AV2PpSlV0E9pHK8g0d9i2sZIgqUdXZfdYPWowu8orPgiB6NYS90Ua7amC0vLS1YPyKrwSdigQh0dko2dL--uAJqHTahtBxYnrF5y', 'waiting', 0, NULL, NULL, NULL, 1795865823913, NULL),
	('dlv_01M8GZ3JPVZ1M9CSXB4799CMH6', 'evt_01M8GZ3JPTDV7R8N2EGE93156T', 'Ad8hZUKrZr_pyTA41fMB2R68W-_edPkbqZQmTzqZlF2yHsNwnjzGk8UaJsDe6mltVw_uLFV2G6vIZcqu6Fa8rJm1RA-JjN6SFKEh', 'waiting', 0, NULL, NULL, NULL, 1795865823962, NULL),
	('dlv_01M8GZ3JTEASGKCDABTHJPF7DZ', 'evt_01M8GZ3JTDEFZHAHZDZ0P88VGD', 'AUqEQD---3ZjJnHtauLcZbRRg65aDOO5Ud9N64RacUqMhbPWoqE1K5KuwTO80T24UYHnNwYv2pIUMSE9A12eG_bXIZJPGm8axAUu', 'waiting', 0, NULL, NULL, NULL, 1795865824077, NULL);
INSERT INTO public.events VALUES
	('evt_01M8GZ3G3JK07HA943MP1Q6440', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3FWX4S1SC7K5GFG3M4JQ', 'recording.failed', '{"Id":"evt_01M8GZ3G3JK07HA943MP1Q6440","Type":"recording.failed","TimestampMs":1795865821298,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"taken-1","UserId":"rec_taken-1","RecordingId":"rec_01M8GZ3FWX4S1SC7K5GFG3M4JQ","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865821219,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/taken-1/rec_01M8GZ3FWX4S1SC7K5GFG3M4JQ/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865821298),
	('evt_01M8GZ3G9G5GAN8MCPBV7JTSXK', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3G524V9CFWMZK2JZKJJ5', 'recording.failed', '{"Id":"evt_01M8GZ3G9G5GAN8MCPBV7JTSXK","Type":"recording.failed","TimestampMs":1795865821488,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"taken-2","UserId":"rec_taken-2","RecordingId":"rec_01M8GZ3G524V9CFWMZK2JZKJJ5","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865821394,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/taken-2/rec_01M8GZ3G524V9CFWMZK2JZKJJ5/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865821488),
	('evt_01M8GZ3GE3EX78GN79ANGQ212X', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3G8NS90958CH6GY5DPJC', 'recording.failed', '{"Id":"evt_01M8GZ3GE3EX78GN79ANGQ212X","Type":"recording.failed","TimestampMs":1795865821635,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"taken-3","UserId":"rec_taken-3","RecordingId":"rec_01M8GZ3G8NS90958CH6GY5DPJC","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865821541,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/taken-3/rec_01M8GZ3G8NS90958CH6GY5DPJC/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865821635),
	('evt_01M8GZ3GGV8Z93QJDFWJSX90YF', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3GBVAKR9HB6141NEYN05', 'recording.failed', '{"Id":"evt_01M8GZ3GGV8Z93QJDFWJSX90YF","Type":"recording.failed","TimestampMs":1795865821723,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"refused-1","UserId":"rec_refused-1","RecordingId":"rec_01M8GZ3GBVAKR9HB6141NEYN05","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865821637,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/refused-1/rec_01M8GZ3GBVAKR9HB6141NEYN05/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865821723),
	('evt_01M8GZ3GVE9RDK37QQP5MVRZVJ', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3GHVA3JH2520F2VJ296B', 'recording.failed', '{"Id":"evt_01M8GZ3GVE9RDK37QQP5MVRZVJ","Type":"recording.failed","TimestampMs":1795865822062,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"refused-2","UserId":"rec_refused-2","RecordingId":"rec_01M8GZ3GHVA3JH2520F2VJ296B","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865821899,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/refused-2/rec_01M8GZ3GHVA3JH2520F2VJ296B/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865822062),
	('evt_01M8GZ3H27KJRKNPVH2X61S0M5', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3GW1TGC8WV7MA33N105K', 'recording.failed', '{"Id":"evt_01M8GZ3H27KJRKNPVH2X61S0M5","Type":"recording.failed","TimestampMs":1795865822279,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"refused-3","UserId":"rec_refused-3","RecordingId":"rec_01M8GZ3GW1TGC8WV7MA33N105K","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865822147,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/refused-3/rec_01M8GZ3GW1TGC8WV7MA33N105K/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865822279),
	('evt_01M8GZ3HGCF0Q5Y976WNBZSE12', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3HCK4FZ5RH14BV16V7T0', 'recording.failed', '{"Id":"evt_01M8GZ3HGCF0Q5Y976WNBZSE12","Type":"recording.failed","TimestampMs":1795865822732,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"hanging-1","UserId":"rec_hanging-1","RecordingId":"rec_01M8GZ3HCK4FZ5RH14BV16V7T0","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865822657,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-1/rec_01M8GZ3HCK4FZ5RH14BV16V7T0/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865822732),
	('evt_01M8GZ3HMCFDWFC9T411NK4Q30', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3HEQF3QJ8B0YJ5NRGVSB', 'recording.failed', '{"Id":"evt_01M8GZ3HMCFDWFC9T411NK4Q30","Type":"recording.failed","TimestampMs":1795865822860,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"hanging-2","UserId":"rec_hanging-2","RecordingId":"rec_01M8GZ3HEQF3QJ8B0YJ5NRGVSB","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865822772,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-2/rec_01M8GZ3HEQF3QJ8B0YJ5NRGVSB/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865822860),
	('evt_01M8GZ3HQ2KQM2CEAGKB400MHQ', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3HMDB4CVJ7FFPBEE5JS2', 'recording.failed', '{"Id":"evt_01M8GZ3HQ2KQM2CEAGKB400MHQ","Type":"recording.failed","TimestampMs":1795865822946,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"hanging-3","UserId":"rec_hanging-3","RecordingId":"rec_01M8GZ3HMDB4CVJ7FFPBEE5JS2","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865822919,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-3/rec_01M8GZ3HMDB4CVJ7FFPBEE5JS2/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865822946),
	('evt_01M8GZ3HYGPGRKTJA93PNMPCA0', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3HRKV4PYCAK4FKMHSHE5', 'recording.failed', '{"Id":"evt_01M8GZ3HYGPGRKTJA93PNMPCA0","Type":"recording.failed","TimestampMs":1795865823184,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"hanging-4","UserId":"rec_hanging-4","RecordingId":"rec_01M8GZ3HRKV4PYCAK4FKMHSHE5","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823102,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-4/rec_01M8GZ3HRKV4PYCAK4FKMHSHE5/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823184),
	('evt_01M8GZ3J7BF0T2ENGEDMJWB0G0', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3J5CWGTXD1TF4BCWE2VY', 'recording.failed', '{"Id":"evt_01M8GZ3J7BF0T2ENGEDMJWB0G0","Type":"recording.failed","TimestampMs":1795865823467,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"hanging-8","UserId":"rec_hanging-8","RecordingId":"rec_01M8GZ3J5CWGTXD1TF4BCWE2VY","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823442,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-8/rec_01M8GZ3J5CWGTXD1TF4BCWE2VY/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823467),
	('evt_01M8GZ3JN9YWM9FCMH4GHK4QJB', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3JHQC0KD6NJ6MS2CVF16', 'recording.failed', '{"Id":"evt_01M8GZ3JN9YWM9FCMH4GHK4QJB","Type":"recording.failed","TimestampMs":1795865823913,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"unsent-3","UserId":"rec_unsent-3","RecordingId":"rec_01M8GZ3JHQC0KD6NJ6MS2CVF16","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823874,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-3/rec_01M8GZ3JHQC0KD6NJ6MS2CVF16/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823913),
	('evt_01M8GZ3HYQJ160MFY46P3HG8WS', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3HVFDYK3MMWZ83768JFB', 'recording.failed', '{"Id":"evt_01M8GZ3HYQJ160MFY46P3HG8WS","Type":"recording.failed","TimestampMs":1795865823191,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"hanging-5","UserId":"rec_hanging-5","RecordingId":"rec_01M8GZ3HVFDYK3MMWZ83768JFB","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823162,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-5/rec_01M8GZ3HVFDYK3MMWZ83768JFB/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823191),
	('evt_01M8GZ3J33PS953NWHGAACQVZ0', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3J0KAFZNW4CZA1VN2CHQ', 'recording.failed', '{"Id":"evt_01M8GZ3J33PS953NWHGAACQVZ0","Type":"recording.failed","TimestampMs":1795865823331,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"hanging-6","UserId":"rec_hanging-6","RecordingId":"rec_01M8GZ3J0KAFZNW4CZA1VN2CHQ","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823265,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-6/rec_01M8GZ3J0KAFZNW4CZA1VN2CHQ/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823331),
	('evt_01M8GZ3J61781ME0TW2MN4180N', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3J3MZJFCE815KAP32A41', 'recording.failed', '{"Id":"evt_01M8GZ3J61781ME0TW2MN4180N","Type":"recording.failed","TimestampMs":1795865823425,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"hanging-7","UserId":"rec_hanging-7","RecordingId":"rec_01M8GZ3J3MZJFCE815KAP32A41","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823380,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-7/rec_01M8GZ3J3MZJFCE815KAP32A41/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823425),
	('evt_01M8GZ3JDV469TQEA0GZB4KDNW', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3JAKT0M8ZXY0SD251YT5', 'recording.failed', '{"Id":"evt_01M8GZ3JDV469TQEA0GZB4KDNW","Type":"recording.failed","TimestampMs":1795865823675,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"unsent-1","UserId":"rec_unsent-1","RecordingId":"rec_01M8GZ3JAKT0M8ZXY0SD251YT5","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823617,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-1/rec_01M8GZ3JAKT0M8ZXY0SD251YT5/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823675),
	('evt_01M8GZ3JPTDV7R8N2EGE93156T', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3JM7TBYD8JNRMNZNZ3QF', 'recording.failed', '{"Id":"evt_01M8GZ3JPTDV7R8N2EGE93156T","Type":"recording.failed","TimestampMs":1795865823962,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"unsent-4","UserId":"rec_unsent-4","RecordingId":"rec_01M8GZ3JM7TBYD8JNRMNZNZ3QF","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823923,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-4/rec_01M8GZ3JM7TBYD8JNRMNZNZ3QF/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823962),
	('evt_01M8GZ3JJ1FREQ6E6G9HN1GP7F', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3JF0KDMH49K49HKN564W', 'recording.failed', '{"Id":"evt_01M8GZ3JJ1FREQ6E6G9HN1GP7F","Type":"recording.failed","TimestampMs":1795865823809,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"unsent-2","UserId":"rec_unsent-2","RecordingId":"rec_01M8GZ3JF0KDMH49K49HKN564W","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865823772,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-2/rec_01M8GZ3JF0KDMH49K49HKN564W/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865823809),
	('evt_01M8GZ3JTDEFZHAHZDZ0P88VGD', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 'rec_01M8GZ3JPXJNFB6BQ47BVPZX09', 'recording.failed', '{"Id":"evt_01M8GZ3JTDEFZHAHZDZ0P88VGD","Type":"recording.failed","TimestampMs":1795865824077,"SchemaVersion":1,"SdkAppId":1400000001,"RoomId":0,"StrRoomId":"unsent-5","UserId":"rec_unsent-5","RecordingId":"rec_01M8GZ3JPXJNFB6BQ47BVPZX09","Reason":"StopRequested","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there","StartMs":0,"EndMs":1795865824045,"Files":[],"TimelineFile":"http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-5/rec_01M8GZ3JPXJNFB6BQ47BVPZX09/timeline.json","Incomplete":false,"Warnings":[{"Code":"NoEvents","UserId":"","Message":"no event of the room has come: nobody is recorded before TRTC tells who is there"}],"Skipped":[],"SkippedCount":0,"Blind":[],"Metadata":{}}', 1795865824077);
INSERT INTO public.kysely_migration VALUES
	('0001-first', '2026-11-28T11:36:57.191Z'),
	('0002-segments', '2026-11-28T11:36:57.199Z'),
	('0003-timeline', '2026-11-28T11:36:57.221Z'),
	('0004-sources', '2026-11-28T11:36:57.238Z'),
	('0005-working-gateway', '2026-11-28T11:36:57.247Z'),
	('0006-role-stores', '2026-11-28T11:36:57.255Z'),
	('0007-spools', '2026-11-28T11:36:57.267Z'),
	('0008-evidence', '2026-11-28T11:36:57.291Z'),
	('0009-clocks', '2026-11-28T11:36:57.298Z');
INSERT INTO public.kysely_migration_lock VALUES
	('migration_lock', 0);
INSERT INTO public.master_key_check VALUES
	('AfXvyII6NEwN-axc-Z9zw6PAlsp6CoF-YYGLzNk');
INSERT INTO public.recordings VALUES
	('rec_01M8GZ3FWX4S1SC7K5GFG3M4JQ', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:taken-1', 'rec_taken-1', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', 'b2434579-63ec-4d3c-a8ac-0e1b68b60f53', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "taken-1", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AQWlWriomlwe-TVgntl9kWW0fms0nL4E4rzS_VBoGnya4Vi-jLVBU0y_88dw80jHw8AqJs0clS7nqIIN0Fn476TX6AWJ49TB9jPrM_jBdN-hEg2Mi9IYawsF_FCUHw-UOIC6qE_ikYIkkqdVWCCxFJXcuULvczi3dlNmUVXq1OgoacVIzVcR-jyXWJIe6BpRORvOw3ODxU7vUG8kN0wjRJgUE-H8aRlIHoW0vc_MLAo1ZiiQ_sIjQXJiBYtlOHeJf0aA6oKOgZdf50UFmebNJWwoW3UvC69uzDhHuvrY02MeB5SCwvANmSwduRuuAH5GMJQUBxK4i88pfVfs-olJgPSUYqEcJabbOLxIE-NeoBIn80aJQRd6VrkqzKyWUX9wXM8wJUaLl96UuhX_VDq6cLqH9jPGLZ51hNM', 1795865821195, 1795865821090, NULL, 1795865821219, 1795865821293, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/taken-1/rec_01M8GZ3FWX4S1SC7K5GFG3M4JQ/timeline.json', 1795811020506, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', -1, '[]'),
	('rec_01M8GZ3G8NS90958CH6GY5DPJC', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:taken-3', 'rec_taken-3', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '07a5dde4-2453-460d-a674-756b5e22d337', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "taken-3", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AVK4vcxSS9NNaj4kT8Lp-rhBHRI9jTgr2dWzDBLh-BBiF324WOBwwKAlSWQzw9jnjKfClN77MKiGYRvzHDSGr55oedk5JBgiLHujQ-CZ625UR0S9Gys0OBNkYNiwOXNhIMGblthR9mb7h4TbCKrUWil79h-hVBYMM9p7yCFMmPid0E-k1RMO-xeilbQGcbeCiF1EZrOlfW5HUWzF6auTKdDbXcAuQ0Jn794TzYIQ68InwnJ8akGsOQmL4Nn4ULAjG8-DslvrtfITx4Hsjr_0MgvgKaRx_jPJL6-1U_APtUOlPmhWurJfyHhTZxXTaQGHvMXf33Fl7jGwxPR__rXpt0ME43kg7gzXXr2zoJYafjhtEJkReOhcDQhQ7I2glS6AqkAstBqvL4-NyRc5lFDyCRHxF89SBitce_M', 1795865821482, 1795865821461, NULL, 1795865821541, 1795865821615, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/taken-3/rec_01M8GZ3G8NS90958CH6GY5DPJC/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3G524V9CFWMZK2JZKJJ5', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:taken-2', 'rec_taken-2', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', 'd61301c2-2066-4982-94ac-7c679e0eb2eb', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "taken-2", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'Ac3vdFR2s-vvlg2QBwG1wXZysjY1H3fbwwBsclvCYJ1Ve4M_sslc4lOEo0Sw3-UayAG5tELXHwcjHriSj5WxQgdCEEucxZPgOD6ZOwWcFTqpo33pkVutp90V8eAjV5YhatRWoZTv9jeNl_k41oOh_BVLxgbNFBoeG2cjITnPKW6iRdQ3pRHiwsyOVIfI8mSfDRCxTP-L2gfzX45uZufeERHdPhPv4XZ5gLbC306-Zjvk4O-TH_thHaOaepMZObCHgwTIEnExG9ZFN8UQcJSqbxculHvpeHPqv7i4oZF-vj--UmHD9Kow41Un3w7W0FUaKok9J1NZorspjsIbIph0trKxZ3hKVkjSSTZ3EDaJN55ebXbJX1lE-Ub2aamRtwNEUGP-PPWqMPAgGpJ-xLo0i2zD5HrhdJ3_B_Y', 1795865821380, 1795865821346, NULL, 1795865821394, 1795865821442, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/taken-2/rec_01M8GZ3G524V9CFWMZK2JZKJJ5/timeline.json', 1795811020506, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', -1, '[]'),
	('rec_01M8GZ3HEQF3QJ8B0YJ5NRGVSB', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:hanging-2', 'rec_hanging-2', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '16bfd2dc-edd6-47ce-90ca-670a6f78e699', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "hanging-2", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AdC3xBy5j84hk-O0P9EBBEtSXOpL6BLn8iXDhrzCSTsQtYTgTvSR6YuaFrauA2JcOrDjDTB5bFYsBKpwX-SNRruEoXbAphQfv5UoqhW8hrsf_XpZyuPupR4cd0tXZoJLj09y3VdS2BvzcbzjCMHb-MFG3M4f4DoNYW5l3CETOlLeiWlkIkyXc2dgAj3Qmdeizroq4_jDesZOEcUZyvpFKtAAOozKsErERiYQNgABXg3Y_xTa9lA2C60burcA0aNDlByUx5-NPVjYb8gUcaToSnJVhbsgw8Sj_GvpziAKDFmHvWCJdSl5tdowvLeG52I5GsCfipoxz0yvCTzCceTQvJ8txYZRq_2mrrf3omc-Xqk5bBSEDFGY5vE80ytjsgJJkjepgfKzDQI4YUXZcD9OTlzEL-5Qa1SGOghbFg', 1795865822711, 1795865822679, NULL, 1795865822772, 1795865822840, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-2/rec_01M8GZ3HEQF3QJ8B0YJ5NRGVSB/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3J3MZJFCE815KAP32A41', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:hanging-7', 'rec_hanging-7', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '226dd026-82b2-485f-ba63-e437d95b5dd6', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "hanging-7", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AcoybHUlrchimboewz1izLUTM-bxuMreQGBLdAuBCDAtWDa8f8lWS5X8DcLpbtrVrJly0cXVU50iDXyljclKEgkwdlEqqjE6oI17xsj3erBpNaSvDU6QV7WmFNtC0kMobgH5p5IciFpy89lH9SAtgrLb3lzwmdxLTB0dU9DNftowQdgFetpQcVbAbpxecXi9-6vyHSr4ZWdu8MWGLPtGnNrkeBSKRifj2d6R_TX3g9Be0PeL4MMBGJQ7RwSNtS4gwLEvO3WeUarzjMNCjeYjfPHZQNHkCm8Vlo-P17tBiZBAsLbeyKes4BKfWUN6J01ISnTlUtzrc_g3VfW8wWnsjYHuvJohWTbPsa-sbgfRxW12OJSfyv4apeEjld6JpHil_tq8GG32YNam2jS5QlClb8JMKduheyfx2MZDsA', 1795865823362, 1795865823349, NULL, 1795865823380, 1795865823415, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-7/rec_01M8GZ3J3MZJFCE815KAP32A41/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3JAKT0M8ZXY0SD251YT5', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:unsent-1', 'rec_unsent-1', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', 'f05decc2-f8e9-4cde-9239-38987c0cc0af', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "unsent-1", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'ATgnCweAQJO5sBTxXjx38VikBcY1htFnSfzKb1HkShU2S5hgJIES2eNGOzGHPV2au6bAadS7ALDixgj5EFVLocpEZLg0mKml8qZqszec9-6raSCiH7xQ3ukS1C6PbTh2y92_JvcXht0UgBy8rHIPHwG8vAOnU68Qed68v7AycF1Fc7V6RL8-zHtSMa5r8DIm1cKwjq15C4sEzqNjHBFPhQNEXuvPfL_1zEzPWPTx-IJoHdN8PPz60MXscGCMmI0pPKCslyj8plyEJPhd8YcJquLGvkdzToq-qQEXlxWYBnA649c1SQ8xQc_KgjEufo5dcZ2j2UudLyrG2H_dYFpkcZeivV491aBp0nx7NTxzPmwZDPY0wzsOpaaymEhNtf-Kr-vXrhMNm5kVxKF7LaRx3dUM4zgOpFfuDS9q', 1795865823600, 1795865823571, NULL, 1795865823617, 1795865823673, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-1/rec_01M8GZ3JAKT0M8ZXY0SD251YT5/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3GBVAKR9HB6141NEYN05', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:refused-1', 'rec_refused-1', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '0bccff60-2e0a-4de9-9f37-8eb84876bc22', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "refused-1", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AencEgK-fzikpW1BYpRxjqMIQ3QI8QOLNzPdk7qJ7WQrOqZgtYSpYX1ykKttg1pDHikYWv9Q4Xre3KSPpUYoWw92lk681gpuss06gfVohWN_pkjQI_U48330OZ6rIZV16EjQvPWQ8VEDSQoITbfdecHeHlX2b76TraRCHiicmjHDU9EBYGek-o3UQaNsZ5JFr526CDqcmN_ORsJDpolKXiPVztnFzmZEWwHlNFS_vY4nyv-h0vrDos39hfzjDA1UaxK87fxSQMtkW2UlUdybbTMM-UjKRPGnsu8GmW16x2q2uImt3x3ZN0lKOSoNBsBEfBo_45382a99bWpu2mf0sYhSoI3tCxdDvz5Mu5gIDd3u7oJIy-JWooXTFHx4Bs59DbaU9kz3z_qEFa-RGT4vWNb6_VvCdYM', 1795865821589, 1795865821564, NULL, 1795865821637, 1795865821722, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/refused-1/rec_01M8GZ3GBVAKR9HB6141NEYN05/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3GHVA3JH2520F2VJ296B', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:refused-2', 'rec_refused-2', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '877ff698-581c-4398-a55d-a4f2194fcfac', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "refused-2", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AVGsLO7DIMSq7j1YSlySdURt8Em5mZtcHf5b7Ul85X_f-YT1AlVCCjvm8AVICUjSj_rS1y6aCNftob74ZQM8zMYtKkvipabI1IvqwZWZvKk0FujyDnAlNz9GN4dg1O_lwx7PiOQEV8aszluoT_3H4q8rzNXdRTe9nGM8kawCakst90D5hSYANN9pOp_dJxqMxwnPw_pjUrGxbkURJ9cVRiHdzCPfrsGS5miYOlKX6VzlYncbkSGprn1iNX0ID-oJTCknx9sFD7RsZ1YqJFA-R_z6rwzXi8-rDWKiO3YZZ63IKhBhPQ-y7L62fm86078E4SOrd66uMkDL3VDa_dCZM3Cv0e01MgaDHI8CxAUrEwHTNSWKjnydKBKqh8RVOYV1kh32KdEsueX18dGX4XqIGPikKpT84iA', 1795865821866, 1795865821755, NULL, 1795865821899, 1795865822039, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/refused-2/rec_01M8GZ3GHVA3JH2520F2VJ296B/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3GW1TGC8WV7MA33N105K', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:refused-3', 'rec_refused-3', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '412b0729-6ff2-44f4-86ad-1df5e04081d4', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "refused-3", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AXJxi1YFQVEEswTyCMSLt1XlaDYomRb7yTMNnw5zroCpzD0DA0iYdGa1wJIx5qKnnVBuZPX0Qaz2DyiXu51rtYnJ3ZrLTIGMvptCB5OvdJ48wvZf8UXcSkWlvoSd5yRL629nv5sIAEOqQweUfl5_S99fUVAD3wDr134jagaAA96uS-kxnjScoOPmwJLXRsFEVUv-P-YlGkWLX0zv5Xd0yqSE8jFf3H7bnByXJrkwWWYKJ5nszPN4mvkRvfed1n2BAgO7O2VvQA1KwCCNlq-7fynGS5Z0EMINZrqmb1J6zrqZPWTst8VLcAuFoWHJ7_anKnIUMoUwg2za7-xdHOqf50fx13WXZmp8X5pT77wssVWdcxeH_Cj0ITLhxmTIA62PQmGOq4N4TPU5sbBVJduMUob_htMd4JQ', 1795865822123, 1795865822081, NULL, 1795865822147, 1795865822220, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/refused-3/rec_01M8GZ3GW1TGC8WV7MA33N105K/timeline.json', 1795811020506, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', -1, '[]'),
	('rec_01M8GZ3HCK4FZ5RH14BV16V7T0', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:hanging-1', 'rec_hanging-1', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '65e687c8-cbbd-469b-9ec4-f11444494808', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "hanging-1", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AVMtpE5gFnrrzbdVl-x7VVbI0ivJ5z_1kZ_tQNVmO7HnabNQ7_RDEp_03HaKxXNn8ryDkx0Qytz5_3vqp8UXNqeBXEWwZhtH2C5YwEF6haKsgpfQGQnfdNaonxbPRnnQoBiHciomzGFdQlUZRUzpjb_kweofJJnGFNPIo-qzYQ7lhWC6OQ5o1fMMVKFsIsUxDlCvB_3BZnlozRAaV_lk7312CMFbNQ6-l2S4HAEMU9MEc7-utDr8WrSl0TyHi9eiuA0vzzfx1cySYIW1jJBtXWhZKb2qCn8R9oQNMKjgZpaWr-9Afe6qSH7Fvzp9UPuogpSFfwC4U_RMb527tLpGym9P1p02LHkGbKq8R1_gsSR6t-5VEqd8WxKENn_2kxAQtrF3WuMrO4l0aky72xF5w21yzKDYKllNHpG1-Q', 1795865822630, 1795865822611, NULL, 1795865822657, 1795865822728, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-1/rec_01M8GZ3HCK4FZ5RH14BV16V7T0/timeline.json', 1795811020506, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', -1, '[]'),
	('rec_01M8GZ3HMDB4CVJ7FFPBEE5JS2', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:hanging-3', 'rec_hanging-3', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '4d385916-e2c8-426e-b98b-f7f4fc6d90ef', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "hanging-3", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AXuwEMZGzMdv3QV4cfweUV1rbKajzouV_pScwlqOFtufoihdTAHQGUKUxf5oRq5IFAzXEXwErAySkCBWGEiWR-dXumoSVbU_dHGOxGm_tKLdtcw6y7IHVphWa6xz06R7XlEquvMakKkKvb-j7eBbvqJey0z0dZgPPK1pGUiaFZsXBHJiGrhzt8aV4K5aN0U4EDzQxvy98Hsq5ulKTYltjeMzpIIrKD05wzXvxSsZBA-inIWsGy7L4FQzwsIpdLtDOi5kRMlfHhIs3KwS1yzkB9_-elYd741hHbj6_WszWZwZAzimmc3oFJ2hidUWiu7-28ixw5CkEGMtR9aJKyDOpRxtyyYB6hKhkrAL2KuK7KsLYQhU-nEJ2pqjLGaGlAq3Lm-TSBknK8ggx7JZR1dYOFN5J9KKpUOvyZV0Gw', 1795865822904, 1795865822861, NULL, 1795865822919, 1795865822945, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-3/rec_01M8GZ3HMDB4CVJ7FFPBEE5JS2/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3J0KAFZNW4CZA1VN2CHQ', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:hanging-6', 'rec_hanging-6', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '297020f2-2ae9-422f-8f5e-f519b0459ed5', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "hanging-6", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AbxMhntcgiJ7NZwRp6zdyMUV3pwSKsX2ZCWhyJuO58Lo0BuCt_xgVj_zmLTWfmD4m2ZIvfUWOXZscyyrBDMhCW-q1uqxMPhAnoTplmVF2-9auTl9Qhn4iUsZljRWQvAtlTUaD0UVHBcGq1LxmBw88d2aTFc1HdnuR44uh8DsMtZHtK-uywR4FH0K7IvrJXR_dzaxWJU7nrRSJ6ugBGzV7kxAxJdgaM0X2keinKleTnBiJ0OmFsSuZj1VrrDPjvGX9k5Y4evOl84YE8GN229xT0FjMrfYNpEd_lHXXJ5pmkgB1Pp8eLt942zeSpB88ACE_MIY2u-RkkQ0x97zVfRVA5gz5teSOc6wMlr4YoSz2mNu0gXQ4c_6aeGWUHFKSVe0UOMLQ5cKiT7XnE7kUbGyJb4SYXntTopkJIZxlw', 1795865823258, 1795865823251, NULL, 1795865823265, 1795865823322, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-6/rec_01M8GZ3J0KAFZNW4CZA1VN2CHQ/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3HRKV4PYCAK4FKMHSHE5', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:hanging-4', 'rec_hanging-4', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', 'b92e35df-4b36-470d-a42a-eefacc5231a9', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "hanging-4", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'Ae4tND1Ke4bgIOvAXDqtCB7nNqhFyC1oWNMuC8Wr8dHZ5VeLy0XGjUi9_wlw8-LQmn5xUmQJKAb8rv86q0CjvQRM4vTGmbGlk1vRzchJmlR7YgoEDk_qg0C_zgpMsbNvwk0m57OoIlo3JXJtI9dMXKcbhQFP5STDcJaoDelEMBa63WewcCpm08VGWAVTjxwzB1HMqra1qfWJzGA-_J7KxSEqZ2j_gQAGCsBpFGrIuv1iNkZxIERMUiARKQXO05EBJLhacULAEIfErj1WLmGd9S1yPMaYUsILpnMhUNhHHaXv2oq3OsPYzCSk0tQcX8h5BFBiaBQM5AiqkjxbT_otxoRUBA7BB1I9cs2her5_z7ZjeW4OE8Dzh-UtllczwIq9iEAK97eN-ZF0JKl46it9n26UxyUWP8lWVwuJHQ', 1795865823026, 1795865822995, NULL, 1795865823102, 1795865823180, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-4/rec_01M8GZ3HRKV4PYCAK4FKMHSHE5/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3HVFDYK3MMWZ83768JFB', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:hanging-5', 'rec_hanging-5', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', 'd5051c85-7693-493b-86b2-5501e00935f1', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "hanging-5", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AcO2GEDYVEuUMW9OSbGqCy4ukAOg1II5hElPOeushGnpXonuXI3_JvmfMieVcWfWTdg_m2iylrztEDrTxi2knIfTjq4_EfiQvHfSo9VvxrvA1mfW5Zn-IQk_wbVJq7Mr6V_iWTy-lKUagiaSITRFoMk-vBBsI3StMC2XQjLdb-lcNYENXYnG5DFP0u7jkGl28zoBOPC1qcrm-BNLUJ0KsQ0xUmMK0Oex8PIN2m5fFpYE9Ig5N18d8s2G8e6-3r7XE4ZiFs48dndVILlvvX22X58poiVzT9XqqLFuIw-5axKHw9IZfSF2W0lVrEzyjAiSOCTzX__SmKeGsUX7Y0pbSnjDaC6KQvIM5QG-Lk3sKJloADKjYeAaoesDcINuu_q_qNU7pIRv8HwOZXzjMTzldVIT1Y-1ZNMs5-cPhg', 1795865823132, 1795865823087, NULL, 1795865823162, 1795865823189, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-5/rec_01M8GZ3HVFDYK3MMWZ83768JFB/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3J5CWGTXD1TF4BCWE2VY', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:hanging-8', 'rec_hanging-8', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '2fc8f756-1342-4851-9f10-b3198962b597', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "hanging-8", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'ARaUvleMbBdgzi1vOqbQAw_ictuuBPY2NRcRSOyiZOl9seVTNoOiCAn7-N98K7nva4Li0tKS0YO-JN7xsRELv-JnJTBGLvP_9vubxdWQ7A-Vp-x4Ho7Qm4-G7WjI2WhdSpMqgp_xkUgWhZgYZ9lKUC6bysS8_D7BVFOdBVPoFCyF_2Vso0yGsGqPLJ6D4PmrKf_dOtRJy6MAfhrjFd72CU2GiqvKbY1H4GnsV2gFutcG18OXXrTJxjYDvjuYplp7sX2LdY2w-2J4WBjnOzRb7D0N8gf2zsfBuB4ZRTs0K6NaarVJihx86hFVoEv6ueeOgcnOLhqTixOi7t1G4rSHzc2gIRvf1lmRWOQaWRzFn7AgajJG54uLGASumpuxRRHdWuIeq5WDOodqqi9ywwlufaTKqbvhQjHhP4jj_g', 1795865823415, 1795865823404, NULL, 1795865823442, 1795865823462, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/hanging-8/rec_01M8GZ3J5CWGTXD1TF4BCWE2VY/timeline.json', 1795811020506, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', -1, '[]'),
	('rec_01M8GZ3JHQC0KD6NJ6MS2CVF16', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:unsent-3', 'rec_unsent-3', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '71cd9040-b03e-44b9-983f-356165c71e7f', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "unsent-3", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'ATjGYRXDNP-qs0dnTlpb-7cvAyzmttF1w2L818Zdu40FKf8ik5s4M30IcaCMWmMVIXL5aUDZ2u-HjqsqJY1ppKuRHpRyBpo263KKWhueAiKgneYaz8oj_xM7eFcGJvJHP-i8yo7igg7FhYbnejhVmBrboUwPkTKIxudmbVO0WVPdQ4k5XV74hJFEIIAPACWUS5Lgi_p1H9JR5k611VqY5_LOh1YCPGDsAZv4QfFjcY1ATbT0ReiJMfCidOkptn9mZq5cHGubNZJUe3ObAYlPcpl6tfzkLIsYjCU9BhPZyscSHv8eCzqpURDrqdBqpha7-8Y6GnXEF_Mx__eRkl7Oah0entj8KTDjjKLgCvu4zHAqNzC13UTrX1AlcIUsZ9wnNwtDK2QCxGXC_Me7NhSu3eXbqamAw2NY_6IH', 1795865823809, 1795865823799, NULL, 1795865823874, 1795865823905, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-3/rec_01M8GZ3JHQC0KD6NJ6MS2CVF16/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3JF0KDMH49K49HKN564W', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:unsent-2', 'rec_unsent-2', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '6c12bac9-7e44-4091-9a80-9b064a0c3bb2', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "unsent-2", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AVICNyqRDkxTNOaMbKBYj165sAy_RJV2ANg06HrNfsMqZHE9qN4BEpTTeNSjrWe1uRocGDRIKRMYN_xeeg7PhzyFa6U45OAuFpZzSL0oJEAoL1srHwBV9VHcXxVro04QncdIvQrNMwkHQWmCH3BLYwgim7_uolmmokNylIZd64vUf515Dgd8SqfIcGQx2inBvL0T4JUZenvuI7iBw9a-lz0QppLB-fJiRSBP2xN_kTo4PoFzKA3oeLMoF4JXKb9RKGulp2LHYBpwuNyITJPIJYqv_KWQJZXcoSuraLcq36SOUVSkqcjpLct05646X39othBgKAjUfCbd6G1T0qqhv8rQIWFP-RXe5czCUHEnbP5zm4DOhsDZZw_Ip0oqEJU5BPnpKDaRkgWjN7pTvVAKsQthh5Sy7EFJ59im', 1795865823723, 1795865823712, NULL, 1795865823772, 1795865823807, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-2/rec_01M8GZ3JF0KDMH49K49HKN564W/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]'),
	('rec_01M8GZ3JM7TBYD8JNRMNZNZ3QF', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:unsent-4', 'rec_unsent-4', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '00d79fcf-37a8-44de-b7e3-29c13a6c36d6', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "unsent-4", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AfEAfO1KtjuTRjhlDZxTDl2jWI85qH7lyD8H1ePRtOGxRgDpaGWLtpH8ST7ypLCnBWHfN9dLVGOOIy3biGrsHO9DS_kxUSZrhgQHUpOnG41dO4BbhR-bFKFqAEA4oHpOEAp7ZIu260AqmEi6JEoftEwPUCdR_hkosIgUWwZfMeiYZ0ihMGKQnwEGPKr603zhuvdGLJy7ay1SDvymwcsOBHDlxGdVP5sUUiNnE0D7bRl9qFUtnCShxjSTEhAZUGmkptie3Be0PKcf4EMWsx5FpY3RCkOyCNEWy7Rs2rUyQJTwWbCbPFsnLRxzvp0TXC80CENy00TozzKB4bm7fAaQecyMPPgme2FNTfilxNkSgmuNB4LpsmEBNNLoP7dU4mOOY4ZbWCAW6dVAlDNyHqn3O_-BMy-qkeXVKI-x', 1795865823888, 1795865823879, NULL, 1795865823923, 1795865823956, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-4/rec_01M8GZ3JM7TBYD8JNRMNZNZ3QF/timeline.json', 1795811020506, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', -1, '[]'),
	('rec_01M8GZ3JPXJNFB6BQ47BVPZX09', 'ten_01M8GZ3FMDZ898J136HV7YMXVM', 1400000001, 's:unsent-5', 'rec_unsent-5', 'Failed', 'StopRequested', 'no event of the room has come: nobody is recorded before TRTC tells who is there', 1, 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '61879b00-f438-4558-a7a2-99970e4c5d88', '{"format": "m4a", "fillGaps": true, "metadata": {}, "policies": [], "strRoomId": "unsent-5", "subscribe": {}, "keyVersion": 2, "maxIdleSeconds": 300, "segmentSeconds": 0, "maxDurationSeconds": 86400}', 'AbIu8VSV6lKrL5D3xeMRfqt8G2o4DbweeiHG6kDkqW1S1fOPwaS9anx8MMU-r98US7lhy2roYRenWW9wF0TRfXCVrYDCj-IraeKom5VHE3SSQCWAc5AJSWU8MMJP_FAG5qT6upwlvdL7AnrBHzlaUSgWWNVpu1OT7US8ntTQWXiakzsIn5ecTc70x4TsZsWUFBv_NLCEY40Hz_9k8NAiMJtCMePufrMuEGDbS8pfq24HnFwkDevmETfaNw39-A8AeGztZdWblwq-TJEWqYUm0tg2xhRT1YnhJFRD1l6HD5ayKjg5NsnZNSFQzWD7BiQkGTToSKaRS5hs52k-9Hr4bJtbX2Hscwjzh_ub7WzQfMSsbPLkdh7U1JArbs-m0bX5sNgwV1n5fYtUXvTPNjFNea1J8LcjVkre8Q5n', 1795865823990, 1795865823966, NULL, 1795865824045, 1795865824076, 'http://127.0.0.1:37389/audio-1250000000/lessons/1400000001/unsent-5/rec_01M8GZ3JPXJNFB6BQ47BVPZX09/timeline.json', 1795811020507, '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 0, '[]');
INSERT INTO public.spools VALUES
	('spl_01M8GZ3CQ5ZK2CK2HJ4N0HHQYD', 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', 'vm', '/tmp/roomtape-gs1EZu/spool', 1795865820423, 1795865820487, NULL);
INSERT INTO public.tenants VALUES
	('ten_01M8GZ3FMDZ898J136HV7YMXVM', 'school', 'AaKkd8qSrjWssO8g3ZK2fjyscYtfVeD3OjWLj7r2Bm793-fknN9dZ1TV0ig3oAS_yvLewNqE7X6xwlcOA3NcI99NatX90XWUlLBEcWcf_Q', 1795865820813);
INSERT INTO public.working_gateway VALUES
	(1, 'process_01M8GZ3C6Y9AGBK3VQHVSHN3F4', 'node_01M8GZ3BSMR6JVGAHFZT7EQSC5', '85863307-c7b9-4e69-96bd-c84ac05bbf4e', 'vm', '65024:3539628', 1795865823324, 0, NULL, 1795811020507, 54802816, NULL);
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
ALTER TABLE ONLY pgboss.queue_stats_20261128
    ADD CONSTRAINT queue_stats_20261128_pkey PRIMARY KEY (id, captured_on);
ALTER TABLE ONLY pgboss.queue_stats_20261129
    ADD CONSTRAINT queue_stats_20261129_pkey PRIMARY KEY (id, captured_on);
ALTER TABLE ONLY pgboss.schedule
    ADD CONSTRAINT schedule_pkey PRIMARY KEY (name, key);
ALTER TABLE ONLY pgboss.subscription
    ADD CONSTRAINT subscription_pkey PRIMARY KEY (event, name);
ALTER TABLE ONLY pgboss.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (version);
ALTER TABLE ONLY pgboss.warning
    ADD CONSTRAINT warning_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_pkey PRIMARY KEY (id);
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
ALTER TABLE ONLY public.relay_tasks
    ADD CONSTRAINT relay_tasks_pkey PRIMARY KEY (source_id);
ALTER TABLE ONLY public.role_stores
    ADD CONSTRAINT role_stores_pkey PRIMARY KEY (tenant_id, bucket, region, path);
ALTER TABLE ONLY public.room_events
    ADD CONSTRAINT room_events_pkey PRIMARY KEY (dedupe_key);
ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (sdk_app_id, room_key);
ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (track_id, seq);
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.spools
    ADD CONSTRAINT spools_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_recording_id_user_id_number_key UNIQUE (recording_id, user_id, number);
ALTER TABLE ONLY public.working_gateway
    ADD CONSTRAINT working_gateway_pkey PRIMARY KEY (id);
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
CREATE INDEX queue_stats_20261128_name_captured_on_deferred_count_queued_idx ON pgboss.queue_stats_20261128 USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);
CREATE INDEX queue_stats_20261129_name_captured_on_deferred_count_queued_idx ON pgboss.queue_stats_20261129 USING btree (name, captured_on DESC) INCLUDE (deferred_count, queued_count, ready_count, active_count, failed_count, total_count);
CREATE INDEX warning_i1 ON pgboss.warning USING btree (created_on DESC);
CREATE INDEX absences_recording ON public.absences USING btree (recording_id);
CREATE INDEX api_keys_tenant ON public.api_keys USING btree (tenant_id);
CREATE INDEX apps_tenant ON public.apps USING btree (tenant_id);
CREATE INDEX deliveries_event ON public.deliveries USING btree (event_id);
CREATE INDEX events_recording ON public.events USING btree (recording_id);
CREATE UNIQUE INDEX pauses_open ON public.pauses USING btree (recording_id, COALESCE(user_id, ''::text)) WHERE (end_ms IS NULL);
CREATE INDEX pauses_recording ON public.pauses USING btree (recording_id);
CREATE INDEX recordings_node ON public.recordings USING btree (node_id) WHERE (completed_ms IS NULL);
CREATE UNIQUE INDEX recordings_running ON public.recordings USING btree (sdk_app_id, room_key, user_id) WHERE (ended_ms IS NULL);
CREATE INDEX recordings_tenant ON public.recordings USING btree (tenant_id, id DESC);
CREATE INDEX relay_tasks_robot ON public.relay_tasks USING btree (sdk_app_id, robot_id);
CREATE INDEX relay_tasks_stops ON public.relay_tasks USING btree (stop_due_ms) WHERE ((stop_asked_ms IS NOT NULL) AND (stopped_ms IS NULL));
CREATE INDEX room_events_received ON public.room_events USING btree (received_ms);
CREATE INDEX room_events_room ON public.room_events USING btree (sdk_app_id, room_key, user_id);
CREATE INDEX sources_recording ON public.sources USING btree (recording_id);
CREATE INDEX tracks_spool ON public.tracks USING btree (spool_id) WHERE (closed_ms IS NULL);
ALTER INDEX pgboss.job_pkey ATTACH PARTITION pgboss.job_common_pkey;
ALTER INDEX pgboss.queue_stats_i1 ATTACH PARTITION pgboss.queue_stats_20261128_name_captured_on_deferred_count_queued_idx;
ALTER INDEX pgboss.queue_stats_pkey ATTACH PARTITION pgboss.queue_stats_20261128_pkey;
ALTER INDEX pgboss.queue_stats_i1 ATTACH PARTITION pgboss.queue_stats_20261129_name_captured_on_deferred_count_queued_idx;
ALTER INDEX pgboss.queue_stats_pkey ATTACH PARTITION pgboss.queue_stats_20261129_pkey;
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
ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES public.recordings(id) ON DELETE CASCADE;
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
ALTER TABLE ONLY public.role_stores
    ADD CONSTRAINT role_stores_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES public.recordings(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_recording_id_fkey FOREIGN KEY (recording_id) REFERENCES public.recordings(id) ON DELETE CASCADE;
