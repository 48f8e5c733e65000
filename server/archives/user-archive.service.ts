import type { AdministratorGuard, SessionStore } from "../auth/auth.ports.js";
import type { PasswordProof } from "../auth/password-proof.js";
import type { Account } from "../auth/user.js";
import type { AuditEntry, AuditTrail } from "../kernel/audit.js";
import type { ArchiveMark } from "../kernel/archived.js";
import { hasRole } from "../kernel/context.js";
import type { SignedInViewer, Viewer } from "../kernel/context.js";
import { badInput, conflict, forbidden, unauthenticated } from "../kernel/errors.js";
import { allOf, assertFewEnough, assertMayPurge, stampOf } from "./archive.js";
import type { PurgeStore, UserArchive } from "./archives.ports.js";
import type { Purge } from "./purge.js";
import type { PurgeService } from "./purge.service.js";

type ArchivableAccount = Account & ArchiveMark;

const OWN_REASON = "The account was deleted by its owner.";

/**
 * Shuts accounts out and lets them in again. An archived account is refused from its next request on; its name and its
 * address stay taken, and everything it has stays where it is.
 */
export class UserArchiveService {
  constructor(
    private readonly users: UserArchive,
    private readonly guard: AdministratorGuard,
    private readonly sessions: Pick<SessionStore, "removeAllOf">,
    private readonly purges: { service: PurgeService; store: Pick<PurgeStore, "findMany" | "redirect"> },
    private readonly proof: PasswordProof,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Archives all of these accounts or none: their sessions end at once. Safe to repeat.
   * @throws AppError FORBIDDEN, NOT_FOUND; CONFLICT when no active administrator would be left
   */
  async archive(viewer: Viewer, ids: readonly string[], reason?: string): Promise<Account[]> {
    assertAdministrator(viewer);
    const done: ArchivableAccount[] = [];
    try {
      // Administrators first: of a list that is refused for the last one, nobody else has lost a session.
      for (const user of (await this.all(ids)).toSorted((a, b) => a.role.localeCompare(b.role))) {
        if (user.archivedAt !== undefined) continue;
        await this.archiveOne(viewer, user, reason);
        done.push(user);
      }
    } catch (error) {
      // The last administrator stays, and so do the others of this list.
      for (const user of done) await this.restoreOne(viewer, user);
      throw error;
    }
    return this.all(ids);
  }

  /** Restores all of these accounts or none, as they were. Safe to repeat. @throws AppError FORBIDDEN, NOT_FOUND */
  async restore(viewer: Viewer, ids: readonly string[]): Promise<Account[]> {
    assertAdministrator(viewer);
    for (const user of await this.all(ids)) {
      if (user.archivedAt !== undefined) await this.restoreOne(viewer, user);
    }
    return this.all(ids);
  }

  /**
   * Begins to purge all of these archived accounts or none, with their files, or after these were handed over. A purge
   * that failed, since its heir was archived meanwhile, goes on with this heir.
   * @param handOverTo an active account that gets all files and folders
   * @throws AppError FORBIDDEN, NOT_FOUND; CONFLICT when one is not archived or its purge is under way with another
   * heir; BAD_USER_INPUT for an heir that is archived or among those purged
   */
  async purge(viewer: Viewer, ids: readonly string[], handOverTo?: string): Promise<Purge[]> {
    assertAdministrator(viewer);
    assertFewEnough(ids);
    const known = (await this.purges.store.findMany(ids)).filter(({ kind }) => kind === "USER");
    const left = [...new Set(ids)].filter((id) => !known.some((purge) => purge.id === id));
    const users = await this.all(left);
    for (const user of users) assertMayPurge(viewer, { ...user, name: user.username });
    if (handOverTo !== undefined) await this.assertHeir(ids, handOverTo);
    for (const purge of known) await this.redirect(viewer, purge, handOverTo);
    for (const user of users) await this.beginPurge(viewer, user, handOverTo);
    return this.purges.service.inOrder(viewer, ids);
  }

  /**
   * Deletes the viewer's own account: it is archived at once, then purged with everything it has.
   * @throws AppError UNAUTHENTICATED; BAD_USER_INPUT when the password is wrong; CONFLICT for the last administrator
   */
  async deleteOwn(viewer: Viewer, password: string): Promise<boolean> {
    if (viewer.kind !== "user") throw unauthenticated();
    const [user] = await this.all([viewer.userId]);
    if (user === undefined) throw unauthenticated();
    await this.proof.accountOf(viewer, password, "password");
    await this.archiveOne(viewer, user, OWN_REASON);
    await this.beginPurge(viewer, user, undefined);
    return true;
  }

  private async archiveOne(viewer: SignedInViewer, user: ArchivableAccount, reason?: string): Promise<void> {
    const stamp = stampOf(viewer, user.id, reason);
    const archived = await this.guard.keepingOne(user.id, (fence) =>
      this.users.archive(user.id, stamp, fence),
    );
    if (archived === undefined) return;
    // Restored, the account does not find its old sessions open.
    await this.sessions.removeAllOf(user.id);
    await this.tell(viewer, "user.archived", user, reason);
  }

  private async restoreOne(viewer: Viewer, user: ArchivableAccount): Promise<void> {
    const restored = await this.guard.keepingOne(user.id, (fence) => this.users.restore(user.id, fence));
    if (restored !== undefined) await this.tell(viewer, "user.restored", user);
  }

  private beginPurge(viewer: Viewer, user: Account, handOverTo: string | undefined): Promise<void> {
    const { id, username: name } = user;
    const thing = { id, name, ownerId: id, purgeById: undefined, parentId: undefined, handOverTo };
    return this.purges.service.begin(viewer, "USER", thing);
  }

  private async redirect(viewer: Viewer, purge: Purge, handOverTo: string | undefined): Promise<void> {
    const { id, name, state } = purge;
    if (state === "DONE" || purge.handOverTo === handOverTo) return;
    if (!(await this.purges.store.redirect(id, handOverTo))) {
      throw conflict(`${name} is being purged already: what becomes of the files cannot be changed now.`);
    }
    const heirs = {
      before: { handOverTo: purge.handOverTo ?? null },
      after: { handOverTo: handOverTo ?? null },
    };
    const target = { kind: "user", id, name } as const;
    await this.audit.record(viewer, { action: "user.purged", target, ...heirs });
  }

  private async assertHeir(ids: readonly string[], handOverTo: string): Promise<void> {
    if (ids.includes(handOverTo)) {
      throw badInput("The files cannot be handed over to an account that is purged itself.", "handOverTo");
    }
    const [heir] = await this.all([handOverTo]);
    if (heir?.archivedAt !== undefined) {
      throw conflict(
        "The account to hand the files over to is archived. Choose an active one.",
        "handOverTo",
      );
    }
  }

  private async all(ids: readonly string[]): Promise<ArchivableAccount[]> {
    assertFewEnough(ids);
    return allOf(ids, await this.users.findMany(ids), (user) => user.purgingAt === undefined, "User");
  }

  private tell(viewer: Viewer, action: AuditEntry["action"], user: Account, reason?: string): Promise<void> {
    const isArchived = action === "user.archived";
    return this.audit.record(viewer, {
      ...{ action, target: { kind: "user", id: user.id, name: user.username } },
      ...{ before: { archived: !isArchived }, after: { archived: isArchived } },
      ...(reason === undefined ? {} : { reason }),
    });
  }
}

function assertAdministrator(viewer: Viewer): asserts viewer is SignedInViewer {
  if (!hasRole(viewer, "ADMIN")) throw forbidden("Only administrators archive, restore and purge accounts.");
}
