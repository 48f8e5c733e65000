import type { AuditTrail } from "../kernel/audit.js";
import { hasRole } from "../kernel/context.js";
import type { Role, Viewer } from "../kernel/context.js";
import { forbidden, notFound } from "../kernel/errors.js";
import type { AccountStore, AdministratorGuard } from "./auth.ports.js";
import type { User } from "./user.js";

/** What accounts may do. */
export class RoleService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly administrators: AdministratorGuard,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Gives an account another role. It acts on the account's next request. Safe to repeat.
   * @throws AppError FORBIDDEN, NOT_FOUND, or CONFLICT when no administrator would be left
   */
  async setRole(viewer: Viewer, userId: string, role: Role): Promise<User> {
    if (!hasRole(viewer, "ADMIN")) throw forbidden("Only administrators give roles.");
    const account = await this.accounts.find(userId);
    if (!account) throw notFound("User");
    if (account.role === role) return account;
    const changed = await this.administrators.keepingOne(userId, (fence) =>
      this.accounts.setRole(userId, role, fence),
    );
    if (!changed) throw notFound("User");
    await this.audit.record(viewer, {
      action: "user.role-changed",
      target: { kind: "user", id: userId, name: account.username },
      before: { role: account.role },
      after: { role },
    });
    return changed;
  }
}
