-- Questions and answers are claimed apart.
drop index message_due;
create index message_asks_due    on message (next_attempt_at) where state = 'queued' and step <> 'answer';
create index message_answers_due on message (next_attempt_at) where state = 'queued' and step = 'answer';
