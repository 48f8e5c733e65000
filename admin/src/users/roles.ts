import type { Tone } from "../display/tones.js";
import type { Role } from "../generated/graphql.js";

export const ROLES: Record<Role, { label: string; tone: Tone }> = {
  FREE: { label: "Free", tone: "grey" },
  PREMIUM: { label: "Premium", tone: "amber" },
  ADMIN: { label: "Administrator", tone: "blue" },
};

/** Choices of a role input, as react-admin wants them. */
export const roleChoices = Object.entries(ROLES).map(([id, { label }]) => ({ id, name: label }));
