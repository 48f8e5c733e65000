export interface NamedFile {
  /** Path relative to the folder being uploaded, such as `2024/beach.jpg`. */
  path: string;
  file: File;
}

export interface NamedFolder {
  name: string;
  /** The folder it is made in; undefined: at the top. */
  parentId: string | undefined;
  files: readonly NamedFile[];
  /** The folder that an earlier try made: this one goes on in it. */
  madeId?: string;
}

export interface UploadWatcher {
  onSent: (bytes: number, total: number) => void;
  signal: AbortSignal;
  /** Told the folder's id as soon as it is there. */
  onFolder?: (id: string) => void;
}

/** One of the tries of one upload. */
export interface UploadTry {
  /** The same for all of them. */
  key: string;
  /** An earlier one got no answer: the file may be there. */
  isAgain: boolean;
}

/** A key that no other upload has. */
export function newUploadKey(): string {
  // `randomUUID` is missing where the page did not come over HTTPS.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

export function sizeOf(files: readonly NamedFile[]): number {
  return files.reduce((sum, { file }) => sum + file.size, 0);
}

/** What two paths have in common that count as the same: their letters, without regard to case. */
export function pathKey(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
