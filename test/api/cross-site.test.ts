import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, registered } from "../support/accounts.js";
import { startHttp } from "../support/http-harness.js";
import type { HttpHarness } from "../support/http-harness.js";

const OURS = "https://stash.example";
const ID = "0123456789abcdef01234567";
const ROUTES = [
  ["POST", "/graphql"],
  ["PUT", "/files?name=a.bin"],
  ["GET", `/files/${ID}/content`],
] as const;

let t: HttpHarness;
let token: string;
beforeAll(async () => {
  t = await startHttp({ config: { frontends: [`${OURS}/app`] } });
  token = (await registered(t)).accessToken;
});
afterAll(() => t.close());

function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Response> {
  return fetch(`${t.url}${path}`, { method, headers, ...(body !== undefined && { body }) });
}

describe("what a page of another site can send without asking", () => {
  const LOGOUT = JSON.stringify({ query: "mutation { logout }" });
  const URLENCODED = "query=mutation%7Blogout%7D";
  const MULTIPART = `--b\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${LOGOUT}\r\n--b--\r\n`;

  // The token stands for cookies: were there any, the browser would add them to each of these.
  it.each([
    ["plain text", "POST", "/graphql", "text/plain", LOGOUT],
    ["plain text that claims to be JSON", "POST", "/graphql", "text/plain; application/json", LOGOUT],
    ["a form", "POST", "/graphql", "application/x-www-form-urlencoded", URLENCODED],
    ["a form with files", "POST", "/graphql", "multipart/form-data; boundary=b", MULTIPART],
    ["a link", "GET", `/graphql?${URLENCODED}`, undefined, undefined],
    ["a form to the upload", "POST", "/files?name=a.bin", "multipart/form-data; boundary=b", MULTIPART],
    ["a form to a file", "POST", `/files/${ID}/content`, "text/plain", ""],
  ])("changes nothing: %s", async (_what, method, path, type, body) => {
    const headers = {
      ...bearer(token),
      origin: "https://evil.example",
      ...(type && { "content-type": type }),
    };

    const response = await send(method, path, headers, body);

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect((await t.graphql("{ me { id } }", {}, bearer(token))).errors).toEqual([]);
  });
});

describe.each(ROUTES)("%s %s", (method, path) => {
  it.each([
    [OURS, true],
    [`${OURS}:8443`, false],
    ["http://stash.example", false],
    ["https://evil.example", false],
    [`${OURS}.evil.example`, false],
    ["https://evilstash.example", false],
    ["null", false],
  ])("lets a page of %s ask and read: %s", async (origin, allowed) => {
    const preflight = await send("OPTIONS", path, {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization,content-type,range,apollo-require-preflight",
    });
    const answer = await send(method, path, { origin, ...bearer("bad") }, method === "GET" ? undefined : "");

    for (const { headers } of [preflight, answer]) {
      expect(headers.get("access-control-allow-origin")).toBe(allowed ? origin : null);
      expect(headers.get("vary")?.toLowerCase()).toContain("origin");
    }
    if (!allowed) return;
    expect(preflight.headers.get("access-control-allow-credentials")).toBe("true");
    expect(preflight.headers.get("access-control-allow-methods")).toContain(method);
    expect(preflight.headers.get("access-control-max-age")).toBe("600");
    for (const name of ["authorization", "range", "apollo-require-preflight", "repr-digest"]) {
      expect(preflight.headers.get("access-control-allow-headers")).toContain(name);
    }
    for (const name of ["content-disposition", "content-range", "etag", "retry-after", "x-request-id"]) {
      expect(answer.headers.get("access-control-expose-headers")).toContain(name);
    }
  });
});
