import { expect, it } from "vitest";
import { LiveTransfers, progressOf } from "./live-transfers.js";
import type { TransferRow } from "./transfer.queries.js";

const record = (id: string, state: TransferRow["state"]): TransferRow => ({
  id,
  state,
  partsDone: 0,
  partsTotal: 1,
  bytesSent: 0,
  bytesTotal: 5,
  attempt: 1,
  createdAt: "2026-11-22T12:00:00Z",
});

it("names what may have gone on while events were missed, and believes of it what is learned then", () => {
  const live = new LiveTransfers();
  live.apply(progressOf("a", record("t1", "RUNNING")));
  live.apply(progressOf("b", record("t2", "DONE")));
  live.apply(progressOf("c", record("t3", "FAILED")));

  const missed = live.forgetUnfinished();
  live.learn("a", record("t1", "DONE"));
  live.learn("b", record("t2", "RUNNING"));

  expect(missed.map(({ fileId, transferId }) => [fileId, transferId])).toEqual([
    ["a", "t1"],
    ["c", "t3"],
  ]);
  expect([live.get("a")?.state, live.get("b")?.state, live.get("c")]).toEqual(["DONE", "DONE", undefined]);
});
