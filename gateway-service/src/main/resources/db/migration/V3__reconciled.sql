-- What a person found last where nobody had known how the action ended: the event as published, and its time, by which
-- a later finding takes the place of an earlier one and never the other way round.
alter table action add column reconciled text, add column reconciled_at timestamptz;
