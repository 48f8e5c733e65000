import HistoryIcon from "@mui/icons-material/History";
import { AuditList } from "./audit-list.js";

export const audit = { name: "audit", list: AuditList, icon: HistoryIcon, options: { label: "Audit log" } };
