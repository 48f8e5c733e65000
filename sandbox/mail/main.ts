import { runProgram } from "../program.js";
import { startMail } from "./server.js";

await runProgram(["port", "smtp-port", "data-dir"], async (values) => {
  const mail = await startMail({
    port: Number(values.port ?? 0),
    smtpPort: Number(values["smtp-port"] ?? 0),
    ...(values["data-dir"] === undefined ? {} : { dataDir: values["data-dir"] }),
  });
  return { announcement: { service: "mail", url: mail.url, smtp: mail.smtp }, close: () => mail.close() };
});
