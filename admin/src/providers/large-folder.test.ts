import { expect, it } from "vitest";
import { HttpError } from "react-admin";
import { uploadLargeFolder } from "./large-folder.js";
import type { NamedFile } from "./upload-source.js";

const named = (path: string): NamedFile => ({ path, file: new File(["12345"], path) });
const watcher = () => ({ onSent: () => undefined, signal: new AbortController().signal });
const refusal = (code: string) => new HttpError(code, 400, { code, faults: {} });

/** Remembers what it was asked for; `fail` says what becomes of a file. */
function requests(fail: (name: string) => Error | undefined = () => undefined) {
  const made: string[] = [];
  const sent: string[] = [];
  return {
    made,
    sent,
    makeFolder: (name: string, parentId: string | undefined) => {
      made.push(`${parentId ?? ""}/${name}`);
      return Promise.resolve(`${parentId ?? ""}/${name}`);
    },
    sendFile: (file: File, folderId: string) => {
      const error = fail(file.name);
      if (error) return Promise.reject(error);
      sent.push(`${folderId} ${file.name}`);
      return Promise.resolve();
    },
  };
}

it("makes each folder once and sends each file into its own", async () => {
  const files = ["a", "in/b", "in/c", "in/deep/d", "in/deep/e", "in/deep/f"].map(named);
  const asked = requests();

  const folder = await uploadLargeFolder({ name: "top", parentId: undefined, files }, watcher(), asked);

  expect(folder).toEqual({ id: "/top", name: "top", failedUploads: [] });
  expect(asked.made.sort()).toEqual(["/top", "/top/in", "/top/in/deep"]);
  expect(asked.sent).toHaveLength(6);
  expect(asked.sent).toContain("/top/in/deep in/deep/d");
});

it("tells a refused file apart, and after anything else goes on where it was", async () => {
  const files = ["a", "b", "c", "d", "e", "f", "g"].map(named);
  const folder = { name: "top", parentId: undefined, files };
  const down = requests((name) =>
    name === "b" ? refusal("FILE_TOO_LARGE") : name === "e" ? refusal("UNAVAILABLE") : undefined,
  );
  await expect(uploadLargeFolder(folder, watcher(), down)).rejects.toThrow("UNAVAILABLE");

  const up = requests();
  const whole = await uploadLargeFolder(folder, watcher(), up);

  expect(whole.failedUploads).toMatchObject([{ path: "b", code: "FILE_TOO_LARGE" }]);
  expect(up.made).toEqual([]);
  const all = [...down.sent, ...up.sent].map((one) => one.split(" ")[1]);
  expect(all.sort()).toEqual(["a", "c", "d", "e", "f", "g"]);
});
