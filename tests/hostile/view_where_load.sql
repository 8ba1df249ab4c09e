-- A view that loads an extension through judge_compare's "where".
CREATE VIEW summary AS SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"load_extension(''./canary'') IS NULL"}');
-- victim
-- alone
SELECT * FROM summary;
-- expect: unsafe use of virtual table "judge_compare"
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"load_extension(''./canary'') IS NULL"}');
-- expect: load_extension() can do more than compute
