import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { network } from "../../server/auth/attempts.js";
import { codes, LOGIN, PASSWORD, REGISTER, registered, somebody } from "../support/accounts.js";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

const ASK = "mutation ($email: String!) { requestPasswordReset(email: $email) }";
const RESET =
  "mutation ($token: String!, $password: String!) { resetPassword(token: $token, password: $password) }";

let t: HttpHarness;
beforeAll(async () => {
  t = await startHttp({ limitScale: 1, config: { trustProxy: "127.0.0.1" } });
});
afterAll(() => t.close());

let addresses = 0;
/** An address that no other test uses, as the trusted proxy before the server would say it. */
const fresh = () => ({
  "x-forwarded-for": `198.51.${Math.floor((addresses += 1) / 250)}.${(addresses % 250) + 1}`,
});
const signIn = (login: string, password: string, from: Record<string, string>) =>
  t.graphql(LOGIN, { input: { login, password } }, from);

describe("guessing a password", () => {
  it("is slowed down after five, says how long, and costs no more hashes", async () => {
    const { user } = await registered(t);
    const from = fresh();
    const before = t.hasher.verifications;

    const replies = await Promise.all(
      Array.from({ length: 30 }, () => signIn(user.email, "wrong guess", from)),
    );

    const refused = replies.filter((reply) => codes(reply)[0] === "RATE_LIMITED");
    expect(refused).toHaveLength(24);
    expect(t.hasher.verifications - before).toBe(6);
    const [first] = refused;
    const seconds = first?.errors[0]?.extensions["retryAfterSeconds"] as number;
    expect(seconds).toBeGreaterThan(0);
    expect(Number(first?.headers.get("retry-after"))).toBe(seconds);
    expect(first?.errors[0]?.message).toMatch(/Try again in \d+ (seconds|minutes)\.$/);
    expect(await t.connection.collection("audit").countDocuments({ action: "user.sign-in-slowed" })).toBe(1);
  });

  it("is slowed down alike for an account that does not exist", async () => {
    const from = fresh();
    const { email } = somebody();

    const replies = [];
    for (let n = 0; n < 8; n += 1)
      replies.push(await signIn(n % 2 === 0 ? email : email.toUpperCase(), "guess", from));

    expect(replies.flatMap(codes)).toEqual([
      ...Array<string>(6).fill("UNAUTHENTICATED"),
      "RATE_LIMITED",
      "RATE_LIMITED",
    ]);
  });

  it("counts the e-mail address and the user name together", async () => {
    const { user } = await registered(t);
    const from = fresh();

    const replies = [];
    for (let n = 0; n < 8; n += 1)
      replies.push(await signIn(n % 2 === 0 ? user.email : user.username, "guess", from));

    expect(replies.flatMap(codes).filter((code) => code === "RATE_LIMITED")).toHaveLength(2);
  });

  it("keeps nobody else out: another address still signs in, and so does the owner's own from many strangers", async () => {
    const home = fresh();
    const input = somebody();
    await t.graphql(REGISTER, { input }, home);
    for (let n = 0; n < 35; n += 1) await signIn(input.email, "guess", fresh());

    const stranger = await signIn(input.email, PASSWORD, fresh());
    const owner = await signIn(input.email, PASSWORD, home);

    expect(codes(stranger)).toEqual(["RATE_LIMITED"]);
    expect(codes(owner)).toEqual([]);
  });

  it("begins anew after the right password", async () => {
    const { user } = await registered(t);
    const from = fresh();
    for (let n = 0; n < 4; n += 1) await signIn(user.email, "guess", from);

    expect(codes(await signIn(user.email, PASSWORD, from))).toEqual([]);
    const replies = [];
    for (let n = 0; n < 5; n += 1) replies.push(await signIn(user.email, "guess", from));

    expect(replies.flatMap(codes)).toEqual(Array<string>(5).fill("UNAUTHENTICATED"));
  });
});

describe("the work done", () => {
  it("is one verification at sign-in and one hash at a reset, whether or not there is such an account or link", async () => {
    const { user } = await registered(t);
    const counts = [];
    for (const login of [user.email, "nobody@example.com", "nobody"]) {
      const before = t.hasher.verifications;
      await signIn(login, "a wrong password", fresh());
      counts.push(t.hasher.verifications - before);
    }
    for (const email of [user.email, "nobody@example.com"]) {
      const before = t.hasher.verifications + t.hasher.hashes;
      await t.graphql(ASK, { email }, fresh());
      counts.push(t.hasher.verifications + t.hasher.hashes - before);
    }
    await t.mailsSent();
    const token = t.mailer.mails.at(-1)?.text.match(/reset-password\/(\S+)/)?.[1] ?? "";
    for (const tried of ["x", token]) {
      const before = t.hasher.verifications + t.hasher.hashes;
      await t.graphql(RESET, { token: tried, password: "a new password" }, fresh());
      counts.push(t.hasher.verifications + t.hasher.hashes - before);
    }

    expect(counts).toEqual([1, 1, 1, 0, 0, 1, 1]);
  });
});

describe("asking for reset mails", () => {
  it("is limited for an address and alike for one that nobody has", async () => {
    const { user } = await registered(t);
    const before = t.mailer.mails.length;

    for (const email of [user.email, somebody().email]) {
      const replies = [];
      for (let n = 0; n < 6; n += 1) replies.push(await t.graphql(ASK, { email }, fresh()));
      expect(replies.flatMap(codes)).toEqual(["RATE_LIMITED"]);
    }

    await t.mailsSent();
    expect(t.mailer.mails.length - before).toBe(5);
  });
});

describe("one address", () => {
  it("may try so many links, and others are not kept from theirs", async () => {
    const from = fresh();
    const tries = Array.from({ length: 65 }, () =>
      t.graphql(RESET, { token: "x", password: "long enough" }, from),
    );

    const replies = await Promise.all(tries);

    expect(replies.flatMap(codes).filter((code) => code === "RATE_LIMITED")).toHaveLength(5);
    expect(codes(await t.graphql(RESET, { token: "x", password: "long enough" }, fresh()))).toEqual([
      "BAD_USER_INPUT",
    ]);
  });

  it("is the connection's, whatever a client writes into X-Forwarded-For", async () => {
    const direct = await startHttp({ limitScale: 1 });
    try {
      const email = somebody().email;
      const replies = [];
      for (let n = 0; n < 8; n += 1) {
        const input = { login: email, password: "guess" };
        replies.push(await direct.graphql(LOGIN, { input }, { "x-forwarded-for": `192.0.2.${n + 1}` }));
      }

      expect(replies.flatMap(codes).filter((code) => code === "RATE_LIMITED")).toHaveLength(2);
    } finally {
      await direct.close();
    }
  });

  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("of %s is %s", (address, known) => {
    expect(network(address)).toBe(known);
  });
});
