"""What is asked of procrastinate's tables and functions (schema of procrastinate 3)."""

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

CHANNEL = "procrastinate_any_queue_v1"

# A waiting job with the same key stands in for a new one, but only if no worker takes it before
# this transaction commits: it would not see what the transaction wrote. The row lock makes
# workers pass it by until then. One that a worker is taking right now is passed by here: to
# wait for it could mean to wait for each other.
# The end of a row lock is announced by nobody, so that is done here as well.
ADD = """
    WITH waiting AS MATERIALIZED (
        SELECT queueing_lock FROM procrastinate_jobs
        WHERE status = 'todo' AND queueing_lock = ANY(%(keys)s::text[]) FOR KEY SHARE SKIP LOCKED
    ), added AS (
        INSERT INTO procrastinate_jobs
            (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT 'default', name, 0, lock, key, args, run_at
        FROM unnest(%(names)s::text[], %(locks)s::text[], %(keys)s::text[], %(args)s::jsonb[],
                    %(run_ats)s::timestamptz[])
            WITH ORDINALITY AS wanted (name, lock, key, args, run_at, place)
        WHERE key IS NULL OR key NOT IN (SELECT queueing_lock FROM waiting)
        ORDER BY place
        ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
        RETURNING queueing_lock
    )
    SELECT queueing_lock FROM waiting UNION ALL SELECT queueing_lock FROM added
    UNION ALL
    SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')::text"""

# The end of a row lock is announced by nobody, nor is a lock that became free.
ANNOUNCE = """
    SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')"""

# What is lost when the server's machine dies is only that jobs were done: they run once more,
# which they must bear. And a queue's statistics are of no use: they were taken when it was
# empty, and a burst planned as if it still were takes seconds instead of milliseconds.
SHORT_WORK = """
    SELECT set_config('synchronous_commit', 'off', true),
           set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)"""

# One call gives one job; the next sees what the ones before it took. The last row says when the
# next of those that wait for their time is due.
CLAIM = """
    WITH RECURSIVE fetched AS (
        SELECT 1 AS place, job.* FROM procrastinate_fetch_job_v2(NULL, %(worker)s) AS job
        UNION ALL
        SELECT fetched.place + 1, job.* FROM fetched
        CROSS JOIN LATERAL procrastinate_fetch_job_v2(NULL, fetched.worker_id) AS job
        WHERE fetched.id IS NOT NULL AND fetched.place < %(free)s
    )
    SELECT id, task_name, args, queueing_lock, lock, attempts + 1, NULL FROM fetched
    WHERE id IS NOT NULL
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, (
        SELECT min(scheduled_at) FROM procrastinate_jobs
        WHERE status = 'todo' AND scheduled_at > now())"""

REMOVE = """
    SELECT procrastinate_finish_job_v1(id, 'succeeded', true) FROM procrastinate_jobs
    WHERE id = ANY(%(ids)s) AND status = 'doing' AND worker_id = %(worker)s"""

# If another with its key waits by now, that one keeps the key.
RELEASE_KEYS = """
    UPDATE procrastinate_jobs AS mine SET queueing_lock = NULL
    WHERE id = ANY(%(ids)s) AND status = 'doing' AND (%(all)s OR EXISTS (
        SELECT 1 FROM procrastinate_jobs AS other
        WHERE other.queueing_lock = mine.queueing_lock AND other.status = 'todo'))"""

AGAIN = """
    SELECT procrastinate_retry_job_v2(id, %(run_at)s, NULL, NULL, NULL) FROM procrastinate_jobs
    WHERE id = %(id)s AND status = 'doing' AND worker_id = %(worker)s"""
UNCOUNT = "UPDATE procrastinate_jobs SET attempts = attempts - 1 WHERE id = %(id)s"

REGISTER = "SELECT worker_id FROM procrastinate_register_worker_v1()"
UNREGISTER = "SELECT procrastinate_unregister_worker_v1(%(worker)s)"
BEAT = """
    UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(worker)s RETURNING id"""
PRUNE = "SELECT worker_id FROM procrastinate_prune_stalled_workers_v1(%(seconds)s)"
# Jobs whose worker is gone. They have begun, so they let go of their keys.
LEFT_BEHIND = """
    UPDATE procrastinate_jobs SET queueing_lock = NULL
    WHERE status = 'doing' AND worker_id IS NULL"""
RESCUE = """
    SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM procrastinate_jobs
    WHERE status = 'doing' AND worker_id IS NULL FOR UPDATE SKIP LOCKED"""

# The clock that was handed in decides, also where it runs ahead of the database's.
BRING_FORWARD = """
    UPDATE procrastinate_jobs SET scheduled_at = now()
    WHERE status = 'todo' AND scheduled_at > now() AND scheduled_at <= %(now)s"""

COUNT = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"

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
