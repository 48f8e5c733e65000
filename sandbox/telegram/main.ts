import { runProgram } from "../program.js";
import { startTelegram } from "./server.js";

const list = (text: string): string[] =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

await runProgram(["port", "data-dir", "limits", "tokens", "chats", "time-scale"], async (values) => {
  const { port, limits, tokens, chats } = values;
  if (limits !== undefined && limits !== "on" && limits !== "off") throw new Error("--limits is on or off.");
  const telegram = await startTelegram({
    limits: limits === "on",
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(values["data-dir"] === undefined ? {} : { dataDir: values["data-dir"] }),
    ...(tokens === undefined ? {} : { tokens: list(tokens) }),
    ...(chats === undefined ? {} : { chats: list(chats) }),
    ...(values["time-scale"] === undefined ? {} : { timeScale: Number(values["time-scale"]) }),
  });
  const { url } = telegram;
  return {
    announcement: { service: "telegram", url, tokens: telegram.tokens, chats: telegram.chats },
    close: () => telegram.close(),
  };
});
