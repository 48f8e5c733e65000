import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, codes, PASSWORD, REGISTER, registered, somebody } from "../support/accounts.js";
import type { Signed } from "../support/accounts.js";
import { RecordingMailer, startHttp } from "../support/http-harness.js";
import type { HarnessOptions, HttpHarness } from "../support/http-harness.js";

const SERVICE = "{ service { registration termsUrl privacyUrl } }";
const INVITE =
  "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { id email role mailed link } }";
const INVITES = "{ invites { id email role } }";
const REVOKE = "mutation ($email: String!) { revokeInvite(email: $email) }";
const ACCEPT = `mutation ($token: String!, $username: String!, $password: String!, $acceptTerms: Boolean!, $acceptPrivacy: Boolean!) {
  acceptInvite(token: $token, username: $username, password: $password, acceptTerms: $acceptTerms, acceptPrivacy: $acceptPrivacy) {
    accessToken refreshToken expiresAt user { id username email role }
  } }`;
const ADMIN = { email: "root@example.com", password: "a long enough password" };

async function start(options: HarnessOptions) {
  const t = await startHttp(options);
  await t.accountService.ensureFirstAdmin(ADMIN);
  const origin = { address: "127.0.0.1", userAgent: undefined };
  const { accessToken } = await t.accountService.login(
    { login: ADMIN.email, password: ADMIN.password },
    origin,
  );
  return { t, admin: bearer(accessToken) };
}

function acceptance(token: string) {
  const { username } = somebody();
  return { token, username, password: PASSWORD, acceptTerms: true, acceptPrivacy: true };
}

let t: HttpHarness;
let admin: Record<string, string>;
beforeAll(async () => {
  ({ t, admin } = await start({ registration: "invite", termsUrl: "https://stash.example/terms" }));
});
afterAll(() => t.close());

async function invited(email = somebody().email, role = "FREE"): Promise<string> {
  const reply = await t.graphql(INVITE, { input: { email, role } }, admin);
  expect(reply.data?.["inviteUser"]).toMatchObject({ email, role, mailed: true, link: null });
  const mail = t.mailer.mails.filter((one) => one.to === email).at(-1);
  const links = [...(mail?.text ?? "").matchAll(/https:\/\/\S+/g)].map(([link]) => link);
  expect(links).toHaveLength(1);
  return /\/accept-invite\/([\w-]{43})$/.exec(links[0] ?? "")?.[1] ?? "";
}

describe("by invitation", () => {
  it("nobody registers, and anybody may know that", async () => {
    expect((await t.graphql(SERVICE)).data).toEqual({
      service: { registration: "INVITE", termsUrl: "https://stash.example/terms", privacyUrl: null },
    });
    expect(codes(await t.graphql(REGISTER, { input: somebody() }))).toEqual(["FORBIDDEN"]);
  });

  it("refuses passwords that would be guessed first, also the invited address, and can be accepted after it", async () => {
    const { email } = somebody();
    const input = acceptance(await invited(email));

    for (const password of ["Password1", `${input.username}!`, `${email.split("@")[0]}-1`]) {
      const reply = await t.graphql(ACCEPT, { ...input, password });
      expect(reply.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["password"] });
    }

    expect(codes(await t.graphql(ACCEPT, input))).toEqual([]);
  });

  it("makes an account with the invited address and role, signed in", async () => {
    const { email } = somebody();
    const input = acceptance(await invited(email, "PREMIUM"));

    const reply = await t.graphql(ACCEPT, input);

    const { user } = reply.data?.["acceptInvite"] as Signed;
    expect(user).toMatchObject({ email, role: "PREMIUM", username: input.username });
    expect((await t.graphql(INVITES, {}, admin)).data?.["invites"]).not.toContainEqual(
      expect.objectContaining({ email }),
    );
    const actions = await t.connection.collection("audit").find({ "after.email": email }).toArray();
    expect(actions.map((entry) => entry["action"] as string)).toEqual(["invite.made", "invite.accepted"]);
  });

  it("makes one account of ten who follow the link at once", async () => {
    const token = await invited();

    const replies = await Promise.all(Array.from({ length: 10 }, () => t.graphql(ACCEPT, acceptance(token))));

    expect(replies.filter((reply) => reply.errors.length === 0)).toHaveLength(1);
    expect(new Set(replies.flatMap(codes))).toEqual(new Set(["BAD_USER_INPUT"]));
  });

  it.each([
    ["username", { username: "ab" }],
    ["password", { password: "short" }],
    ["acceptTerms", { acceptTerms: false }],
    ["acceptPrivacy", { acceptPrivacy: false }],
    ["token", { token: "x".repeat(43) }],
  ])("names %s when it is at fault, and keeps the link", async (field, change) => {
    const input = acceptance(await invited());

    const reply = await t.graphql(ACCEPT, { ...input, ...change });

    expect(reply.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: [field] });
    expect(codes(await t.graphql(ACCEPT, input))).toEqual([]);
  });

  it("replaces the link by inviting again, and ends it by revoking or after a week", async () => {
    const { email } = somebody();
    const first = await invited(email);
    const second = await invited(email);
    const late = await invited();
    const { invites } = (await t.graphql(INVITES, {}, admin)).data as {
      invites: { id: string; email: string }[];
    };
    const [mine, ...more] = invites.filter((one) => one.email === email);
    expect(more).toEqual([]);
    expect(codes(await t.graphql(ACCEPT, acceptance(first)))).toEqual(["BAD_USER_INPUT"]);

    await t.graphql(REVOKE, { email: mine?.email }, admin);
    expect(codes(await t.graphql(ACCEPT, acceptance(second)))).toEqual(["BAD_USER_INPUT"]);
    expect(codes(await t.graphql(REVOKE, { email: mine?.email }, admin))).toEqual(["NOT_FOUND"]);

    t.clock.advance(7 * 24 * 3600 * 1000 + 1);
    expect(codes(await t.graphql(ACCEPT, acceptance(late)))).toEqual(["BAD_USER_INPUT"]);
    t.clock.advance(-(7 * 24 * 3600 * 1000 + 1));
  });

  it("is for administrators to give, and not to people with an account", async () => {
    const person = (await t.graphql(ACCEPT, acceptance(await invited()))).data?.["acceptInvite"] as Signed;
    const input = { email: person.user.email };

    const stranger = await t.graphql(INVITE, { input }, bearer(person.accessToken));
    const nobody = await t.graphql(INVITE, { input });
    const again = await t.graphql(INVITE, { input }, admin);

    expect([codes(stranger), codes(nobody)]).toEqual([["FORBIDDEN"], ["UNAUTHENTICATED"]]);
    expect(again.errors[0]?.extensions).toMatchObject({ code: "CONFLICT", field: ["input", "email"] });
  });

  it("leaves no token in the database or the log", async () => {
    const token = await invited();

    const kept = JSON.stringify(await t.connection.collection("invites").find().toArray());
    expect(kept).not.toContain(token);
    expect(JSON.stringify(t.log.lines)).not.toContain(token);
  });
});

describe("without mail", () => {
  it.each([
    ["no mail server", undefined],
    [
      "a mail server that is away",
      Object.assign(new RecordingMailer(), { send: () => Promise.reject(new Error("away")) }),
    ],
  ])("shows the link to the administrator: %s", async (_name, mailer) => {
    const other = await start({ mailer });
    try {
      const reply = await other.t.graphql(INVITE, { input: { email: somebody().email } }, other.admin);
      const { mailed, link } = reply.data?.["inviteUser"] as { mailed: boolean; link: string };

      expect(mailed).toBe(false);
      const accepted = await other.t.graphql(ACCEPT, acceptance(link.split("/").at(-1) ?? ""));
      expect(codes(accepted)).toEqual([]);
    } finally {
      await other.t.close();
    }
  });
});

describe("closed", () => {
  it("makes no account, by registration or invitation", async () => {
    const closed = await start({ registration: "closed" });
    try {
      const input = { email: somebody().email };
      const replies = [
        await closed.t.graphql(REGISTER, { input: somebody() }),
        await closed.t.graphql(INVITE, { input }, closed.admin),
        await closed.t.graphql(ACCEPT, acceptance("x")),
      ];

      expect(replies.flatMap(codes)).toEqual(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]);
      await expect(registered(closed.t)).rejects.toThrow("No new accounts");
    } finally {
      await closed.t.close();
    }
  });
});
