-- When each of the last three times began for which an executor saw the database without a gap, a third of a lease long and
-- none overlapping: whoever had begun something could extend its lease in each. Executors that die soon after each start see
-- it for a whole lease only together.
create table vigil (
  one      boolean     primary key check (one),
  latest   timestamptz not null,
  middle   timestamptz,
  earliest timestamptz
);
