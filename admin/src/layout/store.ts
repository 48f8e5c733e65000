import { localStorageStore } from "react-admin";
import type { Store } from "react-admin";

const KEPT = ["theme", "sidebar.open", "files.view", "transfers.open"];

/** react-admin empties its store at sign-out; how the console looks belongs to the browser, not to the session. */
export function preferences(): Store {
  const store = localStorageStore();
  return {
    ...store,
    reset() {
      const kept = KEPT.map((key) => [key, store.getItem<unknown>(key)] as const);
      store.reset();
      for (const [key, value] of kept) if (value !== undefined) store.setItem(key, value);
    },
  };
}
