-- A view that reads itself by way of an option.
CREATE VIEW round AS SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS(SELECT 1 FROM round)"}');
-- victim
-- alone
SELECT * FROM round;
-- expect: unsafe use of virtual table
-- alone
SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS(SELECT 1 FROM round)"}');
-- expect: unsafe use of virtual table
CREATE TEMP VIEW again AS SELECT * FROM judge_compare('q@1', 'q@2', '{"where":"EXISTS(SELECT 1 FROM again)"}');
SELECT * FROM again;
-- expect: no second one runs | no such table
