import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startDrive } from "../../sandbox/drive/server.js";
import type { Drive } from "../../sandbox/drive/server.js";
import { onSandbox, stage } from "./staging-area.support.js";

let drive: Drive;
beforeAll(async () => {
  drive = await startDrive();
});
afterEach(() => drive.reset({ files: true }));
afterAll(() => drive.close());

describe("the control API of the Drive stand-in", () => {
  const control = (path: string, body: unknown) =>
    fetch(`${drive.url}/__sandbox/${path}`, { method: "POST", body: JSON.stringify(body) });

  it("strikes the calls it was asked to", async () => {
    await control("fault", {
      kind: "429",
      retryAfter: 7,
      match: { service: "drive", op: "about" },
      after: 1,
      times: 1,
    });
    const ask = () => fetch(`${drive.url}/drive/v3/about?fields=user`);

    const answers = [await ask(), await ask(), await ask()];

    expect(answers.map(({ status }) => status)).toEqual([401, 429, 401]);
    expect(answers[1]?.headers.get("retry-after")).toBe("7");
    const stats: unknown = await (await fetch(`${drive.url}/__sandbox/stats`)).json();
    expect(stats).toMatchObject({ calls: { about: 3 }, tooManyRequests: 1, faults: { "429": 1 }, files: 0 });
  });

  it("lists what is stored", async () => {
    const id = await stage(onSandbox(drive), Buffer.from("hello"));

    const files: unknown = await (await fetch(`${drive.url}/__sandbox/files`)).json();

    expect(files).toMatchObject([{ id, name: "a-blob", size: 5 }]);
  });

  it.each([
    ["fault", { kind: "flood" }],
    ["fault", { kind: "latency", bytes: 5 }],
    ["fault", { kind: "hang", match: { op: "sendDocument" } }],
    ["fault", { kind: "hang", match: { chat: 1 } }],
    ["fault", { kind: "truncate", bytes: 5, match: { op: "piece" } }],
    ["fault", { kind: "reset", every: 0 }],
    ["config", { speed: 1 }],
    ["config", { limits: "on" }],
    ["config", { bandwidth: { up: 5 } }],
    ["advance", {}],
    ["advance", { ms: -1 }],
    ["reset", { all: true }],
  ])("refuses %s %o", async (path, body) => {
    expect((await control(path, body)).status).toBe(400);
  });
});
