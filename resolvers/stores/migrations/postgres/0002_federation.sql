-- The federation: partners' subgraphs, the supergraphs made with them, and the operations seen.
--
-- Changes of partners and the supergraph that holds them are one transaction under an advisory
-- lock, so that versions have no gaps and two stewards cannot change partners at once.

create table supergraphs (
    version bigint primary key,
    made_at timestamptz not null default clock_timestamp(),
    digest bytea not null,
    partners text[] not null,
    supergraph text not null,
    api text not null
);
comment on column supergraphs.digest is
    'SHA-256 of the hub''s own subgraphs it was composed from: names, addresses and schemas.';

create table partner_versions (
    name text not null,
    version integer not null,
    operation text not null check (operation in ('ADDED', 'REPLACED', 'REMOVED')),
    url text not null,
    sdl text,
    actor text not null,
    reason text,
    recorded_at timestamptz not null default clock_timestamp(),
    supergraph bigint not null references supergraphs,
    primary key (name, version),
    check ((operation = 'REMOVED') = (sdl is null))
);

create table operations (
    hash bytea primary key,
    name text,
    text text not null,
    fields text[] not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null
);
create index operations_last_seen on operations (last_seen);
comment on column operations.text is
    'Normalised: sorted, and without literals, as those may be personal data.';

create table operation_days (
    hash bytea not null references operations on delete cascade,
    day date not null,
    times bigint not null,
    primary key (hash, day)
);

grant select, insert on supergraphs, partner_versions to {service};
grant select, insert, update, delete on operations, operation_days to {service};
grant select on supergraphs, partner_versions, operations, operation_days to {auditor};
