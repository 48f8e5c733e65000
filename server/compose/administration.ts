import { AuditResolver } from "../admin/audit.resolver.js";
import type { AuditService } from "../admin/audit.service.js";
import type { UserDirectory } from "../admin/users.ports.js";
import { UsersResolver } from "../admin/users.resolver.js";
import { UsersService } from "../admin/users.service.js";
import type { AccountStore, AdministratorGuard, PasswordHasher } from "../auth/auth.ports.js";
import type { PasswordResetService } from "../auth/password-reset.service.js";
import type { ResolverEntry } from "../http/schema.js";
import type { AuditTrail } from "../kernel/audit.js";

/** What only administrators reach. */
export function administration(parts: {
  stores: {
    accounts: AccountStore;
    directory: UserDirectory;
    administrators: AdministratorGuard;
    audit: AuditTrail;
  };
  resets: PasswordResetService;
  hasher: PasswordHasher;
  audit: AuditService;
}): ResolverEntry[] {
  const { stores, resets, hasher, audit } = parts;
  const users = new UsersService({ ...stores, resets, hasher });
  return [
    { type: UsersResolver, instance: new UsersResolver(users, stores.directory) },
    { type: AuditResolver, instance: new AuditResolver(audit) },
  ];
}
