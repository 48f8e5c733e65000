/*
 * Preloaded into the tools that run.mjs starts: ends the tool when its standard input ends, that is, when run.mjs
 * is gone, however it went. A thread of its own, because compilers keep the main one busy for seconds.
 */
import { fstatSync } from "node:fs";
import { isMainThread, Worker } from "node:worker_threads";

const WATCH = `
  const { Socket } = require("node:net");
  const end = () => process.kill(process.pid, "SIGKILL");
  new Socket({ fd: 0 }).on("error", end).on("close", end).resume();
`;

function stdinIsPipe() {
  const stdin = fstatSync(0);
  return stdin.isFIFO() || stdin.isSocket();
}

if (isMainThread && stdinIsPipe()) new Worker(WATCH, { eval: true, execArgv: [] }).unref();
