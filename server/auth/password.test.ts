import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonPasswords } from "./common-passwords.js";
import { checkPassword, checkPasswordLength, passwordFault } from "./password.js";

const OWNER = { username: "anna_b", email: "anna.smith@example.com" };

describe("the list of common passwords", () => {
  it("holds the 3,000 most used ones of those that are long enough", () => {
    const listed = commonPasswords(8);

    expect(listed).toHaveLength(3_000);
    expect(listed).toContain("password");
    expect(listed.filter((password) => password.length < 8)).toEqual([]);
  });

  it("holds none that would not be found", () => {
    const missed = commonPasswords(8).filter(
      (password) => password !== password.normalize("NFKC").toLowerCase(),
    );

    expect(missed).toEqual([]);
  });
});

describe("a password", () => {
  it.each(["password1", "PassWord1", "12345678", "qwertyuiop", "iloveyou", "ｐａｓｓｗｏｒｄ１"])(
    "is refused when it is a common one: %s",
    (password) => {
      expect(passwordFault(password, {})).toMatch(/most common.*Choose another one/);
    },
  );

  it.each([
    "telestash",
    "Telestash2026",
    "tele-stash 1!",
    "anna_b 2026",
    "ANNABannab",
    "AnnaSmith99",
    "anna.smith.anna_b",
  ])("is refused when it is little more than a name that is known: %s", (password) => {
    expect(passwordFault(password, OWNER)).toMatch(/little more than.*Choose another one/);
  });

  it.each([
    "correct horse battery staple",
    "the anna_b of all annas",
    "a telestash of my own",
    "anna_b-secret-1",
    "        ",
    "zyxw vut",
    "пароль-из-слов",
  ])("may be whatever else its owner likes: %s", (password) => {
    expect(checkPassword(password, OWNER, "password")).toBe(password);
  });

  it("may contain a short name without being refused for it", () => {
    expect(passwordFault("planning a climb", { username: "ann", email: "a@example.com" })).toBeUndefined();
  });

  it("has 8 to 1024 bytes, and the refusal says how many it has", () => {
    expect(passwordFault("1234567", {})).toContain("8 to 1024 bytes. This one has 7.");
    expect(passwordFault("é".repeat(513), {})).toContain("This one has 1026.");
    expect(passwordFault("é".repeat(512), {})).toBeUndefined();
  });

  it("is judged whatever it is made of, and whoever owns it", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (password, username, email) => {
        const fault = passwordFault(password, { username, email });
        return fault === undefined || fault.length > 20;
      }),
    );
  });
});

it("that protects no account is only as long as one", () => {
  expect(checkPasswordLength("password1", "password")).toBe("password1");
  expect(() => checkPasswordLength("1234567", "input", "password")).toThrow("8 to 1024 bytes");
});
