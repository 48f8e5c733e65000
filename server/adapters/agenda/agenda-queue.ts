import { setMaxListeners } from "node:events";
import { MongoBackend } from "@agendajs/mongo-backend";
import { Agenda } from "agenda";
import type { Job, NotificationChannel } from "agenda";
import type { Connection } from "mongoose";
import type { JobHandlers, JobName, JobQueue, Jobs } from "../../kernel/jobs.js";
import type { Logger } from "../../kernel/log.js";

/** A crashed worker's job is free again after this time; a living one touches its lock well within it. */
export const LOCK_MS = 15_000;
const TOUCH_MS = 5_000;
/** Only a safety net: workers are woken by the channel, and the reconciler finds what is due. */
const PROCESS_EVERY_MS = 5_000;
/** Transfers under way mostly wait for lanes: only their parts take memory, and those are counted elsewhere. */
const CONCURRENCY = 128;
const DRAIN_MS = 6_000;

/** Wakes workers through Agenda. The job documents carry ids and may be lost or doubled without harm. */
export class AgendaQueue implements JobQueue {
  private readonly agenda: Agenda;
  private readonly stopping = new AbortController();

  constructor(
    connection: Connection,
    private readonly options: { name: string; channel: NotificationChannel; log: Logger },
  ) {
    setMaxListeners(0, this.stopping.signal);
    const { db } = connection;
    if (db === undefined) throw new Error("the job queue needs an open database connection");
    this.agenda = new Agenda({
      backend: new MongoBackend({ mongo: db, collection: "jobs" }),
      name: options.name,
      notificationChannel: options.channel,
      processEvery: PROCESS_EVERY_MS,
      maxConcurrency: CONCURRENCY * 2,
      defaultConcurrency: CONCURRENCY,
      defaultLockLimit: CONCURRENCY,
      defaultLockLifetime: LOCK_MS,
    });
    this.agenda.on("error", (error) => options.log.error({ err: error }, "the job queue reported an error"));
  }

  async wake<N extends JobName>(name: N, data: Jobs[N]): Promise<void> {
    const same = Object.fromEntries(Object.entries(data).map(([key, value]) => [`data.${key}`, value]));
    // A job under way is left alone: a second document is made, and finds nothing to do.
    await this.agenda
      .create(name, data)
      .unique({ ...same, lockedAt: null })
      .schedule(new Date())
      .save();
  }

  /** Begins to work: from now on this process runs jobs. */
  async start(handlers: JobHandlers): Promise<void> {
    for (const name of Object.keys(handlers) as JobName[]) this.define(name, handlers);
    await this.agenda.start();
  }

  /** Makes the queue usable for waking, also where no job runs. */
  async ready(): Promise<void> {
    await this.agenda.ready;
  }

  /** Tells running jobs to stop, waits for them, and takes no more. */
  async stop(): Promise<void> {
    this.stopping.abort(new DOMException("the worker stops", "AbortError"));
    await this.agenda.drain(DRAIN_MS);
  }

  /** Frees what the queue holds. Jobs must have been stopped. */
  async close(): Promise<void> {
    await this.agenda.stop();
    await this.options.channel.disconnect();
  }

  private define<N extends JobName>(name: N, handlers: JobHandlers): void {
    this.agenda.define<Jobs[N]>(name, async (job: Job<Jobs[N]>) => {
      const touch = setInterval(() => {
        job
          .touch()
          .catch((error: unknown) => this.options.log.warn({ err: error, job: name }, "a job lost its lock"));
      }, TOUCH_MS);
      try {
        await handlers[name](job.attrs.data, this.stopping.signal);
      } catch (error) {
        // Not Agenda's to try again: what is still due is found in the documents.
        this.options.log.error({ err: error, job: name, ...job.attrs.data }, "a job failed");
      } finally {
        clearInterval(touch);
        // Agenda's own removal comes after the event that `drain` waits for, which then waits in vain; and it leaves
        // failed jobs behind.
        await job.remove().catch((error: unknown) => {
          this.options.log.warn({ err: error, job: name }, "a job that has ended was not removed");
        });
      }
    });
  }
}
