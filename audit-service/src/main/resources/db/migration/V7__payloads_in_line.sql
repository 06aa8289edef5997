-- Mostly base64, which does not get smaller, however hard one tries: below a page it is neither compressed nor put
-- elsewhere. Three times as quick; in as much room for what is up to half a page, as all of ours is, and a page each
-- beyond.
alter table payload set (toast_tuple_target = 8160);
