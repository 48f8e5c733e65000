import { expect, it } from "vitest";
import type { Logger } from "../kernel/log.js";
import { CopyService } from "./copy.service.js";
import { CopyDeferred } from "./lanes.service.js";
import type { LanesService } from "./lanes.service.js";
import type { ChatStore, OrphanStore, PartStore } from "./vault.ports.js";

const AN_HOUR_MS = 3_600_000;

it("a part whose copies were all put off comes again at once when a chat is free by then", async () => {
  const waits = [AN_HOUR_MS, 500];
  const lanes = {
    acquire: () => Promise.reject(new CopyDeferred({ waitMs: waits.shift() ?? 0, isBlocked: true })),
    deferral: () => Promise.resolve(undefined),
  } as unknown as LanesService;
  const unused = {} as ChatStore & PartStore & OrphanStore;
  const copies = new CopyService(unused, lanes, unused, unused, {} as Logger, {
    readBack: true,
  });
  const part = { blobId: "blob", index: 0, sizeBytes: 10, blockTags: Buffer.alloc(16), replicas: [] };
  const order = {
    ...{ part, partsTotal: 1, copies: 2, run: "run", buffer: Buffer.alloc(100_000) },
    load: () => Promise.resolve(),
    onWait: () => () => undefined,
    onSent: () => undefined,
  };

  const completed = copies.complete(order, new AbortController().signal);

  await expect(completed).rejects.toBeInstanceOf(CopyDeferred);
  await expect(completed).rejects.toMatchObject({ waitMs: 0 });
});
