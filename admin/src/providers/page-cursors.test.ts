import { expect, it } from "vitest";
import { PageCursors } from "./page-cursors.js";

it("starts at the beginning of a list that nobody has seen", () => {
  expect(new PageCursors().nearest("files", 50)).toEqual({ offset: 0 });
});

it("continues after the closest known place", () => {
  const cursors = new PageCursors();
  cursors.learn("files", 25, "c25");
  cursors.learn("files", 50, "c50");

  expect(cursors.nearest("files", 50)).toEqual({ offset: 50, cursor: "c50" });
  expect(cursors.nearest("files", 49)).toEqual({ offset: 25, cursor: "c25" });
  expect(cursors.nearest("files by name", 50)).toEqual({ offset: 0 });
});

it("forgets what follows when an earlier page has changed", () => {
  const cursors = new PageCursors();
  cursors.learn("files", 25, "c25");
  cursors.learn("files", 50, "c50");

  cursors.learn("files", 25, "another");

  expect(cursors.nearest("files", 50)).toEqual({ offset: 25, cursor: "another" });
});

it("keeps the cursors of the fifty newest lists", () => {
  const cursors = new PageCursors();

  for (let list = 0; list <= 50; list += 1) cursors.learn(`list ${list}`, 25, "c");

  expect(cursors.nearest("list 0", 25)).toEqual({ offset: 0 });
  expect(cursors.nearest("list 1", 25)).toEqual({ offset: 25, cursor: "c" });
});
