-- The change log, the versions of every record, and the keys that are taken.
--
-- `change_head` has one row. Its lock is taken by the last statement of a writing transaction and
-- held to the commit, so that positions are gapless and in commit order. `log_id` names this log:
-- a graph that was built from another one is built anew.

create table change_head (
    one boolean primary key default true check (one),
    position bigint not null,
    log_id uuid not null
);
insert into change_head (position, log_id) values (0, gen_random_uuid());

create table change_sets (
    position bigint primary key,
    recorded_at timestamptz not null,
    actor text not null,
    source text not null,
    reason text,
    agreement text,
    client_mutation_id text,
    request_hash bytea,
    answer jsonb,
    changes integer not null
);
create unique index change_sets_mutation on change_sets (actor, client_mutation_id)
    where client_mutation_id is not null;
comment on column change_sets.answer is
    'What a mutation with a client_mutation_id answered, to be given again on a retry.';

create table entities (
    type text not null,
    code text not null,
    version integer not null,
    retired boolean not null,
    digest bytea not null,
    primary key (type, code)
);
comment on column entities.digest is
    '128-bit digest of the current fields and edges, so that a repeated load is seen as such.';

create table entity_versions (
    type text not null,
    code text not null,
    version integer not null,
    from_position bigint not null,
    to_position bigint,
    ordinal integer not null,
    operation text not null check (operation in ('CREATED', 'UPDATED', 'RETIRED', 'RESTORED')),
    recorded_at timestamptz not null,
    fields jsonb not null,
    edges jsonb not null,
    primary key (type, code, version)
);
create index entity_versions_order on entity_versions (from_position, ordinal);

-- Nothing that was logged is changed by the running service, except that a version ends.
grant select, update (position) on change_head to {service};
grant select, insert on change_sets to {service};
grant select, insert, update on entities to {service};
grant select, insert, update (to_position) on entity_versions to {service};
grant select on change_head, change_sets, entities, entity_versions to {auditor};
