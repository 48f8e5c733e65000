import SwapVertIcon from "@mui/icons-material/SwapVert";
import { TransferList } from "./transfer-list.js";

export const transfers = { name: "transfers", list: TransferList, icon: SwapVertIcon };
