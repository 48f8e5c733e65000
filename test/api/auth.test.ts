import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bearer,
  codes,
  LOGIN,
  ME,
  PASSWORD,
  refreshed,
  REGISTER,
  registered,
  somebody,
} from "../support/accounts.js";
import type { Signed } from "../support/accounts.js";
import { startHttp } from "../support/http-harness.js";
import type { GraphqlReply, HttpHarness } from "../support/http-harness.js";

let t: HttpHarness;
beforeAll(async () => {
  t = await startHttp();
});
afterAll(() => t.close());

describe("registering", () => {
  it("makes an account, signs in and answers with it", async () => {
    const input = somebody();

    const signed = await registered(t, input);

    expect(signed.user).toMatchObject({
      username: input.username,
      email: input.email,
      role: "FREE",
      bytesUsed: 0,
    });
    const me = await t.graphql(ME, {}, bearer(signed.accessToken));
    expect(me.data?.["me"]).toEqual({ id: signed.user.id, username: input.username });
  });

  it.each([
    ["username", { username: "ab" }],
    ["username", { username: "a".repeat(33) }],
    ["username", { username: "with space" }],
    ["username", { username: "semi;colon" }],
    ["username", { username: "ünïcode" }],
    ["username", { username: "Anonymous" }],
    ["username", { username: "ADMIN" }],
    ["username", { username: "anonymous." }],
    ["username", { username: "-Anonym0us_" }],
    ["username", { username: "a.n.o.n.y.m.o.u.s" }],
    ["username", { username: "anonymous-user" }],
    ["username", { username: "telestash.supp0rt" }],
    ["username", { username: "___" }],
    ["username", { username: "telestash" }],
    ["email", { email: "nobody" }],
    ["email", { email: "a b@example.com" }],
    ["email", { email: "a@example" }],
    ["email", { email: "a@example.com\r\nBcc: x@example.com" }],
    ["email", { email: `${"a".repeat(65)}@example.com` }],
    ["password", { password: "1234567" }],
    ["password", { password: "é".repeat(513) }],
    ["password", { password: "password1" }],
    ["password", { username: "longhorn", password: "longhorn99" }],
    ["password", { email: "long.horn@example.com", password: "LongHorn 99" }],
    ["password", { password: "Telestash2026" }],
    ["acceptTerms", { acceptTerms: false }],
    ["acceptPrivacy", { acceptPrivacy: false }],
  ])("refuses an unfit %s (%j), naming the field", async (field, change) => {
    const reply = await t.graphql(REGISTER, { input: { ...somebody(), ...change } });

    expect(codes(reply)).toEqual(["BAD_USER_INPUT"]);
    expect(reply.errors[0]?.extensions["field"]).toEqual(["input", field]);
  });

  it("says everything that is wrong with it at once", async () => {
    const wrong = {
      username: "a",
      email: "nobody",
      password: "short",
      acceptTerms: false,
      acceptPrivacy: false,
    };

    const reply = await t.graphql(REGISTER, { input: wrong });

    const problems = reply.errors[0]?.extensions["problems"] as { field: string[]; message: string }[];
    expect(problems.map(({ field }) => field.at(-1)).toSorted()).toEqual(Object.keys(wrong).toSorted());
    expect(problems.map(({ message }) => message)).not.toContain("");
  });

  it.each(["username", "email"] as const)("calls a %s taken whatever its case", async (field) => {
    const first = somebody();
    await registered(t, first);

    const reply = await t.graphql(REGISTER, {
      input: { ...somebody(), [field]: first[field].toUpperCase() },
    });

    expect(codes(reply)).toEqual(["CONFLICT"]);
    expect(reply.errors[0]?.extensions["field"]).toEqual(["input", field]);
  });

  it("gives a name to one of many who ask for it at once", async () => {
    const { username } = somebody();

    const replies = await Promise.all(
      Array.from({ length: 8 }, () => t.graphql(REGISTER, { input: { ...somebody(), username } })),
    );

    expect(replies.filter((reply) => reply.errors.length === 0)).toHaveLength(1);
    expect(new Set(replies.flatMap(codes))).toEqual(new Set(["CONFLICT"]));
  });

  it("takes no role, id or other field that it does not know", async () => {
    const reply = await t.graphql(REGISTER, { input: { ...somebody(), role: "ADMIN" } });

    expect(codes(reply)).toEqual(["BAD_USER_INPUT"]);
  });
});

describe("signing in", () => {
  it("takes the e-mail address or the user name, in any case", async () => {
    const { user } = await registered(t);

    for (const login of [user.email, user.username, user.email.toUpperCase(), user.username.toUpperCase()]) {
      const reply = await t.graphql(LOGIN, { input: { login, password: PASSWORD } });
      expect((reply.data?.["login"] as Signed).user.id).toBe(user.id);
    }
  });

  it("answers alike for a wrong password and an unknown account", async () => {
    const { user } = await registered(t);

    const wrong = await t.graphql(LOGIN, { input: { login: user.email, password: "wrong password" } });
    const unknown = await t.graphql(LOGIN, { input: { login: "x@example.com", password: PASSWORD } });

    const shown = ({ errors }: GraphqlReply) => {
      return errors.map(({ message, extensions }) => [message, extensions["code"]]);
    };
    expect(codes(wrong)).toEqual(["UNAUTHENTICATED"]);
    expect(shown(wrong)).toEqual(shown(unknown));
    expect(wrong.status).toBe(unknown.status);
  });

  it("says that no one-time code is checked, to the right and the wrong password alike", async () => {
    const input = somebody();
    await registered(t, input);

    for (const password of [input.password, "the wrong password"]) {
      const reply = await t.graphql(LOGIN, { input: { login: input.email, password, otp: "123456" } });
      expect(codes(reply)).toEqual(["BAD_USER_INPUT"]);
      expect(reply.errors[0]?.extensions["field"]).toEqual(["input", "otp"]);
    }
    const without = { login: input.email, password: input.password, otp: null };
    expect((await t.graphql(LOGIN, { input: without })).errors).toEqual([]);
  });

  it("refuses an archived account like a wrong password, and its open sessions too", async () => {
    const { user, accessToken, refreshToken } = await registered(t);
    await t.connection
      .collection("users")
      .updateOne({ username: user.username }, { $set: { archivedAt: new Date() } });

    const login = await t.graphql(LOGIN, { input: { login: user.email, password: PASSWORD } });
    const me = await t.graphql(ME, {}, bearer(accessToken));

    expect([...codes(login), ...codes(me)]).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
    expect(login.errors[0]?.message).toMatch(/wrong/);
    expect(await refreshed(t, refreshToken)).toBeUndefined();
  });

  it("works for somebody whose browser still sends an old token", async () => {
    const { user } = await registered(t);

    const reply = await t.graphql(
      LOGIN,
      { input: { login: user.email, password: PASSWORD } },
      bearer("stale.old.token"),
    );

    expect(codes(reply)).toEqual([]);
  });
});

describe("a session", () => {
  it("is refreshed with a new pair", async () => {
    const first = await registered(t);
    t.clock.advance(60_000);

    const second = await refreshed(t, first.refreshToken);

    expect(second?.refreshToken).not.toBe(first.refreshToken);
    const me = await t.graphql(ME, {}, bearer(second?.accessToken ?? ""));
    expect(codes(me)).toEqual([]);
  });

  it("gives the same answer for the previous token within ten seconds", async () => {
    const { refreshToken } = await registered(t);
    const second = await refreshed(t, refreshToken);
    t.clock.advance(9_000);

    const again = await refreshed(t, refreshToken);

    expect(again).toEqual(second);
  });

  it("ends when an old refresh token is used after that", async () => {
    const first = await registered(t);
    const second = await refreshed(t, first.refreshToken);
    t.clock.advance(11_000);

    expect(await refreshed(t, first.refreshToken)).toBeUndefined();

    expect(await refreshed(t, second?.refreshToken ?? "")).toBeUndefined();
    const me = await t.graphql(ME, {}, bearer(second?.accessToken ?? ""));
    expect(codes(me)).toEqual(["UNAUTHENTICATED"]);
  });

  it("ends when a token from before the previous one is used", async () => {
    const first = await registered(t);
    const second = await refreshed(t, first.refreshToken);
    const third = await refreshed(t, second?.refreshToken ?? "");

    expect(await refreshed(t, first.refreshToken)).toBeUndefined();

    expect(await refreshed(t, third?.refreshToken ?? "")).toBeUndefined();
  });

  it("rotates once for many who refresh at the same time", async () => {
    const { refreshToken } = await registered(t);

    const answers = await Promise.all(Array.from({ length: 10 }, () => refreshed(t, refreshToken)));

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toBeDefined();
  });

  it("is not ended by a forged refresh token", async () => {
    const { refreshToken } = await registered(t);
    const [id, rotation] = refreshToken.split(".");

    const forged = await refreshed(t, `${id}.${rotation}.${randomBytes(32).toString("base64url")}`);
    const future = await refreshed(t, `${id}.5.${randomBytes(32).toString("base64url")}`);

    expect([forged, future]).toEqual([undefined, undefined]);
    expect(await refreshed(t, refreshToken)).toBeDefined();
  });

  it("is over for every token at once after logging out", async () => {
    const { accessToken, refreshToken } = await registered(t);

    const out = await t.graphql("mutation { logout }", {}, bearer(accessToken));

    expect(out.data).toEqual({ logout: true });
    expect(codes(await t.graphql(ME, {}, bearer(accessToken)))).toEqual(["UNAUTHENTICATED"]);
    expect(await refreshed(t, refreshToken)).toBeUndefined();
  });

  it("ends after a month without being refreshed", async () => {
    const { refreshToken } = await registered(t);
    t.clock.advance(31 * 24 * 3600 * 1000);

    expect(await refreshed(t, refreshToken)).toBeUndefined();
  });

  it("keeps no token in the database", async () => {
    const { accessToken, refreshToken } = await registered(t);
    const rows = await t.connection.collection("sessions").find().toArray();

    const kept = JSON.stringify(rows);

    expect(kept).not.toContain(refreshToken.split(".")[2]);
    expect(kept).not.toContain(accessToken.split(".")[2]);
  });
});

describe("the first administrator", () => {
  it("is made once, also when two processes start together", async () => {
    const admin = { email: "Root@example.com", password: "administrator's password" };

    await Promise.all([t.accountService.ensureFirstAdmin(admin), t.accountService.ensureFirstAdmin(admin)]);
    await t.accountService.ensureFirstAdmin({ ...admin, email: "other@example.com" });

    expect(await t.connection.collection("users").countDocuments({ role: "ADMIN" })).toBe(1);
    const reply = await t.graphql(LOGIN, { input: { login: "root@example.com", password: admin.password } });
    expect((reply.data?.["login"] as Signed).user).toMatchObject({ role: "ADMIN", username: "admin" });
  });
});
