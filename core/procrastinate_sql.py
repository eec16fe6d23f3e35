"""What is asked of procrastinate's tables and functions (schema of procrastinate 3)."""

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, DateTime, bindparam, text

CHANNEL = "procrastinate_any_queue_v1"
_TIME = DateTime(timezone=True)

# A waiting job with the same key stands in for a new one, but only if no worker takes it before
# this transaction commits: it would not see what the transaction wrote. The row lock makes
# workers pass it by until then. One that a worker is taking right now is passed by here: to
# wait for it could mean to wait for each other.
# The end of a row lock is announced by nobody, so that is done here as well.
ADD = text("""
    WITH waiting AS MATERIALIZED (
        SELECT queueing_lock FROM procrastinate_jobs
        WHERE status = 'todo' AND queueing_lock = ANY(CAST(:keys AS text[]))
        FOR KEY SHARE SKIP LOCKED
    ), added AS (
        INSERT INTO procrastinate_jobs
            (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT 'default', name, 0, lock, key, args, run_at
        FROM unnest(CAST(:names AS text[]), CAST(:locks AS text[]), CAST(:keys AS text[]),
                    CAST(:args AS jsonb[]),
                    CAST(:run_ats AS timestamptz[]))
            WITH ORDINALITY AS wanted (name, lock, key, args, run_at, place)
        WHERE key IS NULL OR key NOT IN (SELECT queueing_lock FROM waiting)
        ORDER BY place
        ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
        RETURNING queueing_lock
    )
    SELECT queueing_lock FROM waiting UNION ALL SELECT queueing_lock FROM added
    UNION ALL
    SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')::text""")

# The end of a row lock is announced by nobody, nor is a lock that became free.
ANNOUNCE = text("""
    SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')""")

# What is lost when the server's machine dies is only that jobs were done: they run once more,
# which they must bear. And a queue's statistics are of no use: they were taken when it was
# empty, and a burst planned as if it still were takes seconds instead of milliseconds.
SHORT_WORK = text("""
    SELECT set_config('synchronous_commit', 'off', true),
           set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)""")

# One call gives one job; the next sees what the ones before it took. The last row says when the
# next of those that wait for their time is due.
CLAIM = text("""
    WITH RECURSIVE fetched AS (
        SELECT 1 AS place, job.* FROM procrastinate_fetch_job_v2(NULL, :worker) AS job
        UNION ALL
        SELECT fetched.place + 1, job.* FROM fetched
        CROSS JOIN LATERAL procrastinate_fetch_job_v2(NULL, fetched.worker_id) AS job
        WHERE fetched.id IS NOT NULL AND fetched.place < :free
    )
    SELECT id, task_name, args, queueing_lock, lock, attempts + 1, NULL FROM fetched
    WHERE id IS NOT NULL
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, (
        SELECT min(scheduled_at) FROM procrastinate_jobs
        WHERE status = 'todo' AND scheduled_at > now())""")

REMOVE = text("""
    SELECT procrastinate_finish_job_v1(id, 'succeeded', true) FROM procrastinate_jobs
    WHERE id = ANY(CAST(:ids AS bigint[])) AND status = 'doing' AND worker_id = :worker""")

# If another with its key waits by now, that one keeps the key.
RELEASE_KEYS = text("""
    UPDATE procrastinate_jobs AS mine SET queueing_lock = NULL
    WHERE id = ANY(CAST(:ids AS bigint[])) AND status = 'doing' AND (:all OR EXISTS (
        SELECT 1 FROM procrastinate_jobs AS other
        WHERE other.queueing_lock = mine.queueing_lock AND other.status = 'todo'))""")

AGAIN = text("""
    SELECT procrastinate_retry_job_v2(id, :run_at, NULL, NULL, NULL) FROM procrastinate_jobs
    WHERE id = :id AND status = 'doing' AND worker_id = :worker""").bindparams(
    bindparam("run_at", type_=_TIME)
)
UNCOUNT = text("UPDATE procrastinate_jobs SET attempts = attempts - 1 WHERE id = :id")

REGISTER = text("SELECT worker_id FROM procrastinate_register_worker_v1()")
UNREGISTER = text("SELECT procrastinate_unregister_worker_v1(:worker)")
BEAT = text("""
    UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = :worker RETURNING id""")
PRUNE = text("SELECT worker_id FROM procrastinate_prune_stalled_workers_v1(:seconds)")
# Jobs whose worker is gone. They have begun, so they let go of their keys.
LEFT_BEHIND = text("""
    UPDATE procrastinate_jobs SET queueing_lock = NULL
    WHERE status = 'doing' AND worker_id IS NULL""")
RESCUE = text("""
    SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM procrastinate_jobs
    WHERE status = 'doing' AND worker_id IS NULL FOR UPDATE SKIP LOCKED""")

# The clock that was handed in decides, also where it runs ahead of the database's.
BRING_FORWARD = text("""
    UPDATE procrastinate_jobs SET scheduled_at = now()
    WHERE status = 'todo' AND scheduled_at > now() AND scheduled_at <= :now""").bindparams(
    bindparam("now", type_=_TIME)
)

COUNT = text("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")

_OURS = """
    CREATE INDEX tresen_jobs_scheduled ON procrastinate_jobs (scheduled_at)
        WHERE status = 'todo';
    CREATE INDEX tresen_jobs_lock ON procrastinate_jobs (lock)
        WHERE status IN ('todo', 'doing')"""


def create_schema(connection: Connection) -> None:
    """For the migration, on PostgreSQL: procrastinate's own schema, and two indexes that
    keep claiming fast while thousands of jobs wait."""
    cursor = connection.connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    cursor.execute(_OURS)
    cursor.close()
