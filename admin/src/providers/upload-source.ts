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
}

export interface UploadWatcher {
  onSent: (bytes: number, total: number) => void;
  signal: AbortSignal;
}
