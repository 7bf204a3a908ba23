-- Who calls: organizations, what is inside them, and the keys callers present.
-- Names are identities: they are stored as text wherever something is attributed, so that history outlives a deletion.

create table organizations (
  name text primary key check (char_length(name) between 1 and 200),
  configuration_version bigint not null default 1 check (configuration_version >= 1),
  created_at timestamptz not null default now()
);
comment on table organizations is 'A tenant. Everything counted or configured belongs to one.';
comment on column organizations.configuration_version is
  'Rises with each change of budgets, keys or routes; a node that decides with an older one is told so.';

insert into organizations (name) values ('local');

create table teams (
  organization text not null references organizations,
  name text not null check (char_length(name) between 1 and 200),
  created_at timestamptz not null default now(),
  primary key (organization, name)
);
comment on table teams is 'A group of users and projects inside an organization.';

create table projects (
  organization text not null references organizations,
  name text not null check (char_length(name) between 1 and 200),
  team text,
  created_at timestamptz not null default now(),
  primary key (organization, name),
  foreign key (organization, team) references teams (organization, name)
);
comment on table projects is 'A piece of work to which use is attributed.';

create table users (
  organization text not null references organizations,
  name text not null check (char_length(name) between 1 and 200),
  team text,
  created_at timestamptz not null default now(),
  primary key (organization, name),
  foreign key (organization, team) references teams (organization, name)
);
comment on table users is 'A person or service that owns keys. End users of an application are not listed anywhere.';

create table keys (
  id uuid primary key default gen_random_uuid(),
  organization text not null references organizations,
  key_id text not null unique check (char_length(key_id) between 1 and 100),
  name text not null check (char_length(name) between 1 and 200),
  secret_hmac bytea not null,
  user_name text,
  team text,
  project text,
  role text not null default 'member',
  models text[] not null default '{*}',
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  managed_by text not null default 'api' check (managed_by in ('api', 'file', 'environment')),
  revision bigint not null default 1 check (revision >= 1),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index keys_name_unique on keys (organization, name) where revoked_at is null;
create index keys_updated on keys (updated_at);
comment on table keys is 'A caller''s API key. The secret itself is stored nowhere.';
comment on column keys.key_id is 'The public part of the key; it finds the row and names the key in the ledger.';
comment on column keys.secret_hmac is 'HMAC-SHA-256 of the secret under a pepper kept outside the database.';
comment on column keys.models is 'Patterns of the model names this key may use; {*} is all.';

create table settings (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);
comment on table settings is 'Facts about the whole installation that must outlive a process.';

create table idempotency_keys (
  scope text not null,
  key text not null check (char_length(key) between 1 and 255),
  request_hash bytea not null,
  response_status int,
  response_headers jsonb,
  response_body text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (scope, key)
);
create index idempotency_keys_expiry on idempotency_keys (expires_at);
comment on table idempotency_keys is
  'Answers of the admin API by Idempotency-Key. A null status is a request still running. Secrets never enter a body.';
comment on column idempotency_keys.scope is 'Caller, method and path: the same key elsewhere is another key.';

create table audit (
  id bigint generated always as identity primary key,
  organization text,
  occurred_at timestamptz not null default now(),
  actor text not null,
  action text not null,
  resource_type text not null,
  resource_name text not null,
  request_id text,
  remote_address text,
  before jsonb,
  after jsonb
);
create index audit_by_organization on audit (organization, id desc);
comment on table audit is 'Who changed what through the admin API. Append-only; secrets never enter before or after.';

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op) using errcode = 'TG003';
end
$$;
comment on function refuse_change() is 'Keeps an append-only table so; SQLSTATE TG003.';

create trigger audit_append_only before update or delete on audit
  for each row execute function refuse_change();
create trigger audit_no_truncate before truncate on audit
  for each statement execute function refuse_change();
