// Who runs next: tenants take turns, none runs or waits more than its limits allow.

/** What one tenant may do at a time. */
export interface TenantLimits {
  /** Runs at the same time; default: as many as there are threads. */
  readonly concurrency?: number | undefined;
  /** Runs that wait; default 1,000. */
  readonly queue?: number | undefined;
}

interface Tenant<Job> {
  readonly limits: TenantLimits;
  readonly waiting: Job[];
  running: number;
}

const DEFAULT_QUEUE = 1000;

/** Jobs that wait, by tenant. */
export class TenantQueue<Job> {
  /** In the order in which they have their next turn. */
  private readonly tenants = new Map<string, Tenant<Job>>();
  private running = 0;
  private waitingCount = 0;

  constructor(
    private readonly threads: number,
    private readonly limitsOf: (tenant: string) => TenantLimits,
    private readonly start: (job: Job, over: () => void) => void,
    /** Most jobs that wait, of all tenants. */
    private readonly maxWaiting = Number.POSITIVE_INFINITY,
  ) {}

  /** Jobs that wait. */
  get waiting(): number {
    return this.waitingCount;
  }

  /**
   * Takes a job, and starts it if it is its turn.
   * @returns who has no room for it to wait, if that is so; then it is not taken
   */
  add(name: string, job: Job): "queue" | "tenant" | undefined {
    const tenant = this.tenants.get(name) ?? { limits: this.limitsOf(name), waiting: [], running: 0 };
    if (this.running >= this.threads || !this.mayRun(tenant)) {
      if (tenant.waiting.length >= (tenant.limits.queue ?? DEFAULT_QUEUE)) return "tenant";
      if (this.waitingCount >= this.maxWaiting) return "queue";
    }
    this.tenants.set(name, tenant);
    tenant.waiting.push(job);
    this.waitingCount++;
    this.startNext();
    return undefined;
  }

  /** Takes back a job that waits; false if it does not. */
  remove(name: string, job: Job): boolean {
    const tenant = this.tenants.get(name);
    const index = tenant?.waiting.indexOf(job) ?? -1;
    if (index < 0) return false;
    tenant!.waiting.splice(index, 1);
    this.waitingCount--;
    this.forgetIfIdle(name, tenant!);
    return true;
  }

  /** Takes back everything that waits. */
  clear(): Job[] {
    const jobs: Job[] = [];
    for (const [name, tenant] of [...this.tenants]) {
      for (const job of tenant.waiting.splice(0)) jobs.push(job);
      this.forgetIfIdle(name, tenant);
    }
    this.waitingCount = 0;
    return jobs;
  }

  private mayRun({ running, limits }: Tenant<Job>): boolean {
    return running < (limits.concurrency ?? this.threads);
  }

  private startNext(): void {
    while (this.running < this.threads) {
      let next: [string, Tenant<Job>] | undefined;
      for (const entry of this.tenants) {
        const [, tenant] = entry;
        if (tenant.waiting.length === 0 || !this.mayRun(tenant)) continue;
        // Who has the fewest threads comes first, and among equals who has waited longest for a turn.
        if (next === undefined || tenant.running < next[1].running) next = entry;
      }
      if (next === undefined) return;
      const [name, tenant] = next;
      this.toTheEnd(name, tenant);
      tenant.running++;
      this.running++;
      this.waitingCount--;
      this.start(tenant.waiting.shift()!, () => {
        tenant.running--;
        this.running--;
        // Those who came while it ran come before its next one.
        this.toTheEnd(name, tenant);
        this.forgetIfIdle(name, tenant);
        this.startNext();
      });
    }
  }

  private toTheEnd(name: string, tenant: Tenant<Job>): void {
    this.tenants.delete(name);
    this.tenants.set(name, tenant);
  }

  /** Only tenants that have something to do are kept: there may be many. */
  private forgetIfIdle(name: string, tenant: Tenant<Job>): void {
    if (tenant.running === 0 && tenant.waiting.length === 0) this.tenants.delete(name);
  }
}
