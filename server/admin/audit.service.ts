import type { Page, PageRequest } from "../files/files.ports.js";
import type { AuditTrail } from "../kernel/audit.js";
import type { Viewer } from "../kernel/context.js";
import { requireAdministrator } from "./administrator.js";
import type { AuditFilter, AuditLog, AuditRecord } from "./audit.ports.js";

/** Shows administrators who did what. */
export class AuditService {
  constructor(
    private readonly log: AuditLog,
    private readonly trail: AuditTrail,
  ) {}

  async list(viewer: Viewer, filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>> {
    requireAdministrator(viewer);
    return this.log.list(filter, page);
  }

  async count(viewer: Viewer, filter: AuditFilter): Promise<number> {
    requireAdministrator(viewer);
    return this.log.count(filter);
  }

  async actions(viewer: Viewer): Promise<string[]> {
    requireAdministrator(viewer);
    return this.log.actions();
  }

  /** Everything that matches, oldest first, for taking away. Taking it away is itself kept. */
  async export(viewer: Viewer, filter: AuditFilter, format: string): Promise<AsyncIterable<AuditRecord>> {
    requireAdministrator(viewer);
    await this.trail.record(viewer, { action: "audit.exported", after: { format, ...asValues(filter) } });
    return this.log.stream(filter);
  }
}

function asValues(filter: AuditFilter): Record<string, string> {
  const given = Object.entries(filter as Record<string, string | Date>);
  return Object.fromEntries(
    given.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
}
