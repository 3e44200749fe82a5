"""The sandbox and the judge over HTTP, for trainers in other processes or on other hosts (docs/exec-server.md).

    records wire shelf   what is asked and answered; JSON into records and back; tasks that were registered
    judging              one batch on one sandbox: runs, compares, confirms passers
    crew                 threads with a sandbox each; places, deadlines, an end in order
    access app server    the token; FastAPI's routes; uvicorn, signals
    client               the other side: retries, connections that last

Expected outputs come with the tasks and stay in the server's process: its sandboxes receive inputs only. Left out: TLS
(put a proxy in front), users and quotas, a queue that outlives the process. FastAPI and uvicorn are imported by `app`
and `server` inside functions, so the package does without them until somebody serves.
"""
