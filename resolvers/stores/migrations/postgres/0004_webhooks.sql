-- Webhooks: who gets versions of events by HTTP, up to where each was looked through, and every
-- message that came of it.
--
-- A webhook's position is a vector of offsets on the topic `events`, as in `event_positions`:
-- everything before it is in `webhook_deliveries` or did not match. It moves in the transaction that
-- adds the deliveries, so that none is missed and none is made twice.

create table webhooks (
    id text primary key,
    owner text not null,
    roles text[] not null,
    department text,
    url text not null,
    filter json,
    secret bytea not null,
    old_secret bytea,
    old_secret_until timestamptz,
    state text not null check (state in ('ACTIVE', 'PAUSED', 'DISABLED')),
    reason text,
    epoch smallint not null,
    offsets bigint[] not null,
    revision bigint not null default 1,
    failing_since timestamptz,
    request_hash bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);
create index webhooks_owner on webhooks (owner, created_at);
comment on column webhooks.secret is
    'AES-256-GCM by the key webhook.key: nonce (12 bytes), ciphertext and tag; the id is bound in.';
comment on column webhooks.epoch is '0 where no event was stored yet when it was made.';
comment on column webhooks.revision is 'Counts changes by people, so that the sender sees them.';
comment on column webhooks.reason is 'Why it is paused or disabled, where the hub did that.';
comment on column webhooks.request_hash is 'SHA-256 of what createWebhook was sent.';

create table webhook_deliveries (
    webhook text not null references webhooks on delete cascade,
    epoch smallint not null,
    partition smallint not null,
    topic_offset bigint not null,
    number bigint generated always as identity,
    recorded_at timestamptz not null,
    offsets bigint[] not null,
    camera text not null,
    event text not null,
    version integer not null,
    phase text not null,
    has_left boolean not null,
    state text not null default 'PENDING' check (state in ('PENDING', 'DELIVERED', 'PARKED')),
    attempts integer not null default 0,
    since timestamptz not null default clock_timestamp(),
    next_at timestamptz not null default clock_timestamp(),
    status integer,
    error text,
    milliseconds integer,
    created_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    primary key (webhook, epoch, partition, topic_offset)
);
create unique index webhook_deliveries_log on webhook_deliveries (webhook, number);
create index webhook_deliveries_waiting on webhook_deliveries
    (webhook, camera, epoch, topic_offset) include (next_at) where state = 'PENDING';
create index webhook_deliveries_parked on webhook_deliveries (webhook) where state = 'PARKED';
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where state <> 'PENDING';
comment on column webhook_deliveries.offsets is 'The cursor behind this version.';
comment on column webhook_deliveries.since is
    'When it became due: made, sent again by request, or its webhook resumed.';

grant select, insert, update, delete on webhooks, webhook_deliveries to {service};
grant select (id, owner, roles, department, url, filter, state, reason, epoch, offsets, revision,
              failing_since, created_at, updated_at) on webhooks to {auditor};
grant select on webhook_deliveries to {auditor};
