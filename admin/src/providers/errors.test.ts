import { HttpError } from "react-admin";
import { describe, expect, it } from "vitest";
import { faultsOf, isUnanswered, readableError, requestIdOf } from "./errors.js";

describe("an error for react-admin", () => {
  it("has the status of its code, which ra-data-graphql leaves at 200", () => {
    const graphQLErrors = [
      { message: "Taken.", extensions: { code: "CONFLICT", field: ["input", "email"], requestId: "r1" } },
    ];

    const error = readableError(new HttpError("Taken.", 200, { graphQLErrors }));

    expect(error).toMatchObject({ message: "Taken.", status: 409 });
    expect(faultsOf(error)).toEqual({ email: "Taken." });
    expect(requestIdOf(error)).toBe("r1");
  });

  it("says of each field at fault what is wrong with it", () => {
    const problems = [
      { field: ["input", "username"], message: "Too short." },
      { field: ["input", "email"], message: "No address." },
    ];
    const extensions = { code: "BAD_USER_INPUT", field: ["input", "username"], problems };

    const error = readableError({ graphQLErrors: [{ message: "Too short. No address.", extensions }] });

    expect(faultsOf(error)).toEqual({ username: "Too short.", email: "No address." });
  });

  it("counts a code it does not know as a failure of the server", () => {
    const graphQLErrors = [{ message: "New.", extensions: { code: "SOMETHING_NEW" } }];

    expect(readableError({ graphQLErrors })).toMatchObject({ message: "New.", status: 500 });
  });

  it("tells to try again when the server does not answer", () => {
    const error = readableError(new HttpError("Failed to fetch", undefined));

    expect(error.status).toBe(503);
    expect(error.message).toContain("try again");
  });

  it("says in words what a proxy's page says in HTML, and that one may ask again", () => {
    const error = readableError({ graphQLErrors: [], networkError: { statusCode: 502, bodyText: "<html>" } });

    expect(error.message).toBe("The server cannot answer at the moment (error 502). Try again in a minute.");
    expect(isUnanswered(error)).toBe(true);
    expect(isUnanswered(readableError({ networkError: { statusCode: 500 } }))).toBe(false);
  });

  it("does not end the session when it is a proxy that refuses", () => {
    expect(readableError({ networkError: { statusCode: 401 } }).status).toBe(503);
  });

  it("is that of the renewal when it was the renewal that failed", () => {
    const refusal = readableError({
      graphQLErrors: [{ message: "Wait.", extensions: { code: "RATE_LIMITED" } }],
    });

    expect(readableError({ graphQLErrors: [], networkError: refusal })).toBe(refusal);
  });

  it("is left alone when it is readable already", () => {
    const once = readableError({ graphQLErrors: [{ message: "No.", extensions: { code: "FORBIDDEN" } }] });

    expect(readableError(once)).toBe(once);
  });
});
