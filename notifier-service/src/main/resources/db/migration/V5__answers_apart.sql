-- Questions and answers are claimed apart.
create index message_asks_due    on message (next_attempt_at) where state = 'queued' and step <> 'answer';
create index message_answers_due on message (next_attempt_at) where state = 'queued' and step = 'answer';
drop index message_due;
