-- Events from video: every version as it stood on the topic `events`, and the state of each now.
--
-- `event_topics` names each topic `events` that ever fed this store (Kafka's id of it), in order:
-- offsets mean something within one of them only. `event_positions` says up to where each partition
-- is stored; its row is locked and compared by who writes, so that two writers store nothing twice.

create table event_topics (
    epoch smallint primary key,
    topic_id text not null unique,
    partitions integer not null,
    began_at timestamptz not null default clock_timestamp()
);

create table event_positions (
    epoch smallint not null references event_topics,
    partition smallint not null,
    next_offset bigint not null,
    first_offset bigint not null default 0,
    primary key (epoch, partition)
);
comment on column event_positions.next_offset is 'Everything before it is stored.';
comment on column event_positions.first_offset is
    'Everything before it was pruned; a cursor that stands before it has expired.';

-- Partitioned by month of `recorded_at`, the time that ingest wrote into the version: a version read
-- twice falls in the same month. `hub events prune` drops months.
create table event_versions (
    epoch smallint not null,
    partition smallint not null,
    topic_offset bigint not null,
    recorded_at timestamptz not null,
    id text not null,
    version integer not null,
    camera text not null,
    type text not null,
    review_id text,
    doc json not null,
    primary key (epoch, partition, topic_offset, recorded_at)
) partition by range (recorded_at);
create index event_versions_of on event_versions (id, version);
create index event_versions_review on event_versions (review_id) where review_id is not null;
comment on column event_versions.doc is 'The message as it stood on the topic (schema/wire.py, Event).';

create table events (
    id text primary key,
    version integer not null,
    type text not null,
    phase text not null,
    status text not null,
    camera text not null,
    grid text,
    venue text,
    firm text,
    path text[] not null,
    zone text,
    longitude double precision,
    latitude double precision,
    opened_at timestamptz not null,
    updated_at timestamptz not null,
    closed_at timestamptz,
    recorded_at timestamptz not null,
    confidence double precision not null,
    verdict text,
    reviewed_by text,
    reviewed_at timestamptz,
    rule text not null,
    source text not null,
    doc json not null
);
create index events_opened on events (opened_at, id);
create index events_updated on events (updated_at, id);
create index events_type on events (type, opened_at, id);
create index events_camera on events (camera, opened_at, id);
create index events_grid on events (grid, opened_at, id);
create index events_venue on events (venue, opened_at, id);
create index events_firm on events (firm, opened_at, id);
create index events_path on events using gin (path);
create index events_unreviewed on events (opened_at, id) where verdict is null;

-- Partitions of `event_versions` are made by the service as months come: it owns the function.
create function event_month(at timestamptz) returns void language plpgsql security definer
set search_path = public as $$
declare
    began date := date_trunc('month', at at time zone 'UTC');
    named text := 'event_versions_' || to_char(began, 'YYYY_MM');
begin
    if to_regclass(named) is null then
        perform pg_advisory_xact_lock(hashtext(named));
        if to_regclass(named) is null then
            execute format(
                'create table %I partition of event_versions for values from (%L) to (%L)',
                named, began::timestamp at time zone 'UTC',
                (began + interval '1 month')::timestamp at time zone 'UTC');
        end if;
    end if;
end $$;

grant select, insert on event_topics to {service};
grant select, insert, update on event_positions to {service};
grant select, insert, delete on event_versions to {service};
grant select, insert, update, delete on events to {service};
grant execute on function event_month to {service};
grant select on event_topics, event_positions, event_versions, events to {auditor};
