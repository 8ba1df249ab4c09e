-- Is anything called so: a judge, or a feedback?
SELECT EXISTS (SELECT 1 FROM main.judge_assessment WHERE name = @name)
    OR EXISTS (SELECT 1 FROM main.judge_definition
               WHERE @name IN (name, feedback_name) AND version IS NOT NULL)
