create table probe (action_id uuid primary key, text text not null check (text <> 'poison'));
