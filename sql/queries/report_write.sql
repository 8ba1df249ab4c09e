INSERT INTO main.judge_report(command, judge, run_id, report, created, created_text)
VALUES (@command, @judge, @run_id, @report, @now, @now_text)
