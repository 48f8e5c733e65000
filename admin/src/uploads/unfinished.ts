/** An upload whose bytes the browser no longer has: they have to be chosen again. */
export interface Unfinished {
  name: string;
  size: number;
  kind: "file" | "folder";
  folderId?: string;
  key?: string;
  /** Of a folder: the one that it is becoming. */
  madeId?: string;
}

/** Remembers what a reload interrupts. */
export interface UnfinishedMemory {
  load(): Unfinished[];
  save(unfinished: readonly Unfinished[]): void;
}

const KEY = "telestash.unfinished-uploads";
const OWNER_KEY = "telestash.uploads-of";

/** Whoever is signed in now sees nothing of what somebody else left in this tab. */
export function rememberOnlyFor(userId: string): void {
  const { sessionStorage } = window;
  if (sessionStorage.getItem(OWNER_KEY) === userId) return;
  sessionStorage.removeItem(KEY);
  sessionStorage.setItem(OWNER_KEY, userId);
}

/** The memory of this tab: it survives a reload and ends with the tab. */
export const tabMemory: UnfinishedMemory = {
  load() {
    try {
      const kept: unknown = JSON.parse(window.sessionStorage.getItem(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(isUnfinished) : [];
    } catch {
      return [];
    }
  },
  save(unfinished) {
    window.sessionStorage.setItem(KEY, JSON.stringify(unfinished));
  },
};

function isUnfinished(value: unknown): value is Unfinished {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && "size" in value && "kind" in value;
}
