-- What was used. Partitioned by the time inside the row's UUIDv7, so the primary key is the id alone and a month is
-- dropped rather than deleted from.

create table ledger (
  id uuid not null primary key,
  request_id uuid not null,
  attempt int not null default 1,
  kind text not null check (kind in ('attempt', 'cache_hit', 'correction')),
  corrects uuid,
  book_epoch bigint not null,
  seq bigint,
  occurred_at timestamptz not null,
  organization text not null,
  team text,
  project text,
  user_name text,
  end_user text,
  session text,
  key_id text,
  tags jsonb not null default '{}',
  endpoint text,
  dialect text,
  requested_model text,
  served_model text,
  provider text,
  route text,
  uncached_input_tokens bigint not null default 0,
  cache_read_tokens bigint not null default 0,
  cache_write_5m_tokens bigint not null default 0,
  cache_write_1h_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0,
  audio_tokens bigint not null default 0,
  image_tokens bigint not null default 0,
  tool_calls bigint not null default 0,
  requests int not null check (requests in (0, 1)),
  cost_nano_usd bigint,
  price_version text,
  avoided_cost_nano_usd bigint,
  charges jsonb not null default '[]' check (jsonb_typeof(charges) = 'array'),
  usage_source text check (usage_source in ('provider', 'estimated', 'orphan')),
  status text not null,
  http_status int,
  overrun boolean not null default false,
  duration_us bigint,
  first_byte_us bigint,
  per_output_token_us bigint,
  trace_id text,
  provider_request_id text,
  check ((kind = 'correction') = (corrects is not null))
) partition by range (id);
create index ledger_newest_first on ledger (organization, id desc);
create index ledger_by_request on ledger (request_id);

comment on table ledger is
  'Append-only record of what was used: one row per attempt, cache hit and correction. Amounts of a correction are differences.';
comment on column ledger.id is 'UUIDv7; the time in it chooses the partition.';
comment on column ledger.seq is 'Place in the outbox of the book''s epoch; null for an entry recovered from an earlier epoch.';
comment on column ledger.key_id is 'The public part of the caller''s key; null for the anonymous local caller.';
comment on column ledger.reasoning_tokens is 'A part of output_tokens. Audio and image tokens, too, are parts of the classes they were billed in.';
comment on column ledger.requests is '1 on the one row that counts the request against request limits, else 0.';
comment on column ledger.cost_nano_usd is 'Null is unpriced, 0 is free.';
comment on column ledger.avoided_cost_nano_usd is 'What a cache hit would have cost.';
comment on column ledger.charges is
  'The counters this row was posted to, fixed when it was held: [{"budget": uuid, "subject": text, "window_start": epoch seconds}].';
comment on column ledger.status is 'ok, cancelled, or the kind of failure: whatever is neither of the first two counts as an error.';

create table ledger_default partition of ledger default;
comment on table ledger_default is 'Rows of months without a partition, such as those replayed after a long rest.';

create function uuidv7_floor(p_at timestamptz) returns uuid
language sql immutable strict parallel safe
return (lpad(to_hex(floor(extract(epoch from p_at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;
comment on function uuidv7_floor(timestamptz) is 'The least UUIDv7 of a millisecond; lower bound of partitions and time ranges.';

create function refuse_ledger_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_setting('tollgate.erasing', true) = 'on'
     and to_jsonb(new) - array['end_user', 'charges'] = to_jsonb(old) - array['end_user', 'charges'] then
    return new;
  end if;
  if tg_op = 'DELETE' and current_setting('tollgate.moving', true) = 'on' and tg_table_name = 'ledger_default' then
    return old;
  end if;
  raise exception 'ledger is append-only: % refused', lower(tg_op) using errcode = 'TG003';
end
$$;
comment on function refuse_ledger_change() is
  'Keeps the ledger append-only (SQLSTATE TG003) but for erase_end_user and create_ledger_partitions.';

create trigger ledger_append_only before update or delete on ledger
  for each row execute function refuse_ledger_change();
create trigger ledger_no_truncate before truncate on ledger
  for each statement execute function refuse_change();
create trigger ledger_default_no_truncate before truncate on ledger_default
  for each statement execute function refuse_change();

create function create_ledger_partition(p_month timestamptz) returns boolean language plpgsql as $$
declare
  first_day timestamptz := date_trunc('month', p_month, 'UTC');
  low uuid := uuidv7_floor(first_day);
  high uuid := uuidv7_floor(date_trunc('month', first_day + interval '35 days', 'UTC'));
  partition_name text := 'ledger_' || to_char(first_day at time zone 'UTC', 'YYYY_MM');
begin
  if to_regclass(partition_name) is not null then
    return false;
  end if;
  execute format('create table %I (like ledger including all)', partition_name);
  -- Rows that came before their month had a partition stand in the default one and must leave it first.
  lock table ledger_default in access exclusive mode;
  perform set_config('tollgate.moving', 'on', true);
  execute format(
    'with moved as (delete from ledger_default where id >= %L and id < %L returning *) insert into %I select * from moved',
    low, high, partition_name);
  perform set_config('tollgate.moving', 'off', true);
  execute format('alter table ledger attach partition %I for values from (%L) to (%L)', partition_name, low, high);
  execute format('create trigger %I before truncate on %I for each statement execute function refuse_change()',
    partition_name || '_no_truncate', partition_name);
  return true;
end
$$;
comment on function create_ledger_partition(timestamptz) is 'Makes the partition of a UTC month; false when it exists.';

create function create_ledger_partitions(p_months_ahead int) returns int language plpgsql as $$
declare
  created int := 0;
  month_offset int;
begin
  -- Several nodes ask at once; one makes, the others find it made.
  perform pg_advisory_xact_lock(hashtextextended('tollgate.create_ledger_partitions', 0));
  for month_offset in 0..p_months_ahead loop
    if create_ledger_partition((date_trunc('month', now() at time zone 'UTC') + make_interval(months => month_offset)) at time zone 'UTC') then
      created := created + 1;
    end if;
  end loop;
  return created;
end
$$;
comment on function create_ledger_partitions(int) is
  'Makes the partitions of this UTC month and the given number of months after it; returns how many were missing.';

select create_ledger_partitions(2);

create table ledger_rejected (
  id bigint generated always as identity primary key,
  organization text not null references organizations,
  book_epoch bigint not null,
  seq bigint,
  entry jsonb not null,
  error text not null,
  rejected_at timestamptz not null default now()
);
create index ledger_rejected_newest_first on ledger_rejected (organization, id desc);
comment on table ledger_rejected is 'Entries that the ledger could not take. Each is an alarm: its amounts are in no sum.';
