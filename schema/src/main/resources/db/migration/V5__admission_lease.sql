-- Which nodes may act on the quota state: one row, whatever the number of nodes.

create table admission_lease (
  one boolean primary key default true check (one),
  stamp bigint not null default 0,
  term bigint not null default 0,
  holder uuid not null default '00000000-0000-0000-0000-000000000000',
  members uuid[] not null default '{}',
  departed uuid[] not null default '{}',
  lost uuid[] not null default '{}',
  lost_term bigint not null default 0,
  lost_at timestamptz not null default now(),
  effective_at timestamptz not null default now(),
  expires_at timestamptz not null default now()
);
insert into admission_lease default values;
comment on table admission_lease is
  'Who may admit requests. A term names one membership; it rises whenever the members or the holder change.';
comment on column admission_lease.stamp is 'Rises with each write, for compare-and-set.';
comment on column admission_lease.members is 'Incarnations: lives of node processes.';
comment on column admission_lease.departed is 'Members that left by themselves; the latest.';
comment on column admission_lease.lost is
  'Members that went without leaving: what they held may be known to nobody until they are back.';
comment on column admission_lease.lost_term is 'The earliest term they were members of.';
comment on column admission_lease.effective_at is
  'When the term begins: after everything an earlier one granted to a lost member has run out.';

create function read_lease() returns table (
    stamp bigint, term bigint, holder uuid, members uuid[], departed uuid[], lost uuid[], lost_term bigint,
    lost_since_us bigint, effective_in_us bigint, expires_in_us bigint)
language sql as $$
  select stamp, term, holder, members, departed, lost, lost_term,
    (extract(epoch from clock_timestamp() - lost_at) * 1000000)::bigint,
    (extract(epoch from effective_at - clock_timestamp()) * 1000000)::bigint,
    (extract(epoch from expires_at - clock_timestamp()) * 1000000)::bigint
  from admission_lease
$$;
comment on function read_lease() is 'The lease, moments as microseconds from now.';

create function write_lease(
    p_stamp bigint, p_term bigint, p_holder uuid, p_members uuid[], p_departed uuid[], p_lost uuid[],
    p_lost_term bigint, p_loses boolean, p_waits boolean, p_begins_us bigint, p_ends boolean, p_ttl_us bigint)
  returns table (
    stamp bigint, term bigint, holder uuid, members uuid[], departed uuid[], lost uuid[], lost_term bigint,
    lost_since_us bigint, effective_in_us bigint, expires_in_us bigint)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_latest timestamptz := v_now + p_ttl_us * interval '1 microsecond';
  v_earliest timestamptz := v_now + p_begins_us * interval '1 microsecond';
begin
  -- Moments are never farther away than the lease is long, unless the clock was set back.
  update admission_lease l
  set stamp = l.stamp + 1, term = p_term, holder = p_holder, members = p_members, departed = p_departed,
    lost = p_lost, lost_term = p_lost_term, lost_at = case when p_loses then clock_timestamp() else l.lost_at end,
    effective_at = case
      when p_waits then greatest(least(greatest(l.effective_at, l.expires_at), v_latest), v_earliest)
      when p_term = l.term then least(l.effective_at, v_latest)
      else greatest(least(l.effective_at, v_latest), v_earliest) end,
    expires_at = case
      when p_ends then greatest(least(l.effective_at, v_latest), v_now)
      else v_latest end
  where l.stamp = p_stamp;
  if found then
    return query select * from read_lease();
  end if;
end
$$;
comment on function write_lease(bigint, bigint, uuid, uuid[], uuid[], uuid[], bigint, boolean, boolean, bigint, boolean, bigint) is
  'Changes the lease if its stamp is still p_stamp and returns it; no row when somebody was faster. '
  'p_waits: the term begins when all that was granted has run out; p_begins_us: and not sooner. p_ends: nobody is left. A term that has not '
  'begun waits for what an earlier one granted to run out, so none that follows it begins before.';
