import type { Config } from "../config.js";
import type { JobQueue } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import { BLOCK_BYTES } from "../vault/blob.js";
import { CopyService } from "../vault/copy.service.js";
import { DisposalService } from "../vault/disposal.service.js";
import { IngestService } from "../vault/ingest.service.js";
import { LanesService } from "../vault/lanes.service.js";
import { OrphansService } from "../vault/orphans.service.js";
import { ReadService } from "../vault/read.service.js";
import { RepairService } from "../vault/repair.service.js";
import { Slots } from "../vault/slots.js";
import { StoreService } from "../vault/store.service.js";
import type { Outside } from "./outside.js";
import type { Stores } from "./stores.js";

/** Parts that one worker holds in memory at a time, each of at most 20 MB. */
const PARTS_IN_MEMORY = 3;
/** More when several owners have something to move: one for the next, and one for who comes after him. */
const PARTS_FOR_OTHERS = 2;

/** What takes bytes in, moves, reads, repairs and removes them. */
export function buildVault(needs: {
  config: Config;
  outside: Pick<Outside, "telegram" | "drive">;
  stores: Stores;
  queue: JobQueue;
  log: Logger;
}) {
  const { config, outside, stores, queue, log } = needs;
  const { telegram, drive } = outside;
  const { blobs, parts, orphans } = stores;
  const { replicas: copies, readBack, partBytes } = config.telegram;
  const limits = { blocksPerPart: partBytes / BLOCK_BYTES, maxFileBytes: config.maxFileBytes };
  const slots = new Slots(PARTS_IN_MEMORY, PARTS_IN_MEMORY + PARTS_FOR_OTHERS);
  const reader = new ReadService(telegram, drive, blobs, parts, queue, log);
  const lanes = new LanesService(stores.lanes, telegram.lanes);
  const copier = new CopyService(telegram, lanes, parts, orphans, log, { readBack });
  const outsides = { chats: telegram, staging: drive };
  return {
    reader,
    disposal: new DisposalService(blobs, parts, orphans, outsides, copier, log),
    ingest: new IngestService(drive, blobs, limits),
    store: new StoreService(blobs, parts, copier, reader, drive, { copies, slots }),
    repairs: new RepairService(blobs, parts, copier, reader, stores.files, { copies, slots, log }),
    orphans: new OrphansService(orphans, telegram),
  };
}
