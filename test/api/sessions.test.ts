import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, codes, LOGIN, ME, PASSWORD, refreshed, registered } from "../support/accounts.js";
import type { Signed } from "../support/accounts.js";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SESSIONS = "{ sessions { id device address createdAt lastUsedAt isCurrent } }";
const REVOKE = "mutation ($id: ID!) { revokeSession(id: $id) }";
const REVOKE_OTHERS = "mutation { revokeOtherSessions }";

interface Listed {
  id: string;
  device: string;
  address: string;
  lastUsedAt: string;
  isCurrent: boolean;
}

let t: HttpHarness;
beforeAll(async () => {
  t = await startHttp();
});
afterAll(() => t.close());

async function signedIn(login: string, userAgent: string): Promise<Signed> {
  const reply = await t.graphql(LOGIN, { input: { login, password: PASSWORD } }, { "user-agent": userAgent });
  return reply.data?.["login"] as Signed;
}

async function sessionsOf({ accessToken }: Signed): Promise<Listed[]> {
  return (await t.graphql(SESSIONS, {}, bearer(accessToken))).data?.["sessions"] as Listed[];
}

function audited(action: string): Promise<unknown[]> {
  return t.connection.collection("audit").find({ action }).toArray();
}

describe("sessions", () => {
  it("are listed with device, address and which one asks", async () => {
    const first = await registered(t);
    const second = await signedIn(first.user.email, FIREFOX);

    const listed = await sessionsOf(second);

    expect(listed).toHaveLength(2);
    expect(listed.find((one) => one.isCurrent)).toMatchObject({
      device: "Firefox on Linux",
      address: "127.0.0.1",
    });
    expect(listed.filter((one) => !one.isCurrent)).toMatchObject([{ device: "node" }]);
  });

  it("tell their last use to the minute, with one write", async () => {
    const person = await registered(t);
    const [before] = await sessionsOf(person);
    t.clock.advance(61_000);

    await Promise.all([
      t.graphql(ME, {}, bearer(person.accessToken)),
      t.graphql(ME, {}, bearer(person.accessToken)),
    ]);
    const [after] = await sessionsOf(person);
    const [again] = await sessionsOf(person);

    expect(Date.parse(after?.lastUsedAt ?? "")).toBeGreaterThanOrEqual(
      Date.parse(before?.lastUsedAt ?? "") + 60_000,
    );
    expect(again?.lastUsedAt).toBe(after?.lastUsedAt);
  });

  it("are ended one by one, on the next request", async () => {
    const first = await registered(t);
    const second = await signedIn(first.user.email, FIREFOX);
    const other = (await sessionsOf(second)).find((one) => !one.isCurrent);

    const reply = await t.graphql(REVOKE, { id: other?.id }, bearer(second.accessToken));

    expect(reply.data).toEqual({ revokeSession: true });
    expect(codes(await t.graphql(ME, {}, bearer(first.accessToken)))).toEqual(["UNAUTHENTICATED"]);
    expect(await refreshed(t, first.refreshToken)).toBeUndefined();
    expect(codes(await t.graphql(ME, {}, bearer(second.accessToken)))).toEqual([]);
    expect(await audited("session.revoked")).not.toEqual([]);
  });

  it("are ended all but the present one", async () => {
    const first = await registered(t);
    const second = await signedIn(first.user.email, FIREFOX);
    const third = await signedIn(first.user.email, FIREFOX);

    const reply = await t.graphql(REVOKE_OTHERS, {}, bearer(third.accessToken));

    expect(reply.data).toEqual({ revokeOtherSessions: 2 });
    for (const { accessToken } of [first, second]) {
      expect(codes(await t.graphql(ME, {}, bearer(accessToken)))).toEqual(["UNAUTHENTICATED"]);
    }
    expect(await sessionsOf(third)).toHaveLength(1);
  });

  it("of others are as missing as ids that never were", async () => {
    const [mine, theirs] = [await registered(t), await registered(t)];
    const [foreign] = await sessionsOf(theirs);

    const replies = [];
    for (const id of [foreign?.id, "6b02ad44c7a57cbc305026a4", "no id at all"]) {
      replies.push(await t.graphql(REVOKE, { id }, bearer(mine.accessToken)));
    }

    expect(replies.flatMap(codes)).toEqual(["NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]);
    expect(new Set(replies.map((reply) => reply.errors[0]?.message)).size).toBe(1);
    expect(await sessionsOf(theirs)).toHaveLength(1);
  });

  it("end with a written reason when an old refresh token is used again", async () => {
    const person = await registered(t);
    await refreshed(t, person.refreshToken);
    t.clock.advance(11_000);

    expect(await refreshed(t, person.refreshToken)).toBeUndefined();

    expect(await audited("session.reuse-detected")).toMatchObject([{ target: { id: person.user.id } }]);
  });
});
