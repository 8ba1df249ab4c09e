-- An assessment has an id whatever is typed: one that is left out is made, as
-- before; none is taken away, and none is empty.
CREATE TRIGGER judge_assessment_id_kept
  AFTER UPDATE OF assessment_id ON judge_assessment
  WHEN NEW.assessment_id IS NULL OR NEW.assessment_id = ''
BEGIN
  SELECT RAISE(ABORT, 'assessment_id is never empty: leave it as it was');
END;
CREATE TRIGGER judge_assessment_id_given BEFORE INSERT ON judge_assessment
  WHEN NEW.assessment_id = ''
BEGIN
  SELECT RAISE(ABORT, 'assessment_id is never empty: leave it out');
END;
