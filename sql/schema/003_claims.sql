-- Calls that a command has on their way: another one that wants the same answer
-- waits for it, so that it is paid once. A row lives from before its call is
-- sent until the answer is stored. Who finds one that was left behind takes it.
CREATE TABLE judge_claim(
  digest TEXT NOT NULL PRIMARY KEY,
  session TEXT NOT NULL,   -- of a connection, at random
  machine TEXT NOT NULL,   -- its boot and PID namespace, '' if not told
  pid BIGINT NOT NULL,
  started BIGINT NOT NULL, -- the process, in ticks since the boot
  renewed BIGINT NOT NULL  -- unix ms
);
CREATE TRIGGER judge_claim_done AFTER INSERT ON judge_call
  WHEN NEW.status <> 'cached'
BEGIN
  DELETE FROM judge_claim WHERE digest = NEW.digest;
END;
