"""Runs programs that nobody has read. Design and limits: `docs/sandbox.md`.

    config report work     settings, what is reported, bookkeeping of a call
    protocol               bytes between the processes
    host lane              this side: supervision; one zygote as the host sees it
    zygote lockdown        the other side: the process that forks; the kernel's layers (seccomp, landlock)
    runner world           inside a fork: run programs; what they find there
    audit canary normalise who may share a runner; has it been tampered with; is this a grid

The zygote's side imports numpy and the DSL, never this file; the host's side imports neither.
"""

from arc_submit.sandbox.config import SandboxConfig
from arc_submit.sandbox.host import Sandbox
from arc_submit.sandbox.report import Counters, SandboxReport
from arc_submit.sandbox.work import Job

__all__ = ["Counters", "Job", "Sandbox", "SandboxConfig", "SandboxReport"]
