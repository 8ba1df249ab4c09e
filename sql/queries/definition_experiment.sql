INSERT INTO main.judge_experiment(name)
SELECT @name
WHERE NOT EXISTS (SELECT 1 FROM main.judge_experiment WHERE name = @name)
