import type { Connection } from "mongoose";
import { LOCK_MS } from "../adapters/agenda/agenda-queue.js";
import { MongoCondition } from "../adapters/mongo/mongo-condition.js";
import { MongoDeadLetters } from "../adapters/mongo/mongo-dead-letters.js";
import { translated } from "../adapters/mongo/mongo-failures.js";
import { MongoHappenings } from "../adapters/mongo/mongo-happenings.js";
import { MongoJobBoard } from "../adapters/mongo/mongo-job-board.js";
import { MongoLaneBoard } from "../adapters/mongo/mongo-lane-board.js";
import { MongoStatistics } from "../adapters/mongo/mongo-statistics.js";
import { MongoUserDirectory } from "../adapters/mongo/mongo-user-directory.js";
import { MongoWorkers } from "../adapters/mongo/mongo-workers.js";
import { AuditResolver } from "../admin/audit.resolver.js";
import type { AuditService } from "../admin/audit.service.js";
import type { SystemCheck } from "../admin/checks.js";
import { ChecksService } from "../admin/checks.service.js";
import type { ChatInspector, DeadLetters, JobBoard, LaneBoard } from "../admin/operations.ports.js";
import { OperationsResolver } from "../admin/operations.resolver.js";
import { OperationsService } from "../admin/operations.service.js";
import type { RetryTransfer } from "../admin/operations.service.js";
import { FilePartsResolver } from "../admin/parts.resolver.js";
import { PartsService } from "../admin/parts.service.js";
import { StatisticsResolver } from "../admin/statistics.resolver.js";
import type { StatisticsService } from "../admin/statistics.service.js";
import type { UserDirectory } from "../admin/users.ports.js";
import { UsersResolver } from "../admin/users.resolver.js";
import { UsersService } from "../admin/users.service.js";
import type { AccountStore, AdministratorGuard, PasswordHasher } from "../auth/auth.ports.js";
import type { PasswordResetService } from "../auth/password-reset.service.js";
import type { ResolverEntry } from "../http/schema.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { Logger } from "../kernel/log.js";
import type { TransferControls } from "../transfers/transfers.ports.js";
import type { BlobStore, PartStore } from "../vault/vault.ports.js";

/** What administrators read beside the features' own stores. */
export function administrationStores(connection: Connection) {
  return {
    directory: translated(new MongoUserDirectory(connection)),
    laneBoard: translated(new MongoLaneBoard(connection)),
    jobBoard: translated(new MongoJobBoard(connection, LOCK_MS)),
    deadLetters: translated(new MongoDeadLetters(connection)),
    workers: translated(new MongoWorkers(connection)),
    condition: translated(new MongoCondition(connection)),
    statistics: translated(new MongoStatistics(connection)),
    happenings: translated(new MongoHappenings(connection)),
  };
}

/** What only administrators reach. */
export function administration(parts: {
  stores: {
    accounts: AccountStore;
    directory: UserDirectory;
    administrators: AdministratorGuard;
    audit: AuditTrail;
    controls: TransferControls;
    laneBoard: LaneBoard;
    jobBoard: JobBoard;
    deadLetters: DeadLetters;
    blobs: Pick<BlobStore, "find">;
    parts: Pick<PartStore, "range">;
  };
  chats: ChatInspector;
  checks: readonly SystemCheck[];
  retryTransfer: RetryTransfer;
  resets: PasswordResetService;
  hasher: PasswordHasher;
  audit: AuditService;
  statistics: StatisticsService;
  log: Logger;
}): ResolverEntry[] {
  const { stores, chats, resets, hasher, audit, statistics, log } = parts;
  const users = new UsersService({ ...stores, resets, hasher });
  const operations = new OperationsService(
    { ...stores, chats, lanes: stores.laneBoard, jobs: stores.jobBoard },
    parts.retryTransfer,
  );
  const checks = new ChecksService(parts.checks, log);
  return [
    { type: UsersResolver, instance: new UsersResolver(users, stores.directory) },
    { type: AuditResolver, instance: new AuditResolver(audit) },
    { type: OperationsResolver, instance: new OperationsResolver(operations, checks) },
    {
      type: FilePartsResolver,
      instance: new FilePartsResolver(new PartsService(stores.blobs, stores.parts)),
    },
    { type: StatisticsResolver, instance: new StatisticsResolver(statistics) },
  ];
}
