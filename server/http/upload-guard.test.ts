import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { FileUpload } from "graphql-upload-minimal";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { multipart, MULTIPART_HEADERS } from "../../test/support/multipart.js";
import { readMultipart } from "./upload-guard.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

async function filesOf(bodies: readonly string[]): Promise<FileUpload[]> {
  const request = Object.assign(new PassThrough(), { headers: MULTIPART_HEADERS });
  const operations = { query: "mutation", variables: { files: bodies.map(() => null) } };
  const map = Object.fromEntries(bodies.map((_, i) => [i, [`variables.files.${i}`]]));
  const files = bodies.map((bytes, i) => ({ field: String(i), filename: `${i}.txt`, bytes }));
  request.end(multipart(operations, map, files));
  const read = await readMultipart(
    request as unknown as IncomingMessage,
    new PassThrough() as unknown as ServerResponse,
    1024,
  );
  const { variables } = read as { variables: { files: { promise: Promise<FileUpload> }[] } };
  return Promise.all(variables.files.map(({ promise }) => promise));
}

describe("a batch", () => {
  it("that was cut off before anybody read it is refused, and not waited for", async () => {
    const request = Object.assign(new PassThrough(), { headers: MULTIPART_HEADERS }).destroy();
    const response = new PassThrough() as unknown as ServerResponse;

    const reading = readMultipart(request as unknown as IncomingMessage, response, 1024);

    await expect(reading).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
  });
});

describe("a file of a batch", () => {
  it("that was opened waits for its turn however long that takes", async () => {
    const bodies = (await filesOf(["first", "second"])).map((file) => file.createReadStream());

    await vi.advanceTimersByTimeAsync(3_600_000);

    expect(await Promise.all(bodies.map((body) => text(body)))).toEqual(["first", "second"]);
  });

  it("that nobody opens is dropped after half a minute, so that it holds up no other", async () => {
    const [file] = await filesOf(["unwanted"]);

    await vi.advanceTimersByTimeAsync(31_000);

    expect(() => file?.createReadStream()).toThrow("The operation does not use this file.");
  });
});
