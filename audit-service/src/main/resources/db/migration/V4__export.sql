-- Where in the log a period stands. Times follow the order of the rows but for moments, so a summary of each few
-- pages is enough, and costs next to nothing to append to.
create index leaf_by_time on leaf using brin (appended_at) with (pages_per_range = 32, autosummarize = on);
