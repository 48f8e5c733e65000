import "reflect-metadata";
import { execute, parse } from "graphql";
import type { ExecutionResult } from "graphql";
import { Directive, Field, ObjectType, Query, Resolver } from "type-graphql";
import { beforeAll, describe, expect, it } from "vitest";
import { AuthResolver } from "../auth/auth.resolver.js";
import { ANONYMOUS } from "../kernel/context.js";
import type { Role, Viewer } from "../kernel/context.js";
import { unauthenticated } from "../kernel/errors.js";
import { buildTelestashSchema, printTelestashSchema } from "./schema.js";

@Directive("@auth(requires: PREMIUM)")
@ObjectType()
class Vault {
  @Field(() => String)
  gold: string;

  @Directive("@auth(requires: ADMIN)")
  @Field(() => String)
  keys: string;
}

@Resolver()
class VaultResolver {
  @Query(() => Vault, { nullable: true })
  vault(): Vault {
    return { gold: "gold", keys: "keys" };
  }

  @Directive("@auth")
  @Query(() => String, { nullable: true })
  door(): string {
    return "open";
  }
}

let schema: Awaited<ReturnType<typeof buildTelestashSchema>>;
beforeAll(async () => {
  schema = await buildTelestashSchema([
    { type: AuthResolver },
    { type: VaultResolver, instance: new VaultResolver() },
  ]);
});

function a(role: Role): Viewer {
  return { kind: "user", userId: "u", sessionId: "s", role };
}

async function ask(query: string, viewer: Viewer, extra = {}): Promise<ExecutionResult> {
  return execute({ schema, document: parse(query), contextValue: { viewer, ...extra } });
}

describe("@auth", () => {
  it.each([
    ["{ door }", ANONYMOUS, "UNAUTHENTICATED"],
    ["{ door }", a("FREE"), undefined],
    ["{ vault { gold } }", ANONYMOUS, "UNAUTHENTICATED"],
    ["{ vault { gold } }", a("FREE"), "FORBIDDEN"],
    ["{ vault { gold } }", a("PREMIUM"), undefined],
    ["{ vault { gold } }", a("ADMIN"), undefined],
    ["{ vault { keys } }", a("PREMIUM"), "FORBIDDEN"],
    ["{ vault { k: keys } }", a("ADMIN"), undefined],
    ["{ ...F } fragment F on Query { vault { ... on Vault { keys } } }", a("PREMIUM"), "FORBIDDEN"],
  ])("on a field or its type: %s for %j gives %s", async (query, viewer, code) => {
    const { errors } = await ask(query, viewer);

    expect(errors?.map(({ originalError }) => originalError)).toEqual(
      code === undefined ? undefined : [expect.objectContaining({ code })],
    );
  });

  it("tells why the token was refused", async () => {
    const refusal = unauthenticated("It expired.");

    const { errors } = await ask("{ door }", { ...ANONYMOUS, refusal });

    expect(errors?.[0]?.message).toBe("It expired.");
  });

  it("is printed where it is used", () => {
    const text = printTelestashSchema(schema);

    expect(text).toContain("directive @auth(");
    expect(text).toContain("requires: Role! = FREE");
    expect(text).toContain("type Vault @auth(requires: PREMIUM)");
    expect(text).toMatch(/keys: String! @auth\(requires: ADMIN\)/);
    expect(text).toMatch(/logout: Boolean! @auth\(requires: FREE\)/);
  });
});
