-- MLflow's own file has a table assessments, whose rows are of another kind:
-- nobody is told to move them.
.require data/mlflow_db
.shell cp $SHARED/data/mlflow_db/mlflow.db $TMP/mlflow.db
.open $TMP/mlflow.db
SELECT json_remove(judge_init(), '$.schema_version');
CREATE VIRTUAL TABLE temp.a USING assessments;
SELECT count(*) FROM a;
SELECT count(*) FROM assessments;
