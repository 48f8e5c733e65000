import type { Settings } from "./settings.js";
import type { Store, StoredFile } from "./store.js";

/** Download paths that getFile handed out. They live an hour, by the stand-in's clock, and not over a restart. */
export class Links {
  private readonly made = new Map<string, { file: number; expiresAt: number }>();

  constructor(
    private readonly store: Store,
    private readonly settings: () => Settings,
  ) {}

  make(bot: string, file: StoredFile): string {
    const dot = file.name.lastIndexOf(".");
    const path = `documents/file_${file.number}${dot < 0 ? "" : file.name.slice(dot)}`;
    const expiresAt = this.store.now() + this.settings().linkLifetimeMs;
    this.made.set(`${bot}/${path}`, { file: file.number, expiresAt });
    return path;
  }

  /** The file behind a path, unless the link has expired or the file is gone. */
  find(bot: string, path: string): StoredFile | undefined {
    const link = this.made.get(`${bot}/${path}`);
    if (link === undefined || link.expiresAt <= this.store.now() || !this.store.isShown(link.file))
      return undefined;
    return this.store.file(link.file);
  }

  forget(bot: string, path: string): void {
    this.made.delete(`${bot}/${path}`);
  }
}
