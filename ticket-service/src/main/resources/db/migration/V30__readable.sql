-- JSON of which members can be read, whatever strings it holds: PostgreSQL reads none of a document in which one is
-- U+0000, and an agent's words may have it. That character is U+FFFD here, as what can't be shown is (Unicode, 5.22).
create function readable(document text) returns json language sql immutable strict as $$
  select cast(
    case when position('\u0000' in document) > 0
      then regexp_replace(document, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')
      else document
    end as json)
$$;
