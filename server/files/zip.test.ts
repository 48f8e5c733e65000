import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { File } from "./file.js";
import type { Folder } from "./folder.js";
import { layFlat, layOut, safeName } from "./zip.js";
import { ZipStream } from "./zip-stream.js";

const createdAt = new Date("2026-03-04T05:06:07Z");
let made = 0;

function aFolder(name: string, parentId?: string): Folder {
  made += 1;
  const id = `folder ${made}`;
  return {
    id,
    name,
    ownerId: "u",
    parentId,
    createdAt,
    archivedAt: undefined,
    expiresAt: undefined,
    path: [],
    failedUploads: [],
  };
}

function aFile(name: string, folderId?: string, sizeBytes = 0): File {
  made += 1;
  const id = `file ${String(made).padStart(9, "0")}`;
  const facts = { mimeType: "", sha256: undefined, state: "STORED", blobId: id } as const;
  const times = { createdAt, archivedAt: undefined, expiresAt: undefined, transferId: undefined };
  return { id, name, folderId, sizeBytes, ownerId: "u", ...facts, ...times };
}

describe("a name in a zip", () => {
  it.each([
    ["résumé 日本.pdf", "résumé 日本.pdf"],
    ["..", "__"],
    [".", "_"],
    ["", "_"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["C:\\Windows\\a.dll", "C__Windows_a.dll"],
    ["a\0b\r\nc", "a_b__c"],
    ["CON", "_CON"],
    ["nul.txt", "_nul.txt"],
    ["COM1.tar.gz", "_COM1.tar.gz"],
    ["console", "console"],
    ["ends in a dot.", "ends in a dot_"],
    ["ends in spaces  ", "ends in spaces__"],
    ["\u202egnp.exe", "_gnp.exe"],
    ["lone \ud800", "lone \ufffd"],
    ["e\u0301", "é"],
    ['a<b>c:d"e|f?g*h', "a_b_c_d_e_f_g_h"],
    [".gitignore", ".gitignore"],
  ])("%j is %j", (name, expected) => {
    expect(safeName(name)).toBe(expected);
  });

  it("is never a path, and never doubled, whatever the files are called", () => {
    const anyName = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("a", "A", "a (2)", "a.txt", "A.TXT", "..", "con"),
    );
    fc.assert(
      fc.property(fc.array(anyName, { maxLength: 30 }), (names) => {
        const paths = layFlat(names.map((name) => aFile(name))).map(({ path }) => path);
        expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(names.length);
        for (const path of paths) {
          expect(path).not.toMatch(/[/\\:\0]|^\.{1,2}$/);
          expect(Buffer.byteLength(path)).toBeLessThanOrEqual(255);
        }
      }),
    );
  });

  it("gets a number when it is there already, in whichever case, and stays short enough", () => {
    const long = `${"x".repeat(250)}.jpeg`;
    const files = ["a.txt", "A.txt", "a (2).txt", "a.txt", "noext", "noext", long, long].map((name) =>
      aFile(name),
    );

    expect(layFlat(files).map(({ path }) => path)).toEqual([
      "a.txt",
      "A (2).txt",
      "a (2) (2).txt",
      "a (3).txt",
      "noext",
      "noext (2)",
      long,
      `${"x".repeat(246)} (2).jpeg`,
    ]);
  });
});

describe("a folder in a zip", () => {
  it("keeps its tree, and empty folders", () => {
    const root = aFolder("Holiday");
    const day = aFolder("day 1", root.id);
    const twin = aFolder("day 1", root.id);
    const deep = aFolder("deep", day.id);
    const empty = aFolder("empty", deep.id);
    const files = [
      aFile("b.jpg", root.id),
      aFile("a.jpg", day.id),
      aFile("c.jpg", twin.id),
      aFile("day 1", root.id),
    ];

    const paths = layOut(root, [day, twin, deep, empty], files).map(({ path }) => path);

    expect(paths.toSorted()).toEqual(
      ["b.jpg", "day 1 (3)", "day 1 (2)/c.jpg", "day 1/a.jpg", "day 1/deep/empty/"].toSorted(),
    );
  });

  it("is refused when no zip could tell its depth", () => {
    const root = aFolder("root");
    const chain: Folder[] = [];
    for (let i = 0; i < 300; i += 1) chain.push(aFolder("x".repeat(250), chain.at(-1)?.id ?? root.id));

    expect(() => layOut(root, chain, [])).toThrow(/nested too deep/);
  });
});

describe("a zip's size", () => {
  it.each([0, 1, 600, 700, 1_000])("is known exactly beforehand with %i files", async (count) => {
    const files = Array.from({ length: count }, (_, i) => aFile(`file ${i}`, undefined, i % 3));
    const entries = [...layFlat(files), { path: "empty/", modifiedAt: createdAt }];
    const zip = new ZipStream(entries);

    let bytes = 0;
    const stream = zip.read((file) => Promise.resolve(Readable.from([Buffer.alloc(file.sizeBytes, 7)])));
    for await (const chunk of stream as AsyncIterable<Buffer>) bytes += chunk.length;

    expect(bytes).toBe(zip.sizeBytes);
  });

  it("counts what files and zips of more than 4 GiB need", () => {
    const large = 5 * 1024 ** 3;
    const [one, two] = [aFile("1", undefined, large), aFile("2", undefined, large)];

    // Headers and names; the sizes' long form for a file whose own or whose place is beyond; the long end record.
    expect(new ZipStream(layFlat([one])).sizeBytes).toBe(large + 31 + 24 + (47 + 9 + 28) + 76 + 22);
    expect(new ZipStream(layFlat([one, two])).sizeBytes).toBe(2 * (large + 31 + 24 + 47 + 9 + 28) + 76 + 22);
  });
});

describe("a zip that fails", () => {
  it("errors, and lets go of every file that it opened", async () => {
    const opened: Readable[] = [];
    const entries = layFlat(["a", "b", "c", "d"].map((name) => aFile(name, undefined, 10)));
    const zip = new ZipStream(entries);

    const stream = zip.read((file) => {
      const bytes = async function* () {
        yield await Promise.resolve(Buffer.alloc(5));
        if (file.name === "b") throw new Error("the part is gone");
        yield Buffer.alloc(5);
      };
      opened.push(Readable.from(bytes()));
      return Promise.resolve(opened.at(-1) as Readable);
    });

    await expect(stream.toArray()).rejects.toThrow("the part is gone");
    await expect.poll(() => opened.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it("errors when a file has other bytes than it should", async () => {
    const zip = new ZipStream(layFlat([aFile("a", undefined, 10)]));

    const stream = zip.read(() => Promise.resolve(Readable.from([Buffer.alloc(9)])));

    await expect(stream.toArray()).rejects.toThrow();
  });
});
