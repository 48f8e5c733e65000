import type { AccountStore, UsageStore } from "../auth/auth.ports.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { Role } from "../kernel/context.js";
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

const TRANSFERS_AT_ONCE: Readonly<Record<Role, number>> = { FREE: 1, PREMIUM: 4, ADMIN: Infinity };

/** What moves transfers, and what people do to them. */
export function transferWork(parts: {
  stores: {
    accounts: AccountStore & UsageStore;
    audit: AuditTrail;
    controls: TransferControls;
    files: TransferredFiles;
    transfers: TransferStore;
    turns: TurnStore & TurnQueue;
  };
  transfers: TransferService;
  vault: { store: StoreService; disposal: BytesDisposal };
  events: EventBus;
  queue: JobQueue;
  worker: string;
  log: Logger;
}) {
  const { stores, transfers, vault, events, queue, worker, log } = parts;
  const { accounts, audit, controls, files } = stores;
  const allowance = {
    async transfersAtOnce(ownerId: string): Promise<number> {
      return TRANSFERS_AT_ONCE[(await accounts.find(ownerId))?.role ?? "FREE"];
    },
  };
  const turns = new TurnsService(stores.turns, stores.turns, allowance, queue, events, log);
  return {
    turns,
    control: new ControlService(transfers, controls, files, queue, events, audit),
    cleaner: new CleanService(stores.transfers, controls, files, vault.disposal, accounts, log),
    sender: new SendService(stores.transfers, turns, files, vault, events, { name: worker, log }),
  };
}
