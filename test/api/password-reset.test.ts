import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "../../server/kernel/errors.js";
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
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

let t: HttpHarness;
beforeAll(async () => {
  t = await startHttp();
});
afterAll(() => t.close());

const ASK = "mutation ($email: String!) { requestPasswordReset(email: $email) }";
const RESET =
  "mutation ($token: String!, $password: String!) { resetPassword(token: $token, password: $password) }";

describe("a forgotten password", () => {
  async function mailedToken(email: string): Promise<string> {
    await t.graphql(ASK, { email });
    await t.mailsSent();
    const mail = t.mailer.mails.filter((one) => one.to === email).at(-1);
    const [, token = ""] = /https:\/\/stash\.example\/reset-password\/([\w-]+)/.exec(mail?.text ?? "") ?? [];
    expect(mail?.html).toContain(`https://stash.example/reset-password/${token}`);
    return token;
  }

  it("is replaced through the mailed link, once, and all sessions end", async () => {
    const { user, accessToken, refreshToken } = await registered(t);
    const token = await mailedToken(user.email);

    const first = await t.graphql(RESET, { token, password: "a new password" });
    const second = await t.graphql(RESET, { token, password: "another password" });

    expect(first.data).toEqual({ resetPassword: true });
    expect(codes(second)).toEqual(["BAD_USER_INPUT"]);
    expect(codes(await t.graphql(ME, {}, bearer(accessToken)))).toEqual(["UNAUTHENTICATED"]);
    expect(await refreshed(t, refreshToken)).toBeUndefined();
    const old = await t.graphql(LOGIN, { input: { login: user.email, password: PASSWORD } });
    const fresh = await t.graphql(LOGIN, { input: { login: user.email, password: "a new password" } });
    expect([codes(old), codes(fresh)]).toEqual([["UNAUTHENTICATED"], []]);
    await t.mailsSent();
    expect(t.mailer.mails.at(-1)).toMatchObject({
      to: user.email,
      subject: expect.stringMatching(/changed/) as string,
    });
  });

  it("is not replaced by what would be guessed first, and the link stays good", async () => {
    const { user } = await registered(t);
    const token = await mailedToken(user.email);

    for (const password of ["Password1", `${user.username}!`]) {
      const reply = await t.graphql(RESET, { token, password });
      expect(reply.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["password"] });
      expect(reply.errors[0]?.message).toMatch(/guessed first\. Choose another one/);
    }

    expect(codes(await t.graphql(RESET, { token, password: "a new password" }))).toEqual([]);
  });

  it("is replaced by one of many who use the link at once", async () => {
    const { user } = await registered(t);
    const token = await mailedToken(user.email);

    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) => t.graphql(RESET, { token, password: `a new password ${i}` })),
    );

    expect(replies.filter((reply) => reply.errors.length === 0)).toHaveLength(1);
  });

  it("makes a new link invalidate the old one", async () => {
    const { user } = await registered(t);
    const first = await mailedToken(user.email);
    const second = await mailedToken(user.email);

    expect(codes(await t.graphql(RESET, { token: first, password: "a new password" }))).toEqual([
      "BAD_USER_INPUT",
    ]);

    expect(codes(await t.graphql(RESET, { token: second, password: "a new password" }))).toEqual([]);
  });

  it("has links that expire", async () => {
    const { user } = await registered(t);
    const token = await mailedToken(user.email);
    t.clock.advance(3601 * 1000);

    expect(codes(await t.graphql(RESET, { token, password: "a new password" }))).toEqual(["BAD_USER_INPUT"]);
  });

  it("keeps its link when the new password is unfit", async () => {
    const { user } = await registered(t);
    const token = await mailedToken(user.email);

    const short = await t.graphql(RESET, { token, password: "short" });

    expect(short.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["password"] });
    expect(codes(await t.graphql(RESET, { token, password: "long enough" }))).toEqual([]);
  });

  it("is asked for with the same answer for an address that nobody has, and no mail", async () => {
    const { user } = await registered(t);
    const before = t.mailer.mails.length;

    const unknown = await t.graphql(ASK, { email: "nobody-here@example.com" });
    const known = await t.graphql(ASK, { email: user.email }, { host: "evil.example" });
    await t.mailsSent();

    expect(unknown.data).toEqual(known.data);
    expect(t.mailer.mails.length).toBe(before + 1);
    expect(JSON.stringify(t.mailer.mails.at(-1))).not.toContain("evil.example");
  });

  it("leaves no token in the database or the log", async () => {
    const { user } = await registered(t);
    const token = await mailedToken(user.email);

    const kept = JSON.stringify(await t.connection.collection("passwordResets").find().toArray());

    expect(kept).not.toContain(token);
    expect(JSON.stringify(t.log.lines)).not.toContain(token);
  });
});

describe("without a mail server", () => {
  it("logs that a reset was asked for, without a token", async () => {
    const other = await startHttp({ mailer: undefined });
    try {
      const input = somebody();
      await other.graphql(REGISTER, { input });

      const reply = await other.graphql(ASK, { email: input.email });
      await other.mailsSent();

      expect(reply.data).toEqual({ requestPasswordReset: true });
      expect(JSON.stringify(other.log.lines)).toContain("mail is not configured");
      expect(await other.connection.collection("passwordResets").countDocuments({})).toBe(0);
    } finally {
      await other.close();
    }
  });

  it("answers the same when the mail server is down", async () => {
    const mailer = {
      send: () => Promise.reject(new AppError("UNAVAILABLE", "The mail server is away.")),
      check: () => Promise.resolve(),
    };
    const other = await startHttp({ mailer });
    try {
      const input = somebody();
      await other.graphql(REGISTER, { input });

      const reply = await other.graphql(ASK, { email: input.email });
      await other.mailsSent();

      expect(reply.data).toEqual({ requestPasswordReset: true });
    } finally {
      await other.close();
    }
  });
});
