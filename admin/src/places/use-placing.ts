import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNotify } from "react-admin";
import type { NameConflict } from "../generated/graphql.js";
import { codeOf, faultsOf, messageAbout } from "../providers/errors.js";
import { readAllAgain } from "../providers/read-all-again.js";

interface Placing {
  place: (onConflict: NameConflict) => Promise<unknown>;
  /** Told when it is done. */
  done: string;
  onDone: () => void;
  onRefused?: (error: unknown) => void;
  /** How many things. */
  count?: number;
}

/** Gives things another place or name: first so that a taken name is refused, then as the user decides. */
export function usePlacing({ place, done, onDone, onRefused, count = 1 }: Placing) {
  const queries = useQueryClient();
  const notify = useNotify();
  const { mutate, reset, isPending, error } = useMutation({
    mutationFn: async (onConflict: NameConflict) => {
      await place(onConflict);
      notify(done);
      onDone();
      await readAllAgain(queries);
    },
    onError: (refusal) => onRefused?.(refusal),
  });
  const isTaken = isNameConflict(error);
  return {
    isPending,
    isTaken,
    failure: error && !isTaken ? messageAbout(count, error) : undefined,
    start: () => mutate("FAIL"),
    decide: mutate,
    reset,
  };
}

// Other conflicts, such as an archived folder, are not settled by another policy: they name no such field.
export function isNameConflict(error: unknown): boolean {
  const faults = faultsOf(error);
  return codeOf(error) === "CONFLICT" && ("name" in faults || "onConflict" in faults);
}
