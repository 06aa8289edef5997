-- The page of attention asks what was counted in a period, of whomever.
create index meter_period on meter (kind, period);
