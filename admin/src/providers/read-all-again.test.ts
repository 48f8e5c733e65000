import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { readAllAgain } from "./read-all-again.js";

it.each(["shown already", "read for the first time"])(
  "does not believe an answer from before the change, where the page is %s",
  async (page) => {
    const { queries, answers, list } = watched();
    if (page === "shown already") {
      answers[0]?.("empty");
      await expect.poll(() => list().data).toBe("empty");
      void list().refetch();
    }
    const late = answers.length - 1;

    const done = readAllAgain(queries);
    answers[late]?.("before");
    await expect.poll(() => answers.length).toBe(late + 2);
    answers[late + 1]?.("after");
    await done;

    expect(list().data).toBe("after");
  },
);

it("leaves what nobody looks at until somebody does", async () => {
  const { queries, answers, leave } = watched();
  answers[0]?.("empty");
  leave();

  await readAllAgain(queries);

  expect(answers).toHaveLength(1);
});

/** A list on the screen, whose readings are answered by hand. */
function watched() {
  const queries = new QueryClient();
  const answers: ((value: string) => void)[] = [];
  const observer = new QueryObserver(queries, {
    queryKey: ["files"],
    queryFn: () => new Promise<string>((answer) => answers.push(answer)),
  });
  const leave = observer.subscribe(() => undefined);
  return { queries, answers, leave, list: () => observer.getCurrentResult() };
}
