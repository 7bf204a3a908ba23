-- Where calls go and what they cost (pico-USD per token), and what may be used.

create table providers (
  name text primary key check (char_length(name) between 1 and 200),
  type text not null,
  base_url text not null,
  credential_source text,
  settings jsonb not null default '{}',
  managed_by text not null default 'api' check (managed_by in ('api', 'file', 'environment')),
  revision bigint not null default 1 check (revision >= 1),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table providers is 'An upstream account: type, base URL, and where its credential comes from.';
comment on column providers.credential_source is 'Where to read the credential, as in env:OPENAI_API_KEY; never the credential.';

create table models (
  provider text not null references providers on delete cascade,
  name text not null check (char_length(name) between 1 and 200),
  upstream_model text not null,
  dialect text not null,
  context_tokens bigint check (context_tokens > 0),
  output_tokens_max bigint check (output_tokens_max > 0),
  encoding text,
  capabilities jsonb not null default '{}',
  managed_by text not null default 'api' check (managed_by in ('api', 'file', 'environment', 'catalogue')),
  revision bigint not null default 1 check (revision >= 1),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (provider, name)
);
create index models_by_name on models (name);
comment on table models is 'A model at a provider, under the name callers use.';
comment on column models.encoding is 'The byte-pair encoding that counts its tokens; null where none is known.';

create table prices (
  id bigint generated always as identity primary key,
  provider_type text not null,
  model text not null,
  version int not null check (version >= 1),
  valid_from timestamptz not null default now(),
  uncached_input_pico bigint not null check (uncached_input_pico >= 0),
  cache_read_pico bigint not null check (cache_read_pico >= 0),
  cache_write_5m_pico bigint not null check (cache_write_5m_pico >= 0),
  cache_write_1h_pico bigint not null check (cache_write_1h_pico >= 0),
  output_pico bigint not null check (output_pico >= 0),
  extra jsonb not null default '{}',
  managed_by text not null default 'api' check (managed_by in ('api', 'file', 'environment', 'catalogue')),
  created_at timestamptz not null default now(),
  unique (provider_type, model, version)
);
comment on table prices is 'Prices in pico-USD per token. A change is a new version, so a ledger row''s price version stays true.';
comment on column prices.extra is 'Prices of what is not a token class, and of service tiers.';

create table budgets (
  id uuid primary key default gen_random_uuid(),
  organization text not null references organizations,
  name text not null check (char_length(name) between 1 and 200),
  revision bigint not null default 1 check (revision >= 1),
  definition jsonb not null,
  managed_by text not null default 'api' check (managed_by in ('api', 'file', 'environment')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index budgets_name_unique on budgets (organization, name) where deleted_at is null;
comment on table budgets is 'Limits on a scope in a period. Deleted ones stay, because ledger rows name them.';
comment on column budgets.definition is 'The body of the admin API.';
