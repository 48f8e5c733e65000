import { Button, Dialog, DialogActions, DialogContent, DialogContentText, DialogTitle } from "@mui/material";
import type { ButtonProps } from "@mui/material";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNotify } from "react-admin";
import { useId, useState } from "react";
import type { ReactNode } from "react";
import { messageOf } from "../providers/errors.js";
import { readAllAgain } from "../providers/read-all-again.js";

interface ActionButtonProps {
  children: string;
  /** Its accessible name, which says what it acts upon. */
  name: string;
  icon?: ReactNode;
  color?: ButtonProps["color"];
  act: () => Promise<unknown>;
  /** Told when it is done. */
  done: string;
  /** Asked before, where it cannot be undone. */
  question?: string;
}

/** A button that does one thing, tells how it went and loads anew what is shown. */
export function ActionButton({ children, name, icon, color, act, done, question }: ActionButtonProps) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const { mutate, isPending } = useMutation({
    mutationFn: act,
    onSuccess: async () => {
      notify(done, { type: "success" });
      await readAllAgain(queries);
    },
    onError: (error) => notify(messageOf(error), { type: "error" }),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <Button
        size="small"
        variant="outlined"
        aria-label={name}
        loading={isPending}
        {...(icon !== undefined && { startIcon: icon })}
        {...(color !== undefined && { color })}
        onClick={() => (question === undefined ? mutate() : setAsking(true))}
      >
        {children}
      </Button>
      {question !== undefined && (
        <Question
          open={asking}
          question={question}
          answer={children}
          pending={isPending}
          onClose={() => setAsking(false)}
          onYes={() => mutate()}
        />
      )}
    </>
  );
}

interface QuestionProps {
  open: boolean;
  question: string;
  answer: string;
  pending: boolean;
  onClose: () => void;
  onYes: () => void;
}

function Question({ open, question, answer, pending, onClose, onYes }: QuestionProps) {
  const id = useId();
  return (
    <Dialog open={open} onClose={onClose} aria-labelledby={id} maxWidth="xs" fullWidth>
      <DialogTitle id={id}>{answer}?</DialogTitle>
      <DialogContent>
        <DialogContentText>{question}</DialogContentText>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <Button variant="contained" color="error" loading={pending} onClick={onYes}>
          {answer}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
