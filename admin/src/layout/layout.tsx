import { Layout as RaLayout } from "react-admin";
import type { LayoutProps } from "react-admin";
import { LastingHost } from "../display/lasting.js";
import { LiveTransfersProvider } from "../transfers/live-transfers-provider.js";
import { MoveByDrag } from "../places/move-by-drag.js";
import { DropTarget } from "../uploads/drop-target.js";
import { UploadsPanel } from "../uploads/uploads-panel.js";
import { UploadsProvider } from "../uploads/uploads-provider.js";
import { ConsoleAppBar } from "./app-bar.js";
import { ConnectionBanner } from "./connection-banner.js";
import { ConsoleMenu } from "./menu.js";
import { TransferAnnouncer } from "../transfers/transfer-announcer.js";
import { useKeptFocus } from "./use-kept-focus.js";
import { useLostSession } from "./use-lost-session.js";

/** What must survive moving between pages stands here: the live connection and the uploads. */
export function Layout({ children, ...props }: LayoutProps) {
  useKeptFocus();
  useLostSession();
  return (
    <LiveTransfersProvider>
      <UploadsProvider>
        <LastingHost>
          <RaLayout {...props} appBar={ConsoleAppBar} menu={ConsoleMenu}>
            <ConnectionBanner />
            {children}
          </RaLayout>
        </LastingHost>
        <UploadsPanel />
        <DropTarget />
        <MoveByDrag />
        <TransferAnnouncer />
      </UploadsProvider>
    </LiveTransfersProvider>
  );
}
