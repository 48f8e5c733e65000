import type { AddressInfo, Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import type { SMTPServerDataStream, SMTPServerSession } from "smtp-server";
import type { Faults } from "./faults.js";
import type { Outbox } from "./outbox.js";

const MAX_MAIL_BYTES = 10 * 1024 * 1024;

interface SmtpParts {
  port: number;
  credentials: { username: string; password: string };
  outbox: Outbox;
  faults: Faults;
}

/** Starts the SMTP side. There is no STARTTLS: a self-signed certificate would be refused by a careful client. */
export async function startSmtp(parts: SmtpParts): Promise<{ port: number; close(): Promise<void> }> {
  const { credentials, faults } = parts;
  const sockets = new Map<string, Socket>();
  const cut = (session: SMTPServerSession): void => {
    sockets.get(`${session.remoteAddress}:${session.remotePort}`)?.destroy();
  };
  const server = new SMTPServer({
    name: "sandbox.local",
    banner: "mails end here",
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: MAX_MAIL_BYTES,
    rejectOversized: true,
    closeTimeout: 100,
    onConnect: (_session, callback) => {
      callback(faults.strike("421") && refusal(421, "Service not available, try again later"));
    },
    onAuth: ({ username, password }, _session, callback) => {
      const isGood = username === credentials.username && password === credentials.password;
      if (isGood && faults.strike("535") === undefined) callback(null, { user: username });
      else callback(refusal(535, "Authentication credentials invalid"));
    },
    onRcptTo: (_address, _session, callback) => {
      callback(faults.strike("550") && refusal(550, "No such user here"));
    },
    onData: (stream, session, callback) => {
      deliver(parts, stream, session, () => cut(session)).then(() => callback(), callback);
    },
  });
  server.server.on("connection", (socket: Socket) => {
    const name = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? ""}`;
    sockets.set(name, socket);
    socket.once("close", () => sockets.delete(name));
  });
  server.on("error", () => {
    // A client that goes away in the middle is its own affair.
  });
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(parts.port, "127.0.0.1", resolve);
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function deliver(
  { faults, outbox }: SmtpParts,
  stream: SMTPServerDataStream,
  { envelope }: SMTPServerSession,
  cut: () => void,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  const fault = faults.strike("451", "drop", "delay");
  if (fault?.kind === "451") throw refusal(451, "Requested action aborted: error in processing");
  if (fault?.kind === "drop") return cut();
  if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 1000));
  if (stream.sizeExceeded) return;
  const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
  await outbox.add(
    envelope.rcptTo.map(({ address }) => address),
    from,
    Buffer.concat(chunks),
  );
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
