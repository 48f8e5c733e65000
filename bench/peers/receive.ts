import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import { runPeer } from "./peer.js";
import { call, DriveByHand, jsonOf } from "./services.js";

/** Larger than a network read, so that the parser never waits for a single piece. */
const FILE_AHEAD_BYTES = 256 * 1024;

/**
 * Takes an upload (POST multipart or PUT raw) and passes it on to Drive in one request while hashing it: no accounts,
 * no database, no block hashes, no pieces that can be sent again. With `x-hashes: 2` each byte is hashed twice, as a
 * product must that keeps a digest of each block and of the whole.
 */
await runPeer((services) => {
  const drive = new DriveByHand(services.drive);
  return async (request, response) => {
    const hashes = Array.from({ length: Number(request.headers["x-hashes"] ?? 1) }, () =>
      createHash("sha256"),
    );
    const headers = { "content-length": String(request.headers["x-file-bytes"]) };
    const { outgoing, answered } = call(await drive.session(), { method: "PUT", headers });
    if (request.method === "PUT") pass(request, hashes, outgoing);
    else passFile(request, hashes, outgoing);
    const { id } = (await jsonOf(answered)) as { id: string };
    const sha256 = hashes.map((hash) => hash.digest("hex"))[0];
    response.writeHead(201).end(JSON.stringify({ id, sha256 }));
  };
});

function passFile(request: IncomingMessage, hashes: readonly Hash[], outgoing: ClientRequest): void {
  const parser = busboy({ headers: request.headers, fileHwm: FILE_AHEAD_BYTES });
  parser.on("file", (_field, file) => pass(file, hashes, outgoing));
  request.pipe(parser);
}

function pass(source: Readable, hashes: readonly Hash[], outgoing: ClientRequest): void {
  source.on("data", (chunk: Buffer) => {
    for (const hash of hashes) hash.update(chunk);
    if (outgoing.write(chunk)) return;
    source.pause();
    outgoing.once("drain", () => source.resume());
  });
  source.on("end", () => outgoing.end());
}
