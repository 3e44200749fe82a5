"""All tasks: a supervisor without torch that hands cohorts to worker processes and keeps the submission valid.

supervisor   the loop, and what becomes of workers that die, hang or run out of memory
queue        whose visit is next, and how long it lasts
crew         worker processes: start, send, hear, kill
place        room for a worker, and the worker in it
ladder       what a worker does without after trouble
silence      how long a worker may say nothing
shortage     who is ended when the machine's memory is short
book         what is kept: the trace and the submission
tally        what is counted for the summary
totals       what several visits to a task came to together
"""

from arc_submit.run.supervisor import MAX_STRIKES, Listener, Run

__all__ = ["MAX_STRIKES", "Listener", "Run"]
