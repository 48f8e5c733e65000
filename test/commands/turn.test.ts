import { spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { emptyFolder } from "./command.js";

const TURN = path.resolve(import.meta.dirname, "../../scripts/ready/turn.mjs");
interface TurnModule {
  takeTurn(file: string, say: (line: string) => void): Promise<() => void>;
}
const WORK = `
  const [, turnFile, logFile] = process.argv;
  const { takeTurn } = await import(${JSON.stringify(TURN)});
  const { appendFileSync } = await import("node:fs");
  const giveBack = await takeTurn(turnFile, (line) => console.log(line));
  appendFileSync(logFile, "begin ");
  await new Promise((resolve) => setTimeout(resolve, 50));
  appendFileSync(logFile, "end ");
  giveBack();
`;

describe("making ready, one process at a time", { timeout: 120_000 }, () => {
  let folder: string;
  let remove: () => Promise<void>;
  beforeEach(async () => ({ folder, remove } = await emptyFolder()));
  afterEach(() => remove());

  const turnFile = () => path.join(folder, "turn");
  const log = () => readFileSync(path.join(folder, "log"), "utf8");

  function work(hear: (said: string) => void = () => undefined): Promise<void> {
    const argv = ["--input-type=module", "-e", WORK, turnFile(), path.join(folder, "log")];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.on("data", (chunk: Buffer) => hear(chunk.toString()));
    return new Promise((resolve) => child.on("close", () => resolve()));
  }

  it("never runs two at once", async () => {
    await Promise.all(Array.from({ length: 6 }, () => work()));

    expect(log()).toBe("begin end ".repeat(6));
    expect(readdirSync(folder)).toEqual(["log"]);
  });

  it("says for whom it waits", async () => {
    const turn = (await import(TURN)) as TurnModule;
    const giveBack = await turn.takeTurn(turnFile(), () => undefined);
    let said = "";
    const waiting = work((text) => (said += text));

    await eventually(() => said.includes(`Waiting for process ${process.pid}`));
    giveBack();

    await waiting;
    expect(log()).toBe("begin end ");
  });

  it("takes over what a process that is gone left behind, once, however many want it", async () => {
    writeFileSync(turnFile(), JSON.stringify({ pid: process.pid, started: "1" }));

    await Promise.all(Array.from({ length: 4 }, () => work()));

    expect(log()).toBe("begin end ".repeat(4));
    expect(readdirSync(folder)).toEqual(["log"]);
  });
});
