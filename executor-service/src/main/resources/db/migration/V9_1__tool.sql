-- The tool's entry in the catalogue as the action was judged by; null where it has none.
alter table execution add column tool_digest text;
