import { useQuery } from "@tanstack/react-query";
import { SelectInput } from "react-admin";
import { actionWords } from "./audit-words.js";
import { auditActions } from "./audit.calls.js";

/** Chooses among the actions that occur. */
export function ActionInput({ source }: { source: string; alwaysOn?: boolean }) {
  const { data = [], isPending } = useQuery({ queryKey: ["audit", "actions"], queryFn: auditActions });
  const choices = data.map((id) => ({ id, name: actionWords(id) }));
  return (
    <SelectInput
      source={source}
      label="What"
      choices={choices}
      emptyText="Anything"
      isPending={isPending}
      sx={{ minWidth: 180 }}
    />
  );
}
