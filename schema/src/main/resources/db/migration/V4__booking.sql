-- The roll-ups of the ledger and the one way anything enters it.

create table books (
  organization text primary key references organizations,
  epoch bigint not null check (epoch >= 1),
  term bigint not null default 0 check (term >= 0),
  booked_through bigint not null default 0 check (booked_through >= 0),
  updated_at timestamptz not null default now()
);
comment on table books is 'One row per organization, locked by each booking: the fence between old and new bookers.';
comment on column books.epoch is 'Counts the openings of the book; sequence numbers begin anew with each.';
comment on column books.term is 'The highest term of the admission lease that has booked.';
comment on column books.booked_through is 'The highest sequence number of this epoch in the ledger.';

create table usage_hourly (
  organization text not null,
  hour timestamptz not null,
  team text not null,
  project text not null,
  user_name text not null,
  end_user text not null,
  key_id text not null,
  model text not null,
  provider text not null,
  endpoint text not null,
  requests bigint not null,
  attempts bigint not null,
  errors bigint not null,
  cache_hits bigint not null,
  unpriced_attempts bigint not null,
  uncached_input_tokens bigint not null,
  cache_read_tokens bigint not null,
  cache_write_tokens bigint not null,
  output_tokens bigint not null,
  reasoning_tokens bigint not null,
  cost_nano_usd bigint not null,
  avoided_cost_nano_usd bigint not null,
  primary key (organization, hour, team, project, user_name, end_user, key_id, model, provider, endpoint)
);
comment on table usage_hourly is 'Sums of the ledger by UTC hour and dimension; an absent dimension is the empty string.';
comment on column usage_hourly.model is 'The model that served, or the requested one where none did.';

create table budget_windows (
  organization text not null,
  budget_id uuid not null,
  subject text not null,
  window_start bigint not null,
  requests bigint not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  total_tokens bigint not null,
  cost_nano_usd bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (budget_id, subject, window_start)
);
create index budget_windows_by_budget on budget_windows (organization, budget_id, window_start);
comment on table budget_windows is 'Sums of the ledger by the charges its rows name: what a budget''s counter is seeded from.';
comment on column budget_windows.window_start is 'Epoch seconds.';

create table alerts (
  id uuid primary key default gen_random_uuid(),
  organization text not null references organizations,
  budget_id uuid not null,
  subject text not null,
  window_start bigint not null,
  limit_name text not null,
  threshold int not null check (threshold > 0),
  limit_amount bigint not null,
  used_amount bigint not null,
  crossed_at timestamptz not null,
  unique (budget_id, subject, window_start, limit_name, threshold)
);
create index alerts_newest_first on alerts (organization, crossed_at desc);
comment on table alerts is 'A threshold of a budget that was crossed: once per subject, window and limit.';
comment on column alerts.threshold is 'Per mille of the limit.';

create function open_book(p_organization text) returns table (epoch bigint, term bigint) language sql as $$
  insert into books as book (organization, epoch) values (p_organization, 1)
  on conflict (organization) do update set epoch = book.epoch + 1, booked_through = 0, updated_at = now()
  returning book.epoch, book.term
$$;
comment on function open_book(text) is 'Begins the next epoch of a book; bookers of earlier epochs are refused from then on.';

create function lock_book(p_organization text, p_epoch bigint, p_term bigint) returns books language plpgsql as $$
declare
  book books;
begin
  select * into book from books where organization = p_organization for update;
  if not found then
    raise exception 'book %: not open (expected: open_book first)', p_organization using errcode = 'TG002';
  end if;
  if p_term < book.term then
    raise exception 'book %: term % (expected: >= %)', p_organization, p_term, book.term using errcode = 'TG001';
  end if;
  if p_epoch < book.epoch then
    raise exception 'book %: epoch % (expected: %)', p_organization, p_epoch, book.epoch using errcode = 'TG001';
  end if;
  if p_epoch > book.epoch then
    raise exception 'book %: epoch % was never opened (open: %)', p_organization, p_epoch, book.epoch using errcode = 'TG002';
  end if;
  return book;
end
$$;
comment on function lock_book(text, bigint, bigint) is
  'Locks the book until the transaction ends. TG001: an older term or epoch, stop booking; TG002: not open.';

create function book_entries(p_organization text, p_epoch bigint, p_term bigint, p_entries jsonb)
  returns table (booked int, booked_through bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  book books := lock_book(p_organization, p_epoch, p_term);
  rows_booked int;
  highest bigint;
begin
  with given as materialized (
    select (entry ->> 'seq')::bigint as seq, entry -> 'alerts' as alerts, r
    from jsonb_array_elements(p_entries) entry
    cross join lateral jsonb_populate_record(null::ledger, entry -> 'row') r
  ), inserted as (
    insert into ledger (
      id, request_id, attempt, kind, corrects, book_epoch, seq, occurred_at, organization, team, project, user_name,
      end_user, session, key_id, tags, endpoint, dialect, requested_model, served_model, provider, route,
      uncached_input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
      reasoning_tokens, audio_tokens, image_tokens, tool_calls, requests, cost_nano_usd, price_version,
      avoided_cost_nano_usd, charges, usage_source, status, http_status, overrun, duration_us, first_byte_us,
      per_output_token_us, trace_id, provider_request_id)
    select
      (r).id, (r).request_id, coalesce((r).attempt, 1), (r).kind, (r).corrects, p_epoch, seq, (r).occurred_at,
      p_organization, (r).team, (r).project, (r).user_name, (r).end_user, (r).session, (r).key_id,
      coalesce((r).tags, '{}'), (r).endpoint, (r).dialect, (r).requested_model, (r).served_model, (r).provider,
      (r).route, coalesce((r).uncached_input_tokens, 0), coalesce((r).cache_read_tokens, 0),
      coalesce((r).cache_write_5m_tokens, 0), coalesce((r).cache_write_1h_tokens, 0), coalesce((r).output_tokens, 0),
      coalesce((r).reasoning_tokens, 0), coalesce((r).audio_tokens, 0), coalesce((r).image_tokens, 0),
      coalesce((r).tool_calls, 0), (r).requests, (r).cost_nano_usd, (r).price_version, (r).avoided_cost_nano_usd,
      coalesce((r).charges, '[]'), (r).usage_source, (r).status, (r).http_status, coalesce((r).overrun, false),
      (r).duration_us, (r).first_byte_us, (r).per_output_token_us, (r).trace_id, (r).provider_request_id
    from given
    order by seq nulls first, (r).id
    on conflict do nothing
    returning *
  ), by_hour as (
    insert into usage_hourly as sums (
      organization, hour, team, project, user_name, end_user, key_id, model, provider, endpoint, requests, attempts,
      errors, cache_hits, unpriced_attempts, uncached_input_tokens, cache_read_tokens, cache_write_tokens,
      output_tokens, reasoning_tokens, cost_nano_usd, avoided_cost_nano_usd)
    select
      p_organization, date_trunc('hour', occurred_at, 'UTC'), coalesce(team, ''), coalesce(project, ''),
      coalesce(user_name, ''), coalesce(end_user, ''), coalesce(key_id, ''),
      coalesce(served_model, requested_model, ''), coalesce(provider, ''), coalesce(endpoint, ''),
      sum(requests),
      count(*) filter (where kind = 'attempt'),
      count(*) filter (where kind = 'attempt' and status not in ('ok', 'cancelled')),
      count(*) filter (where kind = 'cache_hit'),
      count(*) filter (where kind = 'attempt' and cost_nano_usd is null),
      sum(uncached_input_tokens),
      sum(cache_read_tokens),
      sum(cache_write_5m_tokens + cache_write_1h_tokens),
      sum(output_tokens),
      sum(reasoning_tokens),
      coalesce(sum(cost_nano_usd), 0),
      coalesce(sum(avoided_cost_nano_usd), 0)
    from inserted
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    on conflict (organization, hour, team, project, user_name, end_user, key_id, model, provider, endpoint)
    do update set
      requests = sums.requests + excluded.requests,
      attempts = sums.attempts + excluded.attempts,
      errors = sums.errors + excluded.errors,
      cache_hits = sums.cache_hits + excluded.cache_hits,
      unpriced_attempts = sums.unpriced_attempts + excluded.unpriced_attempts,
      uncached_input_tokens = sums.uncached_input_tokens + excluded.uncached_input_tokens,
      cache_read_tokens = sums.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_tokens = sums.cache_write_tokens + excluded.cache_write_tokens,
      output_tokens = sums.output_tokens + excluded.output_tokens,
      reasoning_tokens = sums.reasoning_tokens + excluded.reasoning_tokens,
      cost_nano_usd = sums.cost_nano_usd + excluded.cost_nano_usd,
      avoided_cost_nano_usd = sums.avoided_cost_nano_usd + excluded.avoided_cost_nano_usd
  ), by_window as (
    insert into budget_windows as sums (
      organization, budget_id, subject, window_start, requests, input_tokens, output_tokens, total_tokens,
      cost_nano_usd, first_at, last_at)
    select
      p_organization, charge.budget, charge.subject, charge.window_start,
      sum(requests),
      sum(uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens),
      sum(output_tokens),
      sum(uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens),
      coalesce(sum(cost_nano_usd), 0),
      min(occurred_at),
      max(occurred_at)
    from inserted
    cross join lateral jsonb_to_recordset(charges) as charge (budget uuid, subject text, window_start bigint)
    group by 2, 3, 4
    order by 2, 3, 4
    on conflict (budget_id, subject, window_start) do update set
      requests = sums.requests + excluded.requests,
      input_tokens = sums.input_tokens + excluded.input_tokens,
      output_tokens = sums.output_tokens + excluded.output_tokens,
      total_tokens = sums.total_tokens + excluded.total_tokens,
      cost_nano_usd = sums.cost_nano_usd + excluded.cost_nano_usd,
      first_at = least(sums.first_at, excluded.first_at),
      last_at = greatest(sums.last_at, excluded.last_at)
  ), noticed as (
    insert into alerts (
      organization, budget_id, subject, window_start, limit_name, threshold, limit_amount, used_amount, crossed_at)
    select
      p_organization, alert.budget_id, alert.subject, alert.window_start, alert.limit_name, alert.threshold,
      alert.limit_amount, alert.used_amount, inserted.occurred_at
    from inserted
    join given on (given.r).id = inserted.id
    cross join lateral jsonb_to_recordset(given.alerts) as alert (
      budget_id uuid, subject text, window_start bigint, limit_name text, threshold int, limit_amount bigint,
      used_amount bigint)
    where jsonb_typeof(given.alerts) = 'array'
    order by 2, 3, 4, 5, 6, inserted.id
    on conflict do nothing
  )
  select (select count(*) from inserted), (select max(seq) from given) into rows_booked, highest;

  update books b
  set term = p_term, booked_through = greatest(b.booked_through, highest), updated_at = now()
  where b.organization = p_organization
  returning b.booked_through into highest;
  return query select rows_booked, highest;
end
$$;
comment on function book_entries(text, bigint, bigint, jsonb) is
  'Books outbox entries [{"seq": n, "row": {ledger columns}, "alerts": [..]}] with their roll-ups in the caller''s transaction. '
  'A row is known by its id: a repeat changes nothing. The organization and epoch are the arguments'', whatever the row says. '
  'Without a seq an entry leaves booked_through alone. Raises TG001 and TG002 as lock_book does.';

create function reject_entry(p_organization text, p_epoch bigint, p_term bigint, p_entry jsonb, p_error text)
  returns bigint
language plpgsql as $$
declare
  book books := lock_book(p_organization, p_epoch, p_term);
  entry_seq bigint := (p_entry ->> 'seq')::bigint;
begin
  insert into ledger_rejected (organization, book_epoch, seq, entry, error)
  values (p_organization, p_epoch, entry_seq, p_entry, p_error);
  update books b
  set term = p_term, booked_through = greatest(b.booked_through, entry_seq), updated_at = now()
  where b.organization = p_organization
  returning b.booked_through into book.booked_through;
  return book.booked_through;
end
$$;
comment on function reject_entry(text, bigint, bigint, jsonb, text) is
  'Sets aside an entry the ledger cannot take and moves booked_through past it; returns booked_through.';

create function seed_counters(p_organization text, p_budget_ids uuid[], p_subjects text[], p_window_starts bigint[])
  returns table (
    epoch bigint, booked_through bigint, budget_id uuid, subject text, window_start bigint, requests bigint,
    input_tokens bigint, output_tokens bigint, total_tokens bigint, cost_nano_usd bigint)
language sql stable as $$
  select
    book.epoch, book.booked_through, wanted.budget_id, wanted.subject, wanted.window_start,
    coalesce(sums.requests, 0), coalesce(sums.input_tokens, 0), coalesce(sums.output_tokens, 0),
    coalesce(sums.total_tokens, 0), coalesce(sums.cost_nano_usd, 0)
  from books book
  cross join unnest(p_budget_ids, p_subjects, p_window_starts) as wanted (budget_id, subject, window_start)
  left join budget_windows sums
    on sums.budget_id = wanted.budget_id and sums.subject = wanted.subject and sums.window_start = wanted.window_start
    and sums.organization = book.organization
  where book.organization = p_organization
$$;
comment on function seed_counters(text, uuid[], text[], bigint[]) is
  'Sums of the given counters (parallel arrays) and the mark they include, in one snapshot; no rows when the book is not open.';

create function rename_subject(p_charges jsonb, p_budget_ids uuid[], p_from text, p_to text) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_agg(
    case when charge ->> 'subject' = p_from and (charge ->> 'budget')::uuid = any (p_budget_ids)
      then charge || jsonb_build_object('subject', p_to) else charge end order by place), '[]')
  from jsonb_array_elements(p_charges) with ordinality as listed (charge, place)
$$;

create function erase_end_user(p_organization text, p_end_user text) returns text language plpgsql as $$
declare
  -- Random, so that nothing leads back to the person and no two erasures meet in one roll-up row.
  pseudonym text := 'erased-' || gen_random_uuid();
  by_end_user uuid[] := array(
    select id from budgets where organization = p_organization and definition ->> 'per' = 'end_user');
begin
  if coalesce(p_end_user, '') = '' then
    raise exception 'end user: empty (expected: the value of X-App-User-Id)' using errcode = '22023';
  end if;
  perform from books where organization = p_organization for update;
  perform set_config('tollgate.erasing', 'on', true);
  update ledger
  set end_user = pseudonym, charges = rename_subject(charges, by_end_user, p_end_user, pseudonym)
  where organization = p_organization and end_user = p_end_user;
  perform set_config('tollgate.erasing', 'off', true);
  update usage_hourly set end_user = pseudonym where organization = p_organization and end_user = p_end_user;
  update budget_windows set subject = pseudonym
  where organization = p_organization and budget_id = any (by_end_user) and subject = p_end_user;
  update alerts set subject = pseudonym
  where organization = p_organization and budget_id = any (by_end_user) and subject = p_end_user;
  update ledger_rejected
  set entry = jsonb_set(entry, '{row}', (entry -> 'row') || jsonb_build_object(
    'end_user', pseudonym,
    'charges', rename_subject(coalesce(entry -> 'row' -> 'charges', '[]'), by_end_user, p_end_user, pseudonym)))
  where organization = p_organization and entry -> 'row' ->> 'end_user' = p_end_user;
  return pseudonym;
end
$$;
comment on function erase_end_user(text, text) is
  'Replaces an end user by a random pseudonym in ledger and roll-ups, sums untouched; returns it. Reads the whole ledger.';
