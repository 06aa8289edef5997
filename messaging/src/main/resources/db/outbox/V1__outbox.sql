-- What a transaction wants published. The relay sends in the order of seq and deletes what the broker has
-- acknowledged. Two transactions about one action wait for each other at its state row, so their seqs
-- are in the order of their commits.
create table outbox (
  seq     bigint generated always as identity primary key,
  topic   text  not null,
  key     bytea,
  value   bytea,
  -- [[name, base64 of the bytes], …]: Kafka headers are a list, and a name may stand in it twice
  headers json  not null
);

create function outbox_wake() returns trigger language plpgsql as $$
begin
  perform pg_notify(tg_table_schema || '_outbox', '');
  return null;
end $$;

-- A trigger, so that no writer can forget to wake the relay.
create trigger outbox_wake after insert on outbox for each statement execute function outbox_wake();
