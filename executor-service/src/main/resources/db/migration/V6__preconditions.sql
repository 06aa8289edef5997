-- What people were shown of the target when they approved: the fingerprint of each value by its
-- label, as JSON. Null where nobody approved, for then nobody was shown anything.
alter table execution add column promised text;
