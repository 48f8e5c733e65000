import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Locator, Page, Request } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, openBrowser } from "../support/browser.js";
import { expectAccessible, openAs } from "../support/console.js";
import { eventually } from "../support/eventually.js";
import { startServer } from "../support/start-server.js";
import type { Person, TestServer } from "../support/start-server.js";

describeInBrowser("folders in the console", { timeout: 120_000 }, () => {
  let t: TestServer;
  let browser: Browser;
  let owner: Person;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    t = await startServer();
    browser = await openBrowser();
    owner = await t.user();
    ({ page, complaints } = await openAs(browser, t, owner));
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await t?.close();
  });

  const link = (text: string) => page.getByRole("link", { name: text, exact: true });
  const more = async (thing: string, item: string) => {
    await page.getByRole("button", { name: `More for ${thing}` }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  const newFolder = async (folder: string) => {
    await page.getByRole("button", { name: "New folder" }).click();
    await page.getByLabel(/^Name/).fill(folder);
    await page.getByRole("button", { name: "Create" }).click();
    await link(folder).waitFor();
  };
  const crumbs = async (...names: string[]) => {
    const nav = page.getByRole("navigation", { name: "Folders" });
    const steps = () => nav.getByRole("listitem").allTextContents();
    await expect.poll(steps, { timeout: 15_000 }).toEqual(names);
  };

  it("are made where one is, opened, and kept by the address", async () => {
    await page.goto(`${t.url}/admin/files`);
    await newFolder("Travels");
    await link("Travels").click();
    await newFolder("Lisbon");
    await link("Lisbon").click();
    await crumbs("Files", "Travels", "Lisbon");

    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("button", { name: "Upload files" }).first().click(),
    ]);
    await chooser.setFiles({ name: "tram.txt", mimeType: "text/plain", buffer: Buffer.from("28E") });
    await link("tram.txt").first().waitFor();
    await page.reload();

    await crumbs("Files", "Travels", "Lisbon");
    await link("tram.txt").waitFor();
    await link("Travels").click();
    await crumbs("Files", "Travels");
    await link("Lisbon").waitFor();
    expect(await link("tram.txt").count()).toBe(0);
  });

  it("take what is dropped on their page, folders with all that is in them", async () => {
    const { id } = (await owner.createFolder({ input: { name: "Inbox" } })).createFolder;
    await page.goto(`${t.url}/admin/folders/${id}/show`);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();

    await drop(page);
    await page.getByText("Drop to upload into this folder").waitFor({ state: "hidden" });

    await link("loose.txt").first().waitFor();
    const folders = page.getByRole("region", { name: "Folders here" });
    await folders.getByRole("link", { name: "album" }).click();
    await crumbs("Files", "Inbox", "album");
    await page.getByRole("region", { name: "Files inside" }).getByRole("link", { name: "one.txt" }).waitFor();
    await page.getByRole("region", { name: "Folders here" }).getByRole("link", { name: "deep" }).click();
    await page.getByRole("region", { name: "Files inside" }).getByRole("link", { name: "two.txt" }).waitFor();
  });

  it("take files by moving and copying, asking what to do about a name that is taken", async () => {
    const target = (await owner.createFolder({ input: { name: "Target" } })).createFolder.id;
    await owner.upload(Buffer.from("in there"), { name: "same.txt", folderId: target });
    await owner.upload(Buffer.from("at the top"), { name: "same.txt" });
    await owner.upload(Buffer.from("other"), { name: "draft.txt" });
    await page.goto(`${t.url}/admin/files`);

    await more("draft.txt", "Rename");
    await page.getByLabel(/^Name/).fill("same.txt");
    await page.getByRole("button", { name: "Rename", exact: true }).click();
    const taken = page.getByRole("dialog", { name: "This name is taken" });
    await taken.getByRole("button", { name: "Keep both" }).click();
    await link("same (2).txt").waitFor();

    await more("same.txt", "Move to…");
    await page.getByRole("radio", { name: "Target" }).check();
    await page.getByRole("button", { name: "Move here" }).click();
    await taken.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Move here" }).click();
    await taken.getByRole("button", { name: "Replace" }).click();
    await link("same.txt").waitFor({ state: "detached" });

    await more("same (2).txt", "Copy to…");
    await page.getByRole("radio", { name: "Target" }).check();
    await page.getByRole("button", { name: "Copy here" }).click();
    await page.getByText("“same (2).txt” copied.").waitFor();
    await link("Target").click();
    await link("same (2).txt").waitFor();
    const names = (await owner.files({ where: { folderId: target } })).files.nodes.map((file) => file.name);
    expect(names.sort()).toEqual(["same (2).txt", "same.txt"]);
  });

  it("take what is dragged onto them, with all that is selected beside it, and give it back to the top", async () => {
    const box = (await owner.createFolder({ input: { name: "Box" } })).createFolder.id;
    for (const name of ["d1.txt", "d2.txt"]) await owner.upload(Buffer.from(name), { name });
    await owner.upload(Buffer.from("in there"), { name: "d3.txt", folderId: box });
    await owner.upload(Buffer.from("at the top"), { name: "d3.txt" });
    await page.goto(`${t.url}/admin/files`);
    const row = (name: string) => page.getByRole("row", { name: new RegExp(`^[^]*${name}`) });
    for (const name of ["d1", "d2"]) await row(`${name}.txt`).getByRole("checkbox").check();

    await link("d1.txt").dragTo(row("Box"));
    await link("d2.txt").waitFor({ state: "detached" });
    await link("d3.txt").dragTo(link("Box"));
    await page
      .getByRole("dialog", { name: "This name is taken" })
      .getByRole("button", { name: "Keep both" })
      .click();
    await link("d3.txt").waitFor({ state: "detached" });
    await link("Box").click();
    const top = page.getByRole("navigation", { name: "Folders" }).getByRole("link", { name: "Files" });
    await link("d1.txt").dragTo(top);
    await link("d1.txt").waitFor({ state: "detached" });

    const names = (await owner.files({ where: { folderId: box } })).files.nodes.map((file) => file.name);
    expect(names.sort()).toEqual(["d2.txt", "d3 (2).txt", "d3.txt"]);
  });

  it("go into others, several at once, and never into themselves", async () => {
    for (const folder of ["Red", "Green", "Chest"]) await owner.createFolder({ input: { name: folder } });
    await page.goto(`${t.url}/admin/files`);
    for (const folder of ["Red", "Green"]) {
      await page
        .getByRole("row", { name: new RegExp(`^.*${folder}`) })
        .getByRole("checkbox")
        .check();
    }
    await page.getByRole("button", { name: "Move", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Move 2 folders to" });
    await dialog.getByRole("radio", { name: "Chest" }).check();
    expect(await dialog.getByRole("radio", { name: "Red" }).isDisabled()).toBe(true);
    await expectAccessible(page, "the folder tree");
    await dialog.getByRole("button", { name: "Move here" }).click();

    await page.getByText("2 folders moved.").waitFor();
    await link("Red").waitFor({ state: "detached" });
    await link("Chest").click();
    await link("Green").waitFor();
    await more("Green", "Copy to…");
    await page.getByRole("radio", { name: "Files, at the top" }).check();
    await page.getByRole("button", { name: "Copy here" }).click();
    await page.getByText("“Green” copied").waitFor();
    await more("Green", "Copy to…");
    await page.getByRole("radio", { name: "Files, at the top" }).check();
    await page.getByRole("button", { name: "Copy here" }).click();
    const taken = page.getByRole("dialog", { name: "This name is taken" });
    await taken.getByText("A folder with this name").waitFor();
    await taken.getByRole("button", { name: "Keep both" }).click();
    await page.goto(`${t.url}/admin/files`);
    await link("Green (2)").waitFor();
  });

  it("are searched all at once, and left alone when the search ends", async () => {
    await page.goto(`${t.url}/admin/files`);
    await page.getByPlaceholder("Search all names").fill("tram");
    await link("tram.txt").waitFor();
    await page.getByRole("button", { name: "Back to the folders" }).click();

    await link("Travels").waitFor();
    expect(await link("tram.txt").count()).toBe(0);
    await page.getByRole("button", { name: "Grid" }).click();
    await page.getByRole("checkbox", { name: "Select same (2).txt" }).check();
    await page.getByRole("checkbox", { name: "Select Travels" }).check();
    for (const things of ["Selected files", "Selected folders"]) {
      const actions = page.getByRole("toolbar", { name: things });
      await actions.getByRole("button", { name: "Copy", exact: true }).waitFor();
    }
    await expectAccessible(page, "the top as a grid");
    await page.reload();
    await page.getByRole("checkbox", { name: "Select same (2).txt" }).waitFor();
    const phone = await openAs(browser, t, owner, {
      viewport: { width: 375, height: 800 },
      colorScheme: "dark",
    });
    await phone.page.goto(`${t.url}/admin/files`);
    await phone.page.getByRole("checkbox", { name: "Select Chest" }).check();
    await phone.page.getByRole("button", { name: "Select all here" }).click();
    await phone.page.getByText(/^\d folders selected/).waitFor();
    await expectAccessible(phone.page, "folders selected on a phone");
    await phone.page.getByRole("button", { name: "Unselect" }).click();
    await phone.page.getByRole("link", { name: "Travels" }).click();
    await phone.page.getByRole("link", { name: "Lisbon" }).waitFor();
    await expectAccessible(phone.page, "a folder on a phone");
    expect(complaints).toEqual([]);
  });

  it("are found by name wherever they lie, and share one with no other beside them", async () => {
    const top = (await owner.createFolder({ input: { name: "Museum" } })).createFolder.id;
    await owner.createFolder({ input: { name: "Musical scores", parentId: top } });
    await page.goto(`${t.url}/admin/files`);
    await page.getByPlaceholder("Search all names").fill("mus");
    const found = page.getByRole("region", { name: "Folders found" });
    await found.getByText("At the top").waitFor();
    await found.getByText("In Museum").waitFor();
    await expectAccessible(page, "folders found");
    await found.getByRole("link", { name: "Musical scores" }).click();
    await crumbs("Files", "Museum", "Musical scores");

    await page.getByRole("link", { name: "Museum", exact: true }).first().click();
    await crumbs("Files", "Museum");
    await page.getByRole("button", { name: "New folder" }).click();
    await page.getByLabel(/^Name/).fill("MUSICAL scores");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("There is a folder with this name already").waitFor();
    await page.getByLabel(/^Name/).fill("Scores");
    await page.getByRole("button", { name: "Create" }).click();
    await link("Scores").waitFor();

    await more("Scores", "Rename");
    await page.getByLabel(/^Name/).fill("musical scores");
    await page.getByRole("button", { name: "Rename", exact: true }).click();
    await page.getByRole("heading", { name: "This name is taken" }).waitFor();
    await page.getByRole("button", { name: "Keep both" }).click();

    await link("musical scores (2)").waitFor();
  });

  it("whose upload a reload broke off go on where it was when they are chosen again", async () => {
    const chosen = path.join(await mkdtemp(path.join(tmpdir(), "upload-")), "Holiday");
    await mkdir(path.join(chosen, "deep"), { recursive: true });
    await writeFile(path.join(chosen, "one.txt"), "one");
    await writeFile(path.join(chosen, "deep", "two.txt"), "two");
    const choose = async (button: Locator) => {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button.click()]);
      await chooser.setFiles(chosen);
    };
    const holidays = async () =>
      (await owner.folderSearch({ search: "holiday" })).folderSearch.nodes.map(({ id, name }) => ({
        id,
        name,
      }));
    await page.goto(`${t.url}/admin/files`);
    // Never answered: the reload ends them.
    const isUpload = (request: Request) =>
      request.headers()["content-type"]?.startsWith("multipart/") === true;
    await page.route("**/graphql", (route, request) => (isUpload(request) ? undefined : route.continue()));
    await choose(page.getByRole("button", { name: "Upload folder" }).first());
    const [made] = await eventually(holidays, (found) => found.length === 1);
    const { id: one } = await owner.upload(Buffer.from("one"), { name: "one.txt", folderId: made?.id ?? "" });

    page.once("dialog", (dialog) => void dialog.accept());
    await page.reload();
    await page.unroute("**/graphql");
    await choose(page.getByRole("button", { name: "Choose Holiday again" }));

    const whole = { folderId: made?.id ?? "" };
    const { folders } = await eventually(
      () => owner.folders({ parentId: whole.folderId }),
      ({ folders: { nodes } }) => nodes[0]?.fileCount === 1,
    );
    expect(folders.nodes).toMatchObject([{ name: "deep" }]);
    expect((await owner.files({ where: whole })).files.nodes.map(({ id }) => id)).toEqual([one]);
    expect(await holidays()).toEqual([{ id: made?.id, name: "Holiday" }]);
    await page.getByRole("button", { name: "Choose Holiday again" }).waitFor({ state: "detached" });
  });
});

/** What a browser gives for a loose file and a folder `album` with a file and a folder in it: entries, not only files. */
async function drop(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const file = (name) => ({ isFile: true, isDirectory: false, name, file: (found) => found(new File([name], name)) });
    const folder = (name, entries) => ({
      isFile: false, isDirectory: true, name,
      createReader: () => { let left = [entries, []]; return { readEntries: (found) => found(left.shift() ?? []) }; },
    });
    const album = folder("album", [file("one.txt"), folder("deep", [file("two.txt")])]);
    const items = [
      { kind: "file", webkitGetAsEntry: () => file("loose.txt"), getAsFile: () => new File(["loose"], "loose.txt") },
      { kind: "file", webkitGetAsEntry: () => album, getAsFile: () => null },
    ];
    for (const type of ["dragenter", "drop"]) {
      const event = new Event(type, { bubbles: true, cancelable: true });
      Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], items } });
      document.body.dispatchEvent(event);
      if (type === "dragenter") await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })()`);
}
