INSERT INTO main.judge_report(command, judge, parent, run_id, report, forecast,
                              created, created_text)
VALUES (@command, @judge, @parent, @run_id, @report, @forecast, @now, @now_text)
