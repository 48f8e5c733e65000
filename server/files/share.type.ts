import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { ByteSize, DateTime } from "../kernel/scalars.js";
import { connectionType } from "./connection.type.js";
import { SHARE_ACTIONS, SHARE_LINK_STATES } from "./share.js";
import type { ShareAction, ShareLinkState, ShareTarget } from "./share.js";

export const ShareLinkStateEnum = Object.fromEntries(SHARE_LINK_STATES.map((state) => [state, state])) as {
  [S in ShareLinkState]: S;
};

registerEnumType(ShareLinkStateEnum, {
  name: "ShareLinkState",
  description: "Whether a link opens. What it leads to may be archived besides: then it answers 404.",
  valuesConfig: {
    ACTIVE: { description: "It opens." },
    USED_UP: { description: "All the downloads that it allows were made." },
    EXPIRED: { description: "Its time is over." },
    REVOKED: { description: "It was ended by hand." },
  },
});

export const ShareActionEnum = Object.fromEntries(SHARE_ACTIONS.map((action) => [action, action])) as {
  [A in ShareAction]: A;
};

registerEnumType(ShareActionEnum, {
  name: "ShareAction",
  description: "What a visitor of a link did.",
  valuesConfig: {
    OPENED: { description: "Looked at the page." },
    UNLOCKED: { description: "Gave the right password." },
    WRONG_PASSWORD: { description: "Gave a wrong one." },
    FILE: { description: "Fetched bytes of a file." },
    ZIP: { description: "Fetched the folder as a zip." },
  },
});

@ObjectType("ShareLink", {
  description: "An unguessable address at which anybody can fetch a file or folder.",
})
export class ShareLinkType {
  @Field(() => ID, { description: "Its id; not part of its address." })
  id: string;

  @Field(() => DateTime, { description: "When it was made." })
  createdAt: Date;

  @Field(() => DateTime, { nullable: true, description: "When it ends by itself." })
  expiresAt: Date | undefined;

  @Field(() => Int, { nullable: true, description: "How many downloads it allows; no limit when absent." })
  maxDownloads: number | undefined;

  @Field(() => Int, {
    description:
      "How many were begun: each file or zip whose bytes began to leave counts one. What a visitor goes on with, " +
      "by ranges and with the cookie that came with its beginning, does not count again for six hours.",
  })
  downloads: number;

  @Field(() => DateTime, { nullable: true, description: "When it was ended by hand." })
  revokedAt: Date | undefined;

  key: string;
  ownerId: string;
  target: ShareTarget;
  passwordHash: string | undefined;
}

@ObjectType("ShareAccess", {
  description: "What one address did through a link within an hour. Kept for 90 days.",
})
export class ShareAccessType {
  @Field(() => ID, { description: "Its id." })
  id: string;

  @Field(() => DateTime, { description: "When, the first time." })
  at: Date;

  @Field(() => DateTime, { description: "When, the last time." })
  lastAt: Date;

  @Field(() => Int, { description: "How often; each range of a download counts." })
  times: number;

  @Field(() => String, { description: "The visitor's address." })
  address: string;

  @Field(() => ShareActionEnum, { description: "What." })
  action: ShareAction;

  @Field(() => String, { nullable: true, description: "The file's name at that time." })
  name: string | undefined;

  @Field(() => ByteSize, { description: "Bytes that left the server." })
  bytes: number;
}

export const ShareLinkConnectionType = connectionType(() => ShareLinkType, "ShareLink", ["link", "links"]);

export const ShareAccessConnectionType = connectionType(() => ShareAccessType, "ShareAccess", [
  "entry",
  "entries",
]);
