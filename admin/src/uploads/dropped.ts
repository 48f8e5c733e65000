import type { NamedFile } from "../providers/upload-source.js";

export interface Dropped {
  files: File[];
  folders: { name: string; files: NamedFile[] }[];
}

/** Sorts a drop into loose files and whole folders. Must be called in the event: the browser empties it afterwards. */
export async function readDrop(transfer: DataTransfer): Promise<Dropped> {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));

  const dropped: Dropped = { files: [], folders: [] };
  for (const { entry, file } of entries) {
    if (entry && isDirectory(entry)) {
      dropped.folders.push({ name: entry.name, files: await filesUnder(entry, "") });
    } else if (file) {
      dropped.files.push(file);
    }
  }
  return dropped;
}

/** What an `<input webkitdirectory>` gives: flat files whose relative paths begin with the chosen folder. */
export function readFolderInput(files: readonly File[]): Dropped {
  const folders = new Map<string, NamedFile[]>();
  for (const file of files) {
    const [root = "", ...rest] = file.webkitRelativePath.split("/");
    folders.set(root, [...(folders.get(root) ?? []), { path: rest.join("/"), file }]);
  }
  return { files: [], folders: [...folders].map(([name, named]) => ({ name, files: named })) };
}

async function filesUnder(folder: FileSystemDirectoryEntry, prefix: string): Promise<NamedFile[]> {
  const found: NamedFile[] = [];
  for (const entry of await entriesOf(folder)) {
    const path = prefix + entry.name;
    if (isDirectory(entry)) found.push(...(await filesUnder(entry, `${path}/`)));
    else if (isFile(entry)) found.push({ path, file: await fileOf(entry) });
  }
  return found;
}

// readEntries gives at most 100 at a time and nothing when it is through.
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}
