import { describe, expect, it } from "vitest";
import {
  clockFinding,
  dueFinding,
  indexFinding,
  leftOverFinding,
  replicaFinding,
  settingsFinding,
  workerFinding,
} from "./checks.js";

const SAFE = {
  production: true,
  jwtSecret: "x".repeat(64),
  isAdminGuessable: false,
  publicUrl: "https://stash.example",
  host: "0.0.0.0",
};

it("is said in whole words, of one and of several", () => {
  expect(clockFinding(-20).found).toBe("This server's clock agrees with the database's.");
  expect(workerFinding([{ secondsAgo: 4 }]).found).toBe("1 worker seen within the last minute.");
  expect(replicaFinding(1, 1).found).toBe("Of each part 1 copy is kept, in 1 chat.");
  expect(replicaFinding(2, 3).found).toBe("Of each part 2 copies are kept, in 3 chats.");
});

describe("a finding", () => {
  it.each([
    [clockFinding(100), "OK"],
    [clockFinding(-2_500), "WARN"],
    [clockFinding(31_000), "FAIL"],
    [workerFinding([]), "FAIL"],
    [workerFinding([{ secondsAgo: 61 }]), "FAIL"],
    [workerFinding([{ secondsAgo: 900 }, { secondsAgo: 4 }]), "OK"],
    [dueFinding(undefined), "OK"],
    [dueFinding(59), "OK"],
    [dueFinding(60), "WARN"],
    [dueFinding(900), "FAIL"],
    [replicaFinding(2, 2), "OK"],
    [replicaFinding(1, 3), "WARN"],
    [replicaFinding(1, 1), "WARN"],
    [indexFinding([]), "OK"],
    [indexFinding(['users: {"role":1}']), "FAIL"],
    [leftOverFinding(3), "OK"],
    [leftOverFinding(100), "WARN"],
    [settingsFinding(SAFE), "OK"],
    [settingsFinding({ ...SAFE, jwtSecret: "short" }), "FAIL"],
    [settingsFinding({ ...SAFE, isAdminGuessable: true }), "FAIL"],
    [settingsFinding({ ...SAFE, publicUrl: "http://stash.example" }), "FAIL"],
    [settingsFinding({ ...SAFE, production: false }), "WARN"],
    [settingsFinding({ ...SAFE, production: false, host: "127.0.0.1", publicUrl: undefined }), "OK"],
  ])("%j is %s, and says what to do when it is not well", (finding, status) => {
    expect(finding.status).toBe(status);
    expect(finding.fix === undefined).toBe(status === "OK");
  });

  it("shows no secret", () => {
    const finding = settingsFinding({ ...SAFE, jwtSecret: "hunter2" });

    expect(JSON.stringify(finding)).not.toMatch(/hunter2/);
  });
});
