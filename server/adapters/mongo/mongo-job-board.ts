import { ObjectId } from "mongodb";
import type { Collection, Filter } from "mongodb";
import type { Connection } from "mongoose";
import type { JobBoard, JobRecord } from "../../admin/operations.ports.js";

/** As Agenda keeps them. */
interface JobDocument {
  _id: ObjectId;
  name: string;
  data?: Record<string, unknown> | null;
  nextRunAt?: Date | null;
  lockedAt?: Date | null;
  lastRunAt?: Date | null;
  failCount?: number | null;
  failReason?: string | null;
}

/** Agenda's own documents, read and released from beside it. */
export class MongoJobBoard implements JobBoard {
  /** @param lockMs after which a lock that was not renewed is its holder's no more */
  constructor(
    private readonly connection: Connection,
    private readonly lockMs: number,
  ) {}

  async list(limit: number): Promise<JobRecord[]> {
    const found = await this.jobs.find().sort({ _id: -1 }).limit(limit).toArray();
    return found.map((job) => this.toRecord(job));
  }

  async retry(id: string): Promise<JobRecord | undefined> {
    const idle = this.idle(id);
    if (idle === undefined) return undefined;
    const change = { $set: { nextRunAt: new Date(), lockedAt: null } };
    const before = await this.jobs.findOneAndUpdate(idle, change, { returnDocument: "before" });
    return before === null ? undefined : this.toRecord(before);
  }

  async remove(id: string): Promise<JobRecord | undefined> {
    const idle = this.idle(id);
    const removed = idle === undefined ? null : await this.jobs.findOneAndDelete(idle);
    return removed === null ? undefined : this.toRecord(removed);
  }

  private get jobs(): Collection<JobDocument> {
    return this.connection.collection<JobDocument>("jobs");
  }

  private idle(id: string): Filter<JobDocument> | undefined {
    if (!/^[0-9a-f]{24}$/.test(id)) return undefined;
    const stale = new Date(Date.now() - this.lockMs);
    return { _id: new ObjectId(id), $or: [{ lockedAt: null }, { lockedAt: { $lt: stale } }] };
  }

  private toRecord(job: JobDocument): JobRecord {
    const [subjectId] = Object.values(job.data ?? {});
    return {
      id: job._id.toHexString(),
      name: job.name,
      subjectId: typeof subjectId === "string" ? subjectId : undefined,
      state: this.stateOf(job),
      nextRunAt: job.nextRunAt ?? undefined,
      lockedAt: job.lockedAt ?? undefined,
      lastRunAt: job.lastRunAt ?? undefined,
      failures: job.failCount ?? 0,
      failReason: job.failReason ?? undefined,
    };
  }

  private stateOf({ lockedAt, nextRunAt }: JobDocument): JobRecord["state"] {
    if (lockedAt) return Date.now() - lockedAt.getTime() > this.lockMs ? "STALLED" : "RUNNING";
    return nextRunAt && nextRunAt.getTime() > Date.now() ? "WAITING" : "DUE";
  }
}
