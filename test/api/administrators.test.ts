import { EventEmitter, once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Viewer } from "../../server/kernel/context.js";
import { registered } from "../support/accounts.js";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

let t: HttpHarness;
beforeAll(async () => {
  t = await startHttp();
});
afterAll(() => t.close());
beforeEach(() => t.connection.collection("users").deleteMany({}));

async function administrator(): Promise<string> {
  const { user } = await registered(t);
  await t.connection
    .collection<{ _id: string }>("users")
    .updateOne({ _id: user.id }, { $set: { role: "ADMIN" } });
  return user.id;
}

const as = (userId: string): Viewer => ({
  kind: "user",
  userId,
  sessionId: "s",
  role: "ADMIN",
  address: "192.0.2.1",
});

function activeAdministrators(): Promise<number> {
  return t.connection.collection("users").countDocuments({ role: "ADMIN", archivedAt: { $exists: false } });
}

describe("giving roles", () => {
  it("changes the role, and says so in the audit log", async () => {
    const admin = await administrator();
    const { user } = await registered(t);

    const changed = await t.users.update(as(admin), user.id, { role: "PREMIUM" });

    expect(changed.role).toBe("PREMIUM");
    expect((await t.accounts.find(user.id))?.role).toBe("PREMIUM");
    const entries = await t.connection
      .collection("audit")
      .find({ "target.id": user.id, action: "user.role-changed" })
      .toArray();
    expect(entries).toMatchObject([
      { actorId: admin, address: "192.0.2.1", before: { role: "FREE" }, after: { role: "PREMIUM" } },
    ]);
  });

  it("is for administrators, and knows no missing account", async () => {
    const admin = await administrator();
    const { user } = await registered(t);

    const stranger = t.users.update({ ...as(user.id), role: "PREMIUM" } as Viewer, user.id, {
      role: "ADMIN",
    });
    const missing = t.users.update(as(admin), "nobody", { role: "ADMIN" });

    await expect(stranger).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(missing).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("the last administrator", () => {
  it("keeps the role", async () => {
    const admin = await administrator();

    const reply = t.users.update(as(admin), admin, { role: "FREE" });

    await expect(reply).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await activeAdministrators()).toBe(1);
  });

  it("is not lost when all are demoted and archived at once", async () => {
    for (let round = 0; round < 5; round += 1) {
      await t.connection.collection("users").deleteMany({});
      const admins = await Promise.all(Array.from({ length: 4 }, administrator));
      const archive = (id: string) =>
        t.administrators.keepingOne(id, async (fence) => {
          const change = { $set: { archivedAt: new Date() }, $inc: { standingEpoch: 1 } };
          const users = t.connection.collection<{ _id: string; standingEpoch: number | null }>("users");
          const { matchedCount } = await users.updateOne({ _id: id, ...fence }, change);
          return matchedCount === 1 ? true : undefined;
        });

      const outcomes = await Promise.allSettled(
        admins.map((id, index) =>
          index % 2 === 0 ? archive(id) : t.users.update(as(id), id, { role: "FREE" }),
        ),
      );

      expect(await activeAdministrators()).toBe(1);
      const refused = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(["CONFLICT"]);
    }
  });

  it("is kept from a process that stood still between asking and changing", async () => {
    const [first, second] = [await administrator(), await administrator()];
    const guards = t.connection.collection<{ _id: string }>("guards");
    const steps = new EventEmitter();
    const asked = once(steps, "asked");
    const slow = t.administrators.keepingOne(first, async (fence) => {
      const goOn = once(steps, "go on");
      steps.emit("asked");
      await goOn;
      return t.directory.change(first, { role: "FREE" }, fence);
    });

    await asked;
    await guards.updateOne({ _id: "administrators" }, { $set: { until: new Date(0) } });
    await t.users.update(as(first), second, { role: "FREE" });
    steps.emit("go on");

    await expect(slow).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await activeAdministrators()).toBe(1);
    expect((await t.accounts.find(first))?.role).toBe("ADMIN");
  });

  it("can be replaced after a process died while it held the guard", async () => {
    const [first, second] = [await administrator(), await administrator()];
    const dead = { holder: "dead", userId: first, until: new Date(0) };
    await t.connection
      .collection<{ _id: string }>("guards")
      .updateOne({ _id: "administrators" }, { $set: dead }, { upsert: true });

    await t.users.update(as(second), first, { role: "FREE" });

    expect((await t.accounts.find(first))?.role).toBe("FREE");
  });
});

describe("the first administrator", () => {
  it("is one, however many processes start at once", async () => {
    const admin = { email: "root@example.com", password: "a long enough password" };

    await Promise.all(Array.from({ length: 6 }, () => t.accountService.ensureFirstAdmin(admin)));

    expect(await activeAdministrators()).toBe(1);
  });
});
