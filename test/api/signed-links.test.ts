import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

let t: TestServer;
let owner: Person;
let picture: Buffer;

beforeAll(async () => {
  t = await startServer();
  owner = await t.user();
  const blank = { width: 64, height: 64, channels: 3 as const, background: "red" };
  picture = await sharp({ create: blank }).png().toBuffer();
});
afterAll(() => t.close());

/** A picture and a text in a folder, and every way to their bytes. */
async function things(whose = owner) {
  const folderId = (await whose.createFolder({ input: { name: "things" } })).createFolder.id;
  const [image, text] = [
    await whose.upload(picture, { name: "red.png", folderId }),
    await whose.upload(Buffer.from("# text"), { name: "text.md", folderId }),
  ];
  const ids = [image.id, text.id];
  const looks = await Promise.all(ids.map(async (id) => (await whose.preview({ id })).file.preview));
  const zips = await Promise.all([
    whose.createZipLink({ ids }),
    whose.createZipLink({ ids: [image.id] }),
    whose.createZipLink({ folderId }),
  ]);
  const ofFiles = [
    ...[image.downloadUrl, text.downloadUrl],
    ...looks.flatMap(({ url, thumbnailUrl }) => [url, thumbnailUrl]).filter((url) => url != null),
    ...zips.slice(0, 2).map(({ createZipLink: link }) => link.url),
  ];
  const folderZip = zips[2]?.createZipLink.url ?? "";
  const paths = [
    ...ids.map((id) => `/files/${id}/content`),
    ...[`/files/${image.id}/content?inline=1`, `/files/${image.id}/thumbnail`, `/files/${text.id}/preview`],
    ...[`/files/zip?ids=${ids.join()}`, `/files/zip?ids=${image.id}`],
  ];
  return { folderId, ids, ofFiles, folderZip, paths, folderPath: `/folders/${folderId}/zip` };
}

/** What all of them answer, to GET and HEAD alike. */
async function answers(urls: readonly string[], bearer?: string): Promise<number[]> {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const asked = urls.flatMap((url) => ["GET", "HEAD"].map((method) => fetch(url, { method, headers })));
  const statuses = await Promise.all(
    asked.map(async (answer) => {
      await (await answer).arrayBuffer();
      return (await answer).status;
    }),
  );
  return [...new Set(statuses)];
}

const here = (paths: readonly string[]): string[] => paths.map((path) => t.url + path);

describe("every way to the bytes of files", () => {
  it("is closed while they are archived, and open again once they are restored", async () => {
    const { ids, ofFiles, folderZip, paths, folderPath } = await things();
    expect(ofFiles).toHaveLength(7);
    expect(await answers([...ofFiles, folderZip])).toEqual([200]);
    expect(await answers(here([...paths, folderPath]), owner.accessToken)).toEqual([200]);

    await owner.archiveFiles({ ids });

    expect(await answers(ofFiles)).toEqual([404]);
    expect(await answers(here(paths), owner.accessToken)).toEqual([404]);
    const zip = Buffer.from(await (await fetch(folderZip)).arrayBuffer());
    expect(zip.includes("red.png") || zip.includes("text.md")).toBe(false);

    await owner.restoreFiles({ ids });
    expect(await answers([...ofFiles, folderZip])).toEqual([200]);
  });

  it("is closed while their folder is archived, and for good once it is purged", async () => {
    const { folderId, ofFiles, folderZip, paths, folderPath } = await things();
    const links = [...ofFiles, folderZip];

    await owner.archiveFolders({ ids: [folderId] });
    expect(await answers(links)).toEqual([404]);
    expect(await answers(here([...paths, folderPath]), owner.accessToken)).toEqual([404]);

    await owner.purgeFolders({ ids: [folderId] });
    expect(await answers(links)).toEqual([404]);
    await eventually(
      async () => (await owner.purge({ id: folderId })).purge.state,
      (state) => state === "DONE",
      20_000,
    );
    expect(await answers(links)).toEqual([404]);
  });

  it("is closed to everybody else, and a link changed to another thing opens nothing", async () => {
    const [mine, stranger] = [await things(), await t.user()];
    const { ofFiles, folderZip, paths, folderPath } = await things(stranger);

    expect(await answers(here([...paths, folderPath]), owner.accessToken)).toEqual([404]);
    expect(await answers(here([...paths, folderPath]))).toEqual([404]);
    const tokens = [...mine.ofFiles, mine.folderZip].map((url) => new URL(url).searchParams.get("token"));
    const changed = tokens.flatMap((token) =>
      [...ofFiles, folderZip].map((url) => {
        const other = new URL(url);
        other.searchParams.set("token", token ?? "");
        return other.href;
      }),
    );
    expect(await answers(changed)).toEqual([401]);
  });

  it("is closed by links when whoever they were made for signs out, or is archived", async () => {
    const [leaving, barred] = [await t.user(), await t.user()];
    const [gone, shut] = [await things(leaving), await things(barred)];

    await leaving.logout();
    await (await t.administrator()).archiveUsers({ ids: [barred.id] });

    expect(await answers([...gone.ofFiles, gone.folderZip])).toEqual([401]);
    expect(await answers([...shut.ofFiles, shut.folderZip])).toEqual([401]);
  });
});
