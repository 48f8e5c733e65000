import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, codes, LOGIN, ME, PASSWORD, registered, somebody } from "../support/accounts.js";
import type { Signed } from "../support/accounts.js";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

const CHANGE_PASSWORD =
  "mutation ($current: String!, $new: String!) { changePassword(current: $current, new: $new) }";
const CHANGE_NAME = "mutation ($username: String!) { changeUsername(username: $username) { username } }";
const CHANGE_EMAIL =
  "mutation ($password: String!, $email: String!) { changeEmail(password: $password, email: $email) }";
const CONFIRM = "mutation ($token: String!) { confirmEmail(token: $token) }";
const ASK = "mutation ($email: String!) { requestPasswordReset(email: $email) }";
const RESET =
  "mutation ($token: String!, $password: String!) { resetPassword(token: $token, password: $password) }";

let t: HttpHarness;
beforeAll(async () => {
  t = await startHttp();
});
afterAll(() => t.close());

async function canSignIn(login: string, password: string): Promise<boolean> {
  return codes(await t.graphql(LOGIN, { input: { login, password } })).length === 0;
}

async function mailsTo(address: string) {
  await t.mailsSent();
  return t.mailer.mails.filter((mail) => mail.to === address);
}

/** The token in the only link of the last mail to an address. */
async function tokenMailedTo(address: string, page: string): Promise<string> {
  const mail = (await mailsTo(address)).at(-1);
  const links = [...(mail?.text ?? "").matchAll(/https:\/\/\S+/g)].map(([link]) => link);
  expect(links).toHaveLength(1);
  const [, token = ""] =
    new RegExp(`^https://stash\\.example/${page}/([\\w-]{43})$`).exec(links[0] ?? "") ?? [];
  expect(mail?.html).toContain(`href="${links[0] ?? ""}"`);
  return token;
}

describe("changing the password", () => {
  const change = (person: Signed, current: string, next: string) =>
    t.graphql(CHANGE_PASSWORD, { current, new: next }, bearer(person.accessToken));

  it("keeps this session, ends the others and mails it", async () => {
    const here = await registered(t);
    const { email } = here.user;
    const there = (await t.graphql(LOGIN, { input: { login: email, password: PASSWORD } })).data?.[
      "login"
    ] as Signed;

    expect((await change(here, PASSWORD, "a new password")).data).toEqual({ changePassword: true });

    expect(codes(await t.graphql(ME, {}, bearer(here.accessToken)))).toEqual([]);
    expect(codes(await t.graphql(ME, {}, bearer(there.accessToken)))).toEqual(["UNAUTHENTICATED"]);
    expect([await canSignIn(email, PASSWORD), await canSignIn(email, "a new password")]).toEqual([
      false,
      true,
    ]);
    expect((await mailsTo(email)).map(({ subject }) => subject)).toEqual([
      "Your Telestash password was changed",
    ]);
  });

  it("names the field at fault", async () => {
    const person = await registered(t);

    const wrong = await change(person, "not the password", "a new password");
    const short = await change(person, PASSWORD, "short");

    expect(wrong.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["current"] });
    expect(short.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["new"] });
  });

  it("refuses what would be guessed first, and costs no guess at the present one", async () => {
    const person = await registered(t);
    const chosen = ["Password1", `${person.user.username}!`];

    for (const next of chosen) {
      const reply = await change(person, PASSWORD, next);
      expect(reply.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["new"] });
      expect(reply.errors[0]?.message).toMatch(/guessed first\. Choose another one/);
    }

    expect(await canSignIn(person.user.email, PASSWORD)).toBe(true);
  });

  it("is done once for many at the same time", async () => {
    const person = await registered(t);

    const replies = await Promise.all([1, 2, 3, 4].map((n) => change(person, PASSWORD, `new password ${n}`)));

    expect(replies.filter((reply) => reply.errors.length === 0)).toHaveLength(1);
  });

  it("makes an open reset link worthless", async () => {
    const person = await registered(t);
    await t.graphql(ASK, { email: person.user.email });
    const token = await tokenMailedTo(person.user.email, "reset-password");
    await change(person, PASSWORD, "a new password");

    expect(codes(await t.graphql(RESET, { token, password: "yet another" }))).toEqual(["BAD_USER_INPUT"]);
  });
});

describe("changing the user name", () => {
  it("takes a free one and refuses a taken one in any case", async () => {
    const [person, other] = [await registered(t), await registered(t)];
    const { username } = somebody();

    const changed = await t.graphql(CHANGE_NAME, { username }, bearer(person.accessToken));
    const taken = await t.graphql(
      CHANGE_NAME,
      { username: other.user.username.toUpperCase() },
      bearer(person.accessToken),
    );
    const reserved = await t.graphql(CHANGE_NAME, { username: "admin" }, bearer(person.accessToken));

    expect(changed.data).toEqual({ changeUsername: { username } });
    expect(await canSignIn(username, PASSWORD)).toBe(true);
    expect(taken.errors[0]?.extensions).toMatchObject({ code: "CONFLICT", field: ["username"] });
    expect(reserved.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["username"] });
  });
});

describe("changing the e-mail address", () => {
  const change = (person: Signed, email: string, password = PASSWORD) =>
    t.graphql(CHANGE_EMAIL, { password, email }, bearer(person.accessToken));

  it("happens when the new address confirms, once, and the old one is told", async () => {
    const person = await registered(t);
    const { email: to } = somebody();
    const from = person.user.email;
    await change(person, to);
    expect([await canSignIn(from, PASSWORD), await canSignIn(to, PASSWORD)]).toEqual([true, false]);
    const token = await tokenMailedTo(to, "confirm-email");

    const replies = await Promise.all(Array.from({ length: 10 }, () => t.graphql(CONFIRM, { token })));

    expect(replies.filter((reply) => reply.errors.length === 0)).toHaveLength(1);
    expect([await canSignIn(from, PASSWORD), await canSignIn(to, PASSWORD)]).toEqual([false, true]);
    expect((await mailsTo(from)).map(({ subject }) => subject)).toEqual([
      "Your Telestash e-mail address is about to change",
      "Your Telestash e-mail address was changed",
    ]);
    expect(JSON.stringify(await t.connection.collection("emailChanges").find().toArray())).not.toContain(
      token,
    );
  });

  it("needs the password and a free address", async () => {
    const [person, other] = [await registered(t), await registered(t)];

    const wrong = await change(person, somebody().email, "not the password");
    const taken = await change(person, other.user.email);
    const none = await change(person, "a@example.com\r\nBcc: b@example.com");

    expect(wrong.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["password"] });
    expect(taken.errors[0]?.extensions).toMatchObject({ code: "CONFLICT", field: ["email"] });
    expect(none.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", field: ["email"] });
  });

  it("is refused when somebody registered the address before it was confirmed", async () => {
    const person = await registered(t);
    const input = somebody();
    await change(person, input.email);
    const token = await tokenMailedTo(input.email, "confirm-email");
    await registered(t, input);

    expect(codes(await t.graphql(CONFIRM, { token }))).toEqual(["CONFLICT"]);
  });

  it("ends after a day", async () => {
    const person = await registered(t);
    const { email } = somebody();
    await change(person, email);
    const token = await tokenMailedTo(email, "confirm-email");
    t.clock.advance(24 * 3600 * 1000 + 1);

    expect(codes(await t.graphql(CONFIRM, { token }))).toEqual(["BAD_USER_INPUT"]);
  });
});
