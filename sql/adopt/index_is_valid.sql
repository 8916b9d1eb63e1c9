-- Does an index of this name stand? NULL: none; false: the INVALID leaving of an interrupted build.
select i.indisvalid from pg_index i where i.indexrelid = to_regclass(quote_ident(:'index'));
