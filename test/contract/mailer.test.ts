import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { operatorText } from "../../server/kernel/errors.js";
import type { AppError } from "../../server/kernel/errors.js";
import type { FaultInput } from "../../sandbox/mail/faults.js";
import { startMail } from "../../sandbox/mail/server.js";
import type { MailSandbox } from "../../sandbox/mail/server.js";
import { SmtpMailer } from "../../server/adapters/mail/smtp-mailer.js";
import type { SmtpMailerOptions } from "../../server/adapters/mail/smtp-mailer.js";

const signal = new AbortController().signal;
const mail = {
  to: "ann@example.com",
  subject: "Reset your password ✓",
  text: "Open https://app.example.com/reset-password/token-1 now.\nGrüße",
  html: '<p>Open <a href="https://app.example.com/reset-password/token-1">this</a> now.</p>',
};

let sandbox: MailSandbox;
const opened: SmtpMailer[] = [];
beforeAll(async () => {
  sandbox = await startMail();
});
afterEach(() => {
  for (const mailer of opened.splice(0)) mailer.close();
  sandbox.reset({ messages: true });
});
afterAll(() => sandbox.close());

function mailer(options: Partial<SmtpMailerOptions> = {}): SmtpMailer {
  const sender = { senderName: "Telestash", senderEmail: "stash@example.com" };
  const made = new SmtpMailer({
    ...sandbox.smtp,
    ...sender,
    useTls: false,
    useSsl: false,
    timeoutMs: 2000,
    ...options,
  });
  opened.push(made);
  return made;
}

describe("an SMTP mailer", () => {
  it("delivers a mail in both forms", async () => {
    await mailer().send(mail, signal);

    const outbox: unknown = await (await fetch(`${sandbox.url}/messages.json`)).json();
    expect(outbox).toMatchObject([
      {
        to: [mail.to],
        from: "stash@example.com",
        subject: mail.subject,
        html: expect.stringContaining(mail.html) as string,
      },
    ]);
    expect(sandbox.messages()[0]?.text.trim()).toBe(mail.text);
  });

  it("lists the newest mail first", async () => {
    const sending = mailer();
    for (const subject of ["first", "second"]) await sending.send({ ...mail, subject }, signal);

    expect(sandbox.messages().map(({ subject }) => subject)).toEqual(["second", "first"]);
  });

  it("never reads an address as a list, nor a subject as a header", async () => {
    await mailer()
      .send({ ...mail, to: "ann@example.com, eve@example.com", subject: "a\r\nBcc: eve@example.com" }, signal)
      .catch(() => undefined);
    await mailer().send({ ...mail, subject: "a\r\nBcc: eve@example.com" }, signal);

    const recipients = sandbox.messages().flatMap(({ to }) => to);
    expect(recipients).not.toContain("eve@example.com");
  });

  it("answers a check", async () => {
    await expect(mailer().check(signal)).resolves.toBeUndefined();
  });

  it.each<[FaultInput["kind"], RegExp]>([
    ["535", /MAIL_PASSWORD/],
    ["550", /refuses the mail/],
    ["451", /Try again later/],
    ["421", /Try again later/],
    ["drop", /Try again later/],
  ])("says UNAVAILABLE after %s, and delivers once it is over", async (kind, message) => {
    const sending = mailer();
    sandbox.fault({ kind, times: 1 });

    const failed = sending.send(mail, signal);

    const error = await failed.catch((thrown: unknown) => thrown as AppError);
    expect(error).toMatchObject({ code: "UNAVAILABLE" });
    expect(operatorText(error as AppError)).toMatch(message);
    expect(sandbox.messages()).toEqual([]);
    await sending.send(mail, signal);
    expect(sandbox.messages()).toHaveLength(1);
  });

  it("gives up on a server that is silent", async () => {
    sandbox.fault({ kind: "delay", ms: 1500 });

    await expect(mailer({ timeoutMs: 300 }).send(mail, signal)).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });

  it("stops when its signal aborts", async () => {
    sandbox.fault({ kind: "delay", ms: 1500 });

    const sent = mailer().send(mail, AbortSignal.timeout(300));

    await expect(sent).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("sends nothing in the clear when STARTTLS is required", async () => {
    await expect(mailer({ useTls: true }).send(mail, signal)).rejects.toMatchObject({
      forOperators: expect.stringContaining("MAIL_USE_TLS") as string,
    });

    expect(sandbox.messages()).toEqual([]);
  });

  it("says when nobody listens", async () => {
    const port = await unusedPort();

    await expect(mailer({ port }).check(signal)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("never shows its password, its user or the recipient", async () => {
    const failures: unknown[] = [];
    for (const kind of ["535", "550", "451", "421", "drop"] as const) {
      sandbox.fault({ kind, times: 1 });
      await mailer({ username: "canary-user" })
        .send(mail, signal)
        .catch((error: unknown) => failures.push(error));
      sandbox.reset();
      sandbox.fault({ kind, times: 1 });
      await mailer()
        .send(mail, signal)
        .catch((error: unknown) => failures.push(error));
    }

    const shown = inspect(failures, { depth: 20, showHidden: true, maxStringLength: null });
    expect(failures).toHaveLength(10);
    expect(
      [sandbox.smtp.password, "canary-user", mail.to].filter((secret) => shown.includes(secret)),
    ).toEqual([]);
  });
});

describe("an SMTP mailer and a server whose certificate nobody vouches for", () => {
  /** Whether each mail that arrived was encrypted. */
  const arrived: boolean[] = [];
  // Without a certificate of its own the server offers STARTTLS with one that comes with the package.
  const server = new SMTPServer({
    authOptional: true,
    onData: (stream, session, callback) => {
      stream.resume().once("end", () => callback(null, String(arrived.push(session.secure))));
    },
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterEach(() => arrived.splice(0));
  afterAll(() => new Promise<void>((resolve) => server.close(resolve)));
  const port = (): number => (server.server.address() as AddressInfo).port;

  it("encrypts all the same where TLS is not required", async () => {
    await mailer({ port: port(), username: undefined }).send(mail, signal);

    expect(arrived).toEqual([true]);
  });

  it("sends nothing where it is required, and says why", async () => {
    const sent = mailer({ port: port(), username: undefined, useTls: true }).send(mail, signal);

    await expect(sent).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/no TLS that is trusted/) as string,
    });
    expect(arrived).toEqual([]);
  });

  it("says that it is TLS which is missing where it is expected from the first byte", async () => {
    const sent = mailer({ port: port(), useSsl: true }).check(signal);

    await expect(sent).rejects.toThrow(/no TLS that is trusted/);
  });
});

describe("the mail stand-in", () => {
  it("refuses faults it does not know", async () => {
    const post = (body: unknown) =>
      fetch(`${sandbox.url}/__sandbox/fault`, { method: "POST", body: JSON.stringify(body) });

    expect((await post({ kind: "666" })).status).toBe(400);
    expect((await post({ kind: "550", twice: 1 })).status).toBe(400);
    expect((await post({ kind: "550", times: 1 })).status).toBe(200);
  });

  it("shows mails in a page where nothing of them runs", async () => {
    await mailer().send(
      { ...mail, subject: "<script>alert(1)</script>", html: '"><script>alert(2)</script>' },
      signal,
    );

    const response = await fetch(sandbox.url);
    const page = await response.text();

    expect(page).not.toContain("<script");
    expect(page).toContain("sandbox=");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("gives the source of a mail", async () => {
    await mailer().send(mail, signal);
    const id = sandbox.messages()[0]?.id ?? "";

    const source = await (await fetch(`${sandbox.url}/messages/${id}.eml`)).text();

    expect(source).toContain("MIME-Version: 1.0");
    expect((await fetch(`${sandbox.url}/messages/..%2fcredentials.eml`)).status).toBe(404);
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
