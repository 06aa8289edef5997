-- SHA-256 of what the redeemer of a grant got, and has to show to say how the execution ended. There
-- where a tool runs elsewhere and its grant was redeemed, and only there.
alter table execution add column receipt bytea check (octet_length(receipt) = 32);
