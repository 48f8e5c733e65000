import CreateNewFolderIcon from "@mui/icons-material/CreateNewFolderOutlined";
import { Button, Dialog, DialogActions, DialogContent, DialogTitle } from "@mui/material";
import { Form, required, SaveButton, TextInput, useCreate, useNotify, useRefresh } from "react-admin";
import { useState } from "react";
import { isNameConflict } from "../places/use-placing.js";
import { messageOf } from "../providers/errors.js";

const isNamed = required("Give the folder a name");

export function CreateFolderButton({ parentId }: { parentId?: string }) {
  const [open, setOpen] = useState(false);
  const [create] = useCreate();
  const notify = useNotify();
  const refresh = useRefresh();

  // The answer is a field error or nothing: the form shows what it is given.
  const submit = async ({ name }: Record<string, unknown>) => {
    try {
      await create("folders", { data: { name, parentId } }, { returnPromise: true });
    } catch (error) {
      return { name: isNameConflict(error) ? "There is a folder with this name already" : messageOf(error) };
    }
    setOpen(false);
    notify("Folder created", { type: "success" });
    refresh();
    return undefined;
  };

  return (
    <>
      <Button variant="outlined" startIcon={<CreateNewFolderIcon />} onClick={() => setOpen(true)}>
        New folder
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} fullWidth maxWidth="xs" aria-labelledby="new-folder">
        <Form onSubmit={submit} disableInvalidFormNotification noValidate>
          <DialogTitle id="new-folder">New folder</DialogTitle>
          <DialogContent>
            <TextInput source="name" validate={isNamed} autoFocus helperText={false} />
          </DialogContent>
          <DialogActions>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <SaveButton label="Create" icon={<></>} />
          </DialogActions>
        </Form>
      </Dialog>
    </>
  );
}
