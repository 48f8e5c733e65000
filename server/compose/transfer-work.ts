import type { AccountStore, UsageStore } from "../auth/auth.ports.js";
import type { Quota } from "../auth/quota.js";
import type { QuotaService } from "../auth/quota.service.js";
import { isAnonymous } from "../kernel/anonymous.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { ShareLinkStore } from "../files/share.ports.js";
import type { EventBus } from "../kernel/events.js";
import type { JobQueue } from "../kernel/jobs.js";
import type { Logger } from "../kernel/log.js";
import { CleanService } from "../transfers/clean.service.js";
import { ControlService } from "../transfers/control.service.js";
import { SendService } from "../transfers/send.service.js";
import type { TransferService } from "../transfers/transfer.service.js";
import type {
  BytesDisposal,
  TransferControls,
  TransferStore,
  TransferredFiles,
  TurnQueue,
  TurnStore,
} from "../transfers/transfers.ports.js";
import { TurnsService } from "../transfers/turns.service.js";
import type { StoreService } from "../vault/store.service.js";

/**
 * Whoever has no limit leaves room for others among the jobs of a worker all the same. Far more than an owner's parts
 * in memory, so it costs nothing.
 */
const MOST_AT_ONCE = 32;

/** What moves transfers, and what people do to them. */
export function transferWork(parts: {
  stores: {
    accounts: AccountStore;
    usage: UsageStore;
    audit: AuditTrail;
    controls: TransferControls;
    files: TransferredFiles;
    transfers: TransferStore;
    turns: TurnStore & TurnQueue;
    shareLinks: ShareLinkStore;
  };
  quotas: QuotaService;
  /** What all uploads without an account have together. */
  anonymous: Pick<Quota, "transfers">;
  transfers: TransferService;
  vault: { store: StoreService; disposal: BytesDisposal };
  events: EventBus;
  queue: JobQueue;
  worker: string;
  log: Logger;
}) {
  const { stores, quotas, anonymous, transfers, vault, events, queue, worker, log } = parts;
  const { accounts, audit, controls, files } = stores;
  const allowance = {
    async transfersAtOnce(ownerId: string): Promise<number> {
      if (isAnonymous(ownerId)) return anonymous.transfers;
      const owner = await accounts.find(ownerId);
      return owner === undefined ? 1 : Math.min(quotas.quotaOf(owner).transfers, MOST_AT_ONCE);
    },
  };
  const turns = new TurnsService(stores.turns, stores.turns, allowance, queue, events, log);
  return {
    turns,
    control: new ControlService(transfers, controls, files, queue, events, audit),
    cleaner: new CleanService(stores.transfers, controls, files, vault.disposal, stores, log),
    sender: new SendService(stores.transfers, turns, files, vault, events, { name: worker, log }),
  };
}
