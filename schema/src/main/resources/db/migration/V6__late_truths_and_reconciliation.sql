-- Late truths: a row booked for a dead owner is corrected when the owner turns up after all. And the comparison of the
-- ledger with the sums that are kept beside it.

alter table ledger drop constraint ledger_requests_check;
alter table ledger add constraint ledger_requests_check
  check (requests in (0, 1) or (kind = 'correction' and requests = -1));
comment on column ledger.corrects is
  'The row a correction corrects: its amounts are the truth less that row''s, its dimensions and charges that row''s, the '
  'rest the truth''s.';
comment on column ledger.requests is
  '1 on the one row that counts the request against request limits, else 0; of a correction the difference.';
comment on column ledger.price_version is
  'Null on a correction says that the truth is unpriced, empty that its price has no version.';

drop function open_book(text);

create function open_book(p_organization text, p_term bigint) returns table (epoch bigint, term bigint)
language plpgsql as $$
#variable_conflict use_column
begin
  return query
    insert into books as book (organization, epoch, term) values (p_organization, 1, p_term)
    on conflict (organization) do update
    set epoch = book.epoch + 1, term = p_term, booked_through = 0, updated_at = now()
    where book.term <= p_term
    returning book.epoch, book.term;
  if not found then
    raise exception 'book %: term % (expected: >= %)', p_organization, p_term,
      (select book.term from books book where book.organization = p_organization) using errcode = 'TG001';
  end if;
end
$$;
comment on function open_book(text, bigint) is
  'Begins the next epoch of a book in a term; bookers of earlier epochs and terms are refused from then on, and so is an '
  'opener of an earlier term (TG001).';

create index ledger_corrections on ledger (corrects) where corrects is not null;

create function correction_id(p_id uuid) returns uuid language sql immutable strict parallel safe
return (left(replace(p_id::text, '-', ''), 12) || '7' || substr(md5(p_id::text), 1, 3) || '8'
  || substr(md5(p_id::text), 4, 15))::uuid;
comment on function correction_id(uuid) is
  'The id of the one correction of a row: of the same millisecond, and so in the same partition.';

create function is_error(p_status text) returns boolean language sql immutable parallel safe
return p_status not in ('ok', 'cancelled');

create function post_entries(p_organization text, p_epoch bigint, p_entries json)
  returns table (posted int, given int, highest bigint)
language plpgsql as $$
#variable_conflict use_column
begin
  return query
  with given as materialized (
    select *
    from json_to_recordset(p_entries) as entry (
      seq bigint, alerts jsonb, errors int, unpriced int,
      id uuid, request_id uuid, attempt int, kind text, corrects uuid, occurred_at timestamptz, team text, project text,
      user_name text, end_user text, session text, key_id text, tags jsonb, endpoint text, dialect text,
      requested_model text, served_model text, provider text, route text, uncached_input_tokens bigint,
      cache_read_tokens bigint, cache_write_5m_tokens bigint, cache_write_1h_tokens bigint, output_tokens bigint,
      reasoning_tokens bigint, audio_tokens bigint, image_tokens bigint, tool_calls bigint, requests int,
      cost_nano_usd bigint, price_version text, avoided_cost_nano_usd bigint, charges jsonb, usage_source text,
      status text, http_status int, overrun boolean, duration_us bigint, first_byte_us bigint,
      per_output_token_us bigint, trace_id text, provider_request_id text)
  ), inserted as (
    insert into ledger (
      id, request_id, attempt, kind, corrects, book_epoch, seq, occurred_at, organization, team, project, user_name,
      end_user, session, key_id, tags, endpoint, dialect, requested_model, served_model, provider, route,
      uncached_input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens,
      reasoning_tokens, audio_tokens, image_tokens, tool_calls, requests, cost_nano_usd, price_version,
      avoided_cost_nano_usd, charges, usage_source, status, http_status, overrun, duration_us, first_byte_us,
      per_output_token_us, trace_id, provider_request_id)
    select
      id, request_id, coalesce(attempt, 1), kind, corrects, p_epoch, seq, occurred_at,
      p_organization, team, project, user_name, end_user, session, key_id,
      coalesce(tags, '{}'), endpoint, dialect, requested_model, served_model, provider,
      route, coalesce(uncached_input_tokens, 0), coalesce(cache_read_tokens, 0),
      coalesce(cache_write_5m_tokens, 0), coalesce(cache_write_1h_tokens, 0), coalesce(output_tokens, 0),
      coalesce(reasoning_tokens, 0), coalesce(audio_tokens, 0), coalesce(image_tokens, 0),
      coalesce(tool_calls, 0), requests, cost_nano_usd, price_version, avoided_cost_nano_usd,
      coalesce(charges, '[]'), usage_source, status, http_status, coalesce(overrun, false),
      duration_us, first_byte_us, per_output_token_us, trace_id, provider_request_id
    from given
    order by seq nulls first, id
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
      count(*) filter (where kind = 'attempt' and is_error(status)) + coalesce(sum(late.errors), 0),
      count(*) filter (where kind = 'cache_hit'),
      count(*) filter (where kind = 'attempt' and cost_nano_usd is null) + coalesce(sum(late.unpriced), 0),
      sum(uncached_input_tokens),
      sum(cache_read_tokens),
      sum(cache_write_5m_tokens + cache_write_1h_tokens),
      sum(output_tokens),
      sum(reasoning_tokens),
      coalesce(sum(cost_nano_usd), 0),
      coalesce(sum(avoided_cost_nano_usd), 0)
    from inserted
    left join (select id as late_id, errors, unpriced from given where errors is not null) as late
      on late_id = inserted.id
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
    join given on given.id = inserted.id
    cross join lateral jsonb_to_recordset(given.alerts) as alert (
      budget_id uuid, subject text, window_start bigint, limit_name text, threshold int, limit_amount bigint,
      used_amount bigint)
    where jsonb_typeof(given.alerts) = 'array'
    order by 2, 3, 4, 5, 6, inserted.id
    on conflict do nothing
  )
  select (select count(*)::int from inserted), count(*)::int, max(seq) from given;
end
$$;
comment on function post_entries(text, bigint, json) is
  'The part of book_entries that inserts rows and moves roll-ups; the caller holds the book''s lock. What a correction '
  'changes beside amounts comes in "errors" and "unpriced".';

create function late_truths(p_organization text, p_entries json) returns json
language sql stable
-- The ledger grows while sessions live: a plan is made for its size of the moment.
set plan_cache_mode = force_custom_plan as $$
  select json_agg(
    to_jsonb(there) || jsonb_build_object(
      'seq', truth.seq, 'alerts', truth.alerts,
        'errors', is_error(truth.status)::int - is_error(there.status)::int,
        'unpriced', (truth.cost_nano_usd is null)::int - (there.cost_nano_usd is null)::int,
        'id', correction_id(there.id), 'kind', 'correction', 'corrects', there.id,
        'uncached_input_tokens', coalesce(truth.uncached_input_tokens, 0) - there.uncached_input_tokens,
        'cache_read_tokens', coalesce(truth.cache_read_tokens, 0) - there.cache_read_tokens,
        'cache_write_5m_tokens', coalesce(truth.cache_write_5m_tokens, 0) - there.cache_write_5m_tokens,
        'cache_write_1h_tokens', coalesce(truth.cache_write_1h_tokens, 0) - there.cache_write_1h_tokens,
        'output_tokens', coalesce(truth.output_tokens, 0) - there.output_tokens,
        'reasoning_tokens', coalesce(truth.reasoning_tokens, 0) - there.reasoning_tokens,
        'audio_tokens', coalesce(truth.audio_tokens, 0) - there.audio_tokens,
        'image_tokens', coalesce(truth.image_tokens, 0) - there.image_tokens,
        'tool_calls', coalesce(truth.tool_calls, 0) - there.tool_calls,
        'requests', truth.requests - there.requests,
        'cost_nano_usd', case
          when truth.cost_nano_usd is not null or there.cost_nano_usd is not null
          then coalesce(truth.cost_nano_usd, 0) - coalesce(there.cost_nano_usd, 0) end,
        'price_version', case
          when truth.cost_nano_usd is not null then coalesce(truth.price_version, '') end,
        'avoided_cost_nano_usd', case
          when truth.avoided_cost_nano_usd is not null or there.avoided_cost_nano_usd is not null
          then coalesce(truth.avoided_cost_nano_usd, 0) - coalesce(there.avoided_cost_nano_usd, 0) end,
        'usage_source', truth.usage_source, 'status', truth.status, 'http_status', truth.http_status,
        'overrun', truth.overrun, 'duration_us', truth.duration_us, 'first_byte_us', truth.first_byte_us,
        'per_output_token_us', truth.per_output_token_us,
        'trace_id', coalesce(truth.trace_id, there.trace_id),
        'provider_request_id', truth.provider_request_id)
    order by truth.seq nulls first, there.id)
  from (
    select distinct on (id) *
    from rows from (json_to_recordset(p_entries) as (
      seq bigint, alerts jsonb, id uuid, kind text, uncached_input_tokens bigint, cache_read_tokens bigint,
      cache_write_5m_tokens bigint, cache_write_1h_tokens bigint, output_tokens bigint, reasoning_tokens bigint,
      audio_tokens bigint, image_tokens bigint, tool_calls bigint, requests int, cost_nano_usd bigint,
      price_version text, avoided_cost_nano_usd bigint, usage_source text, status text, http_status int,
      overrun boolean, duration_us bigint, first_byte_us bigint, per_output_token_us bigint, trace_id text,
      provider_request_id text)) with ordinality as given (
      seq, alerts, id, kind, uncached_input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
      output_tokens, reasoning_tokens, audio_tokens, image_tokens, tool_calls, requests, cost_nano_usd, price_version,
      avoided_cost_nano_usd, usage_source, status, http_status, overrun, duration_us, first_byte_us,
      per_output_token_us, trace_id, provider_request_id, place)
    where kind = 'attempt' and usage_source is distinct from 'orphan'
    order by id, place
  ) as truth
  join ledger there on there.id = truth.id
  where there.organization = p_organization and there.kind = 'attempt' and there.usage_source = 'orphan'
    and not exists (select from ledger correction where correction.corrects = there.id)
$$;
comment on function late_truths(text, json) is
  'Of given entries those that are the truth of an orphan in the ledger not corrected yet, as entries of corrections.';

drop function book_entries(text, bigint, bigint, jsonb);

create function book_entries(p_organization text, p_epoch bigint, p_term bigint, p_entries json)
  returns table (booked int, booked_through bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  book books := lock_book(p_organization, p_epoch, p_term);
  rows_booked int;
  rows_given int;
  rows_corrected int;
  highest bigint;
begin
  select post.posted, post.given, post.highest into rows_booked, rows_given, highest
  from post_entries(p_organization, p_epoch, p_entries) post;
  if rows_booked < rows_given then
    select posted into rows_corrected
    from post_entries(p_organization, p_epoch, coalesce(late_truths(p_organization, p_entries), '[]'));
    rows_booked := rows_booked + rows_corrected;
  end if;

  update books b
  set term = p_term, booked_through = greatest(b.booked_through, highest), updated_at = now()
  where b.organization = p_organization
  returning b.booked_through into highest;
  return query select rows_booked, highest;
end
$$;
comment on function book_entries(text, bigint, bigint, json) is
  'Books outbox entries [{"seq": n, "alerts": [..], and ledger columns}] with their roll-ups in the caller''s transaction. '
  'A row is known by its id: a repeat changes nothing. The truth of a row that is there as an orphan becomes one '
  'correction with the difference. The organization and epoch are the arguments'', whatever the row says. '
  'Without a seq an entry leaves booked_through alone. Raises TG001 and TG002 as lock_book does.';

create function ledger_first_month() returns timestamptz language sql stable as $$
  select min(to_date(substr(partition.relname, 8), 'YYYY_MM'))::timestamp at time zone 'UTC'
  from pg_inherits
  join pg_class partition on partition.oid = inhrelid
  where inhparent = 'ledger'::regclass and partition.relname ~ '^ledger_\d{4}_\d{2}$'
$$;
comment on function ledger_first_month() is 'The beginning of the oldest month that has a partition.';

-- Nothing has dropped a partition so far: what comes to be the first later tells whether one was.
insert into settings (key, value) values ('ledger.first_month', to_jsonb(ledger_first_month()));

create function ledger_complete_from() returns timestamptz language sql stable as $$
  select case when ledger_first_month() > (value #>> '{}')::timestamptz
    -- A row's id is made a little before what it records.
    then ledger_first_month() + interval '1 day' end
  from settings where key = 'ledger.first_month'
$$;
comment on function ledger_complete_from() is
  'Since when the ledger has everything: the oldest month kept, and a day; null while no partition was dropped.';

create function compared_from(p_from timestamptz) returns timestamptz language sql stable
return greatest(date_trunc('hour', p_from, 'UTC'), ledger_complete_from());

create function ledger_since(p_organization text, p_from timestamptz) returns setof ledger language sql stable as $$
  -- The bound on the id leaves out the partitions of other months; an id is older than what it records.
  select * from ledger
  where organization = p_organization
    and id >= uuidv7_floor(greatest(coalesce(p_from, 'epoch') - interval '2 days', 'epoch'))
$$;

create function ledger_hours(p_organization text, p_from timestamptz) returns setof usage_hourly
language sql stable as $$
  select
    p_organization, hour, team, project, user_name, end_user, key_id, model, provider, endpoint,
    sum(requests)::bigint, sum(attempts)::bigint, sum(errors)::bigint, sum(cache_hits)::bigint, sum(unpriced)::bigint,
    sum(uncached_input_tokens)::bigint, sum(cache_read_tokens)::bigint, sum(cache_write_tokens)::bigint,
    sum(output_tokens)::bigint, sum(reasoning_tokens)::bigint, coalesce(sum(cost_nano_usd), 0)::bigint,
    coalesce(sum(avoided_cost_nano_usd), 0)::bigint
  from (
    select
      date_trunc('hour', row.occurred_at, 'UTC') as hour, coalesce(row.team, '') as team,
      coalesce(row.project, '') as project, coalesce(row.user_name, '') as user_name,
      coalesce(row.end_user, '') as end_user, coalesce(row.key_id, '') as key_id,
      coalesce(row.served_model, row.requested_model, '') as model, coalesce(row.provider, '') as provider,
      coalesce(row.endpoint, '') as endpoint,
      row.requests,
      (row.kind = 'attempt')::int as attempts,
      case
        when row.kind = 'attempt' then is_error(row.status)::int
        when orphan.id is not null then is_error(row.status)::int - is_error(orphan.status)::int
        else 0 end as errors,
      (row.kind = 'cache_hit')::int as cache_hits,
      case
        when row.kind = 'attempt' then (row.cost_nano_usd is null)::int
        when orphan.id is not null then (row.price_version is null)::int - (orphan.cost_nano_usd is null)::int
        else 0 end as unpriced,
      row.uncached_input_tokens, row.cache_read_tokens,
      row.cache_write_5m_tokens + row.cache_write_1h_tokens as cache_write_tokens,
      row.output_tokens, row.reasoning_tokens, row.cost_nano_usd, row.avoided_cost_nano_usd
    from ledger_since(p_organization, p_from) row
    left join ledger orphan
      on row.kind = 'correction' and orphan.id = row.corrects and orphan.kind = 'attempt'
      and orphan.usage_source = 'orphan'
    where p_from is null or row.occurred_at >= p_from
  ) as posted
  group by hour, team, project, user_name, end_user, key_id, model, provider, endpoint
$$;
comment on function ledger_hours(text, timestamptz) is 'What usage_hourly has to be from an hour on, by the ledger.';

create function ledger_windows(p_organization text, p_from timestamptz) returns setof budget_windows
language sql stable as $$
  select
    p_organization, charge.budget, charge.subject, charge.window_start,
    sum(requests)::bigint, sum(input_tokens)::bigint, sum(output_tokens)::bigint,
    sum(input_tokens + output_tokens)::bigint, coalesce(sum(cost_nano_usd), 0)::bigint,
    min(occurred_at), max(occurred_at)
  from ledger_since(p_organization, p_from)
  cross join lateral (
    select uncached_input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens as input_tokens
  ) as given
  cross join lateral jsonb_to_recordset(charges) as charge (budget uuid, subject text, window_start bigint)
  where p_from is null or charge.window_start >= extract(epoch from p_from)
  group by 2, 3, 4
$$;
comment on function ledger_windows(text, timestamptz) is
  'What budget_windows has to be, of windows that begin no earlier, by the ledger.';

create function ledger_drift(p_organization text, p_from timestamptz)
  returns table (what text, key jsonb, measure text, expected bigint, found bigint)
language sql stable as $$
  with span as materialized (select compared_from(p_from) as start)
  select
    'usage_hourly',
    jsonb_build_object(
      'hour', to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'team', team, 'project', project,
      'user', user_name, 'end_user', end_user, 'key', key_id, 'model', model, 'provider', provider,
      'endpoint', endpoint),
    amount.measure, coalesce(amount.expected, 0), coalesce(amount.found, 0)
  from (select * from ledger_hours(p_organization, (select start from span))) as booked
  full join (
    select * from usage_hourly
    where organization = p_organization and ((select start from span) is null or hour >= (select start from span))
  ) as kept using (hour, team, project, user_name, end_user, key_id, model, provider, endpoint)
  cross join lateral (values
    ('requests', booked.requests, kept.requests),
    ('attempts', booked.attempts, kept.attempts),
    ('errors', booked.errors, kept.errors),
    ('cache_hits', booked.cache_hits, kept.cache_hits),
    ('unpriced_attempts', booked.unpriced_attempts, kept.unpriced_attempts),
    ('uncached_input_tokens', booked.uncached_input_tokens, kept.uncached_input_tokens),
    ('cache_read_tokens', booked.cache_read_tokens, kept.cache_read_tokens),
    ('cache_write_tokens', booked.cache_write_tokens, kept.cache_write_tokens),
    ('output_tokens', booked.output_tokens, kept.output_tokens),
    ('reasoning_tokens', booked.reasoning_tokens, kept.reasoning_tokens),
    ('cost_nano_usd', booked.cost_nano_usd, kept.cost_nano_usd),
    ('avoided_cost_nano_usd', booked.avoided_cost_nano_usd, kept.avoided_cost_nano_usd)
  ) as amount (measure, expected, found)
  where coalesce(amount.expected, 0) <> coalesce(amount.found, 0)
  union all
  select
    'budget_windows',
    jsonb_build_object('budget_id', budget_id, 'subject', subject, 'window_start', window_start),
    amount.measure, coalesce(amount.expected, 0), coalesce(amount.found, 0)
  from (select * from ledger_windows(p_organization, (select start from span))) as booked
  full join (
    select * from budget_windows
    where organization = p_organization
      and ((select start from span) is null or window_start >= extract(epoch from (select start from span)))
  ) as kept using (budget_id, subject, window_start)
  cross join lateral (values
    ('requests', booked.requests, kept.requests),
    ('input_tokens', booked.input_tokens, kept.input_tokens),
    ('output_tokens', booked.output_tokens, kept.output_tokens),
    ('total_tokens', booked.total_tokens, kept.total_tokens),
    ('cost_nano_usd', booked.cost_nano_usd, kept.cost_nano_usd)
  ) as amount (measure, expected, found)
  where coalesce(amount.expected, 0) <> coalesce(amount.found, 0)
  order by 1, 2, 3
$$;
comment on function ledger_drift(text, timestamptz) is
  'Where the roll-ups are not the sums of the ledger, in one snapshot: found is the roll-up''s, expected the ledger''s. '
  'Hours and windows that begin before p_from, or before ledger_complete_from(), are not compared.';

create function ledger_compared(p_organization text, p_from timestamptz)
  returns table (start timestamptz, hours bigint, hours_left_out bigint, windows bigint, windows_left_out bigint)
language sql stable as $$
  select
    span.start, hour.compared, hour.left_out, budget.compared, budget.left_out
  from (select compared_from(p_from) as start) as span
  cross join lateral (
    select
      count(*) filter (where span.start is null or hour >= span.start) as compared,
      count(*) filter (where hour < span.start) as left_out
    from usage_hourly where organization = p_organization
  ) as hour
  cross join lateral (
    select
      count(*) filter (where span.start is null or window_start >= extract(epoch from span.start)) as compared,
      count(*) filter (where window_start < extract(epoch from span.start)) as left_out
    from budget_windows where organization = p_organization
  ) as budget
$$;
comment on function ledger_compared(text, timestamptz) is
  'What ledger_drift compares and what it has to leave out, in rows of the roll-ups; no start is everything.';

create function repair_drift(p_organization text, p_from timestamptz)
  returns table (what text, key jsonb, measure text, expected bigint, found bigint)
language plpgsql as $$
declare
  start timestamptz := compared_from(p_from);
begin
  perform from books where organization = p_organization for update;
  return query select * from ledger_drift(p_organization, p_from);
  if not found then
    return;
  end if;
  delete from usage_hourly where organization = p_organization and (start is null or hour >= start);
  insert into usage_hourly select * from ledger_hours(p_organization, start);
  delete from budget_windows
  where organization = p_organization and (start is null or window_start >= extract(epoch from start));
  insert into budget_windows select * from ledger_windows(p_organization, start);
end
$$;
comment on function repair_drift(text, timestamptz) is
  'Sets the roll-ups that ledger_drift compares to the sums of the ledger, with the book locked; returns what drifted.';
