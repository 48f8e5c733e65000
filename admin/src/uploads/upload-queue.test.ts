import { beforeEach, describe, expect, it, vi } from "vitest";
import type { UploadedFileFragment, UploadedFolderFragment } from "../generated/graphql.js";
import type { UploadTry, UploadWatcher } from "../providers/upload-source.js";
import { unreachable } from "../providers/errors.js";
import { UploadQueue } from "./upload-queue.js";
import type { Uploader } from "./upload-queue.js";
import type { Unfinished, UnfinishedMemory } from "./unfinished.js";

interface Call {
  name: string;
  watcher: UploadWatcher;
  which: UploadTry;
  answer: (file: UploadedFileFragment) => void;
  fail: (error: Error) => void;
}

function heldUploader() {
  const calls: Call[] = [];
  const uploader: Uploader = {
    uploadFile: ({ name }, _folderId, watcher, which) =>
      new Promise((answer, fail) => {
        calls.push({ name, watcher, which, answer, fail });
        watcher.signal.addEventListener("abort", () => fail(new Error("aborted")));
      }),
    uploadFolder: ({ name }): Promise<UploadedFolderFragment> =>
      Promise.resolve({ id: "d1", name, failedUploads: [] }),
  };
  return { calls, uploader };
}

const noMemory: UnfinishedMemory = { load: () => [], save: () => undefined };
const aFile = (name: string) => new File(["12345"], name);
const stored = (name: string): UploadedFileFragment => ({ id: `id of ${name}`, name, state: "STAGED" });
const states = (queue: UploadQueue) => queue.list().map(({ state }) => state);

it("sends two at a time, the next one when one is done", async () => {
  const { calls, uploader } = heldUploader();
  const onDone = vi.fn();
  const queue = new UploadQueue(uploader, onDone, noMemory);

  queue.addFiles([aFile("a"), aFile("b"), aFile("c")]);
  expect(states(queue)).toEqual(["sending", "sending", "waiting"]);

  calls[0]?.answer(stored("a"));
  await vi.waitFor(() => expect(states(queue)).toEqual(["done", "sending", "sending"]));
  expect(queue.list()[0]?.file?.id).toBe("id of a");
  expect(onDone.mock.calls).toMatchObject([[{ name: "a", state: "done" }]]);
});

it("shows what has left the browser, and that the server is still at it after the last byte", () => {
  const { calls, uploader } = heldUploader();
  const queue = new UploadQueue(uploader, () => undefined, noMemory);
  queue.addFiles([aFile("a")]);

  calls[0]?.watcher.onSent(2, 300);
  expect(queue.list()[0]).toMatchObject({ state: "sending", sent: 2 });

  calls[0]?.watcher.onSent(300, 300);
  expect(queue.list()[0]).toMatchObject({ state: "staging", sent: 5 });
});

it("keeps a failure to itself, and sends the file again when asked", async () => {
  const { calls, uploader } = heldUploader();
  const queue = new UploadQueue(uploader, () => undefined, noMemory);
  queue.addFiles([aFile("a"), aFile("b")]);

  calls[0]?.fail(new Error("The quota is used up."));
  await vi.waitFor(() => expect(states(queue)).toEqual(["failed", "sending"]));
  expect(queue.list()[0]?.error).toBe("The quota is used up.");

  queue.retry(queue.list()[0]?.id ?? 0);
  expect(states(queue)).toEqual(["sending", "sending"]);
});

it("cancels one upload and goes on with the next", async () => {
  const { calls, uploader } = heldUploader();
  const queue = new UploadQueue(uploader, () => undefined, noMemory);
  queue.addFiles([aFile("a"), aFile("b"), aFile("c")]);

  queue.cancel(queue.list()[0]?.id ?? 0);

  await vi.waitFor(() => expect(states(queue)).toEqual(["cancelled", "sending", "sending"]));
  expect(calls[0]?.watcher.signal.aborted).toBe(true);
});

it("clears what has ended and keeps what is under way", async () => {
  const { calls, uploader } = heldUploader();
  const queue = new UploadQueue(uploader, () => undefined, noMemory);
  queue.addFiles([aFile("a"), aFile("b")]);
  calls[0]?.answer(stored("a"));
  await vi.waitFor(() => expect(states(queue)).toEqual(["done", "sending"]));

  queue.clearSettled();

  expect(queue.list().map(({ name }) => name)).toEqual(["b"]);
  expect(queue.isBusy).toBe(true);
});

it("shows after a reload what was interrupted, and sends it where it was going once it is chosen again", async () => {
  let kept: readonly Unfinished[] = [];
  const memory: UnfinishedMemory = { load: () => [...kept], save: (unfinished) => (kept = unfinished) };
  const before = new UploadQueue(heldUploader().uploader, () => undefined, memory);
  before.addFiles([aFile("a")], "f1");

  const { calls, uploader } = heldUploader();
  const after = new UploadQueue(uploader, () => undefined, memory);
  expect(after.list()).toMatchObject([{ name: "a", size: 5, state: "interrupted" }]);
  expect(after.isBusy).toBe(false);
  after.chooseAgain(after.list()[0]?.id ?? 0, aFile("a"));

  expect(after.list()).toMatchObject([{ state: "sending", source: { kind: "file", folderId: "f1" } }]);
  calls[0]?.answer(stored("a"));
  await vi.waitFor(() => expect(states(after)).toEqual(["done"]));
  expect(kept).toEqual([]);
});

describe("while the server does not answer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  it("everything waits, and goes on by itself, saying that it may be a second try", async () => {
    const { calls, uploader } = heldUploader();
    const queue = new UploadQueue(uploader, () => undefined, noMemory);
    queue.addFiles([aFile("a"), aFile("b"), aFile("c")]);

    calls[0]?.fail(unreachable());
    calls[1]?.fail(unreachable(502));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(states(queue)).toEqual(["waiting", "waiting", "waiting"]);
    expect(calls).toHaveLength(2);

    await vi.advanceTimersByTimeAsync(1_000);
    expect(states(queue)).toEqual(["sending", "sending", "waiting"]);
    expect(calls.map(({ which }) => which.isAgain)).toEqual([false, false, true, true]);
    expect(calls[2]?.which.key).toBe(calls[0]?.which.key);
    expect(calls[2]?.which.key).not.toBe(calls[3]?.which.key);

    // The pause grows, unless the network says that it is back.
    calls[2]?.fail(unreachable());
    calls[3]?.fail(unreachable());
    await vi.advanceTimersByTimeAsync(3_000);
    expect(calls).toHaveLength(4);
    queue.goOn();
    expect(calls).toHaveLength(6);
  });

  it("one that is cancelled stays cancelled", async () => {
    const { calls, uploader } = heldUploader();
    const queue = new UploadQueue(uploader, () => undefined, noMemory);
    queue.addFiles([aFile("a")]);
    calls[0]?.fail(unreachable());
    await vi.advanceTimersByTimeAsync(0);

    queue.cancel(queue.list()[0]?.id ?? 0);
    await vi.advanceTimersByTimeAsync(60_000);

    expect(states(queue)).toEqual(["cancelled"]);
    expect(calls).toHaveLength(1);
  });
});

it("sends everything that failed again when asked", async () => {
  const { calls, uploader } = heldUploader();
  const queue = new UploadQueue(uploader, () => undefined, noMemory);
  queue.addFiles([aFile("a"), aFile("b")]);
  for (const { fail } of calls) fail(new Error("The quota is used up."));
  await vi.waitFor(() => expect(states(queue)).toEqual(["failed", "failed"]));

  queue.retryFailed();

  expect(states(queue)).toEqual(["sending", "sending"]);
});

it("keeps what was under way for whoever comes back, unless it is to be forgotten", () => {
  let kept: readonly Unfinished[] = [];
  const memory: UnfinishedMemory = { load: () => [...kept], save: (unfinished) => (kept = unfinished) };
  const queue = new UploadQueue(heldUploader().uploader, () => undefined, memory);
  queue.addFiles([aFile("a")]);

  queue.close(false);
  expect(kept).toMatchObject([{ name: "a" }]);

  new UploadQueue(heldUploader().uploader, () => undefined, memory).close(true);
  expect(kept).toEqual([]);
});

it("asks for a file that was sent before a reload, and takes another one for another one", () => {
  let kept: readonly Unfinished[] = [];
  const memory: UnfinishedMemory = { load: () => [...kept], save: (unfinished) => (kept = unfinished) };
  const before = heldUploader();
  new UploadQueue(before.uploader, () => undefined, memory).addFiles([aFile("a"), aFile("b")]);

  const { calls, uploader } = heldUploader();
  const after = new UploadQueue(uploader, () => undefined, memory);
  const [a, b] = after.list();
  after.chooseAgain(a?.id ?? 0, aFile("a"));
  after.chooseAgain(b?.id ?? 0, aFile("c"));

  expect(calls[0]?.which).toEqual({ key: before.calls[0]?.which.key, isAgain: true });
  expect(calls[1]?.which.isAgain).toBe(false);
  expect(calls[1]?.which.key).not.toBe(before.calls[1]?.which.key);
  expect(after.list()[1]?.name).toBe("c");
});
