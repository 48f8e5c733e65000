import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";
import { eventually } from "../support/eventually.js";

let t: TestServer;
let admin: Person;
let database: MongoClient;
let made = 0;
beforeAll(async () => {
  t = await startServer();
  admin = await t.administrator();
  database = await MongoClient.connect(t.world.mongo.uri);
});
afterAll(async () => {
  await database?.close();
  await t?.close();
});

/** An input that nobody used before; names sort in the order of making. */
function someone(prefix = "person") {
  made += 1;
  const username = `${prefix}-${String(made).padStart(3, "0")}`;
  return { username, email: `${username}@mail.example` };
}

async function names(variables: Parameters<Person["users"]>[0]): Promise<string[]> {
  return (await admin.users(variables)).users.nodes.map(({ username }) => username);
}

describe("the list of users", () => {
  it("is for administrators", async () => {
    const user = await t.user();

    await expect(user.users({})).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(t.anonymous.users({})).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(user.user({ id: user.id })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("finds by how a name or an address begins, in any case, and takes signs as they are", async () => {
    const one = { username: "Findable.One", email: "first@search.example" };
    const two = { username: "other-two", email: "findable.two@search.example" };
    for (const input of [one, two]) await admin.createUser({ input });

    expect(await names({ where: { search: "FINDABLE." } })).toEqual([one.username, two.username]);
    expect(await names({ where: { search: "findable.o" } })).toEqual([one.username]);
    expect(await names({ where: { search: ".*" } })).toEqual([]);
    expect(await names({ where: { search: "indable" } })).toEqual([]);
  });

  it("pages both ways in each order, without repeating or leaving out", async () => {
    for (let i = 0; i < 7; i++) await admin.createUser({ input: someone("paged") });
    const where = { search: "paged-" };

    for (const field of ["NAME", "CREATED_AT", "USAGE"] as const) {
      const orderBy = { field, direction: "DESC" as const };
      const all = await names({ where, orderBy });
      const first = (await admin.users({ where, orderBy, first: 3 })).users;
      const second = (
        await admin.users({ where, orderBy, first: 3, after: first.pageInfo.endCursor ?? null })
      ).users;
      const back = (
        await admin.users({ where, orderBy, last: 3, before: second.pageInfo.startCursor ?? null })
      ).users;

      expect(all).toHaveLength(7);
      expect([...first.nodes, ...second.nodes].map(({ username }) => username)).toEqual(all.slice(0, 6));
      expect(back.nodes).toEqual(first.nodes);
      expect(first.totalCount).toBe(7);
    }
    expect(await names({ where, orderBy: { field: "NAME", direction: "ASC" } })).toEqual(
      [...(await names({ where, orderBy: { field: "NAME", direction: "DESC" } }))].reverse(),
    );
  });

  it("filters by role", async () => {
    const { createUser } = await admin.createUser({ input: { ...someone("premium"), role: "PREMIUM" } });

    expect(await names({ where: { role: "PREMIUM" } })).toEqual([createUser.user.username]);
    expect(await names({ where: { role: "ADMIN" } })).toEqual(["admin"]);
  });
});

describe("a user's page", () => {
  it("shows consent, sign-ins, usage and files by state", async () => {
    const user = await t.user();
    await user.upload(Buffer.from("some bytes"), { name: "a.txt" });
    await eventually(
      async () => (await admin.user({ id: user.id })).user,
      ({ filesByState }) => filesByState[0]?.state === "STORED",
    );

    const { user: shown } = await admin.user({ id: user.id });

    expect(shown).toMatchObject({
      id: user.id,
      bytesUsed: 10,
      fileCount: 1,
      sessionCount: 1,
      filesByState: [{ state: "STORED", files: 1, size: 10 }],
    });
    expect(shown.consentedAt).toBe(shown.createdAt);
    expect(shown.lastSignInAt).toBeTruthy();
  });

  it.each(["ffffffffffffffffffffffff", "no id", ""])("answers alike for %j", async (id) => {
    await expect(admin.user({ id })).rejects.toMatchObject({ code: "NOT_FOUND", message: "User not found." });
    await expect(admin.updateUser({ id, input: { username: "someone-else" } })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(admin.startPasswordReset({ userId: id })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("hides what is for administrators from its owner too", async () => {
    const user = await t.user();
    const response = await fetch(`${t.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${user.accessToken}` },
      body: JSON.stringify({ query: "{ me { id sessionCount } }" }),
    });

    expect(((await response.json()) as { errors: unknown[] }).errors[0]).toMatchObject({
      extensions: { code: "FORBIDDEN" },
    });
  });
});

describe("making an account for somebody", () => {
  it("mails a link with which they choose the password, once", async () => {
    const input = someone("invited");

    const { createUser } = await admin.createUser({ input });
    const mail = await eventually(() => t.world.mail.messages().find(({ to }) => to.includes(input.email)));
    const token = /reset-password\/(\S+)/.exec(mail?.text ?? "")?.[1] ?? "";
    await t.anonymous.resetPassword({ token, password: "my own password" });
    const { login } = await t.anonymous.login({
      input: { login: input.username, password: "my own password" },
    });

    expect(createUser.link.url).toBeNull();
    expect(login.user).toMatchObject({ id: createUser.user.id, role: "FREE" });
    await expect(t.anonymous.resetPassword({ token, password: "another password" })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });

  it.each([
    [{ username: "admin2", email: "no address" }, "BAD_USER_INPUT", ["input", "email"]],
    [{ username: "x", email: "x@mail.example" }, "BAD_USER_INPUT", ["input", "username"]],
    [{ username: "ADMIN-Taken", email: "fresh@mail.example" }, "CONFLICT", ["input", "username"]],
    [{ username: "fresh-name", email: "Taken@mail.example" }, "CONFLICT", ["input", "email"]],
  ])("says which field of %j is at fault", async (input, code, field) => {
    const first = { username: "admin-taken", email: "taken@mail.example" };
    await admin.createUser({ input: first }).catch(() => undefined);

    await expect(admin.createUser({ input })).rejects.toMatchObject({ code, extensions: { field } });
  });
});

describe("changing an account", () => {
  it("changes name and address, keeps them unique, and takes effect at the next sign-in", async () => {
    const { user } = (await admin.createUser({ input: someone() })).createUser;
    const other = (await admin.createUser({ input: someone() })).createUser.user;

    const { updateUser } = await admin.updateUser({
      id: user.id,
      input: { username: "renamed", email: "Renamed@mail.example" },
    });

    expect(updateUser).toMatchObject({ id: user.id, username: "renamed", email: "Renamed@mail.example" });
    await expect(admin.updateUser({ id: other.id, input: { username: "RENAMED" } })).rejects.toMatchObject({
      code: "CONFLICT",
      extensions: { field: ["input", "username"] },
    });
    await expect(
      admin.updateUser({ id: other.id, input: { email: "renamed@MAIL.example" } }),
    ).rejects.toMatchObject({ code: "CONFLICT", extensions: { field: ["input", "email"] } });
    await expect(admin.updateUser({ id: user.id, input: {} })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
    await admin.updateUser({ id: user.id, input: { username: "Renamed" } });
  });

  it("changes role and name together, or neither", async () => {
    const { user } = (await admin.createUser({ input: someone() })).createUser;

    const change = { username: "both-changed", role: "PREMIUM" as const };
    const { updateUser } = await admin.updateUser({ id: user.id, input: change });

    expect(updateUser).toMatchObject(change);
    await expect(
      admin.updateUser({ id: admin.id, input: { username: "no-boss", role: "FREE" } }),
    ).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await admin.me()).me).toMatchObject({ username: "admin", role: "ADMIN" });
  });

  it("that looks otherwise by now is refused, with what it looks like", async () => {
    const { user } = (await admin.createUser({ input: someone("seen") })).createUser;
    const seen = { username: user.username, email: user.email, role: user.role };
    const first = { username: "seen-by-first", role: "PREMIUM" as const };

    await admin.updateUser({ id: user.id, seen, input: first });
    const second = admin.updateUser({ id: user.id, seen, input: { email: "second@mail.example" } });

    await expect(second).rejects.toMatchObject({
      code: "CONFLICT",
      message:
        "Somebody else changed this account meanwhile: the user name is seen-by-first now, and the role is PREMIUM now. Load it again before you change it.",
      extensions: {
        changed: [
          { field: ["input", "username"], now: "seen-by-first" },
          { field: ["input", "role"], now: "PREMIUM" },
        ],
      },
    });
    expect((await admin.user({ id: user.id })).user).toMatchObject({ ...first, email: user.email });
    const again = { ...seen, ...first };
    await admin.updateUser({ id: user.id, seen: again, input: { email: "second@mail.example" } });
  });

  it.each([{ role: "PREMIUM" as const }, { username: "first-of-many" }])(
    "by many at once who saw the same happens once: %j",
    async (input) => {
      const { user } = (await admin.createUser({ input: someone() })).createUser;
      const seen = { username: user.username, email: user.email, role: user.role };
      const emails = Array.from(
        { length: 8 },
        (_, i) => `many-${i}-${Object.keys(input).join("")}@mail.example`,
      );

      const results = await Promise.allSettled(
        emails.map((email) => admin.updateUser({ id: user.id, seen, input: { ...input, email } })),
      );

      const made = results.filter((one) => one.status === "fulfilled");
      const refused = results.filter((one) => one.status === "rejected");
      expect(made).toHaveLength(1);
      expect((await admin.user({ id: user.id })).user).toMatchObject(made[0]?.value.updateUser ?? {});
      for (const { reason } of refused) {
        expect(reason).toMatchObject({ code: "CONFLICT" });
        expect(reason).toHaveProperty("extensions.changed");
      }
    },
  );

  it("of two that take one name at once one succeeds", async () => {
    const made = await Promise.all([1, 2].map(() => admin.createUser({ input: someone("racer") })));

    const results = await Promise.allSettled(
      made.map(({ createUser }) =>
        admin.updateUser({ id: createUser.user.id, input: { username: "the-winner" } }),
      ),
    );

    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("ends the link that was mailed to the former address", async () => {
    const input = someone("moved");
    const { user } = (await admin.createUser({ input })).createUser;
    const mail = await eventually(() => t.world.mail.messages().find(({ to }) => to.includes(input.email)));
    const token = /reset-password\/(\S+)/.exec(mail?.text ?? "")?.[1] ?? "";

    await admin.updateUser({ id: user.id, input: { email: "moved@new.example" } });

    await expect(t.anonymous.resetPassword({ token, password: "too late for this" })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
  });
});

describe("without a mail server", () => {
  it("the links are shown to the administrator, and work", async () => {
    const quiet = await startServer({ world: t.world, environment: { MAIL_SERVER: "" } });
    try {
      const boss = await quiet.administrator();
      const { user, link } = (await boss.createUser({ input: someone("shown") })).createUser;
      await quiet.anonymous.resetPassword({
        token: link.url?.split("/").at(-1) ?? "",
        password: "the first password",
      });
      const { startPasswordReset } = await boss.startPasswordReset({ userId: user.id });
      await quiet.anonymous.resetPassword({
        token: startPasswordReset.url?.split("/").at(-1) ?? "",
        password: "the second password",
      });

      const { login } = await quiet.anonymous.login({
        input: { login: user.username, password: "the second password" },
      });

      expect(link.url).toContain(`${quiet.url}/admin/reset-password/`);
      expect(login.user.id).toBe(user.id);
    } finally {
      await quiet.close();
    }
  });
});
