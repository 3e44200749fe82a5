"""What the sandbox says of itself: which layers hold, what it has done."""

from dataclasses import dataclass, field

GRADES = {
    "A": "seccomp filters hold; programs can compute and nothing else",
    "B": "no seccomp: programs run as another user behind rlimits, Landlock and an audit hook",
    "C": "no seccomp and no other user: limits on time and memory, little against malice",
}


@dataclass(slots=True)
class Counters:
    """Since the sandbox was made."""

    programs: int = 0
    """Jobs asked for, duplicates included."""
    shared: int = 0
    """Programs begun in a shared runner; one may be begun again."""
    isolated: int = 0
    """Programs begun in a process of their own."""
    runners: int = 0
    """Processes forked."""
    remembered: int = 0
    """Answered by a duplicate in the same call or by the cache."""
    escalated: int = 0
    """Sent from a shared runner to a process of their own."""
    tampered: int = 0
    """Times the canary found shared state changed."""
    lost: int = 0
    """Jobs that came back unscored."""
    restarts: int = 0
    """Lanes that died and were replaced."""
    quarantined: int = 0
    """Programs set aside because they ended a lane twice."""
    cpu_seconds: float = 0.0
    """CPU time of all runners."""


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """Print it at the start of a run: it says what the results are worth."""

    grade: str
    """A, B or C; see GRADES."""
    layers: dict[str, str]
    """Layer -> `on ...`, `spare ...` or `off: why`."""
    versions: dict[str, str]
    """python, numpy, kernel."""
    counters: Counters = field(default_factory=Counters)

    def lines(self) -> list[str]:
        """For people."""
        layers = [f"  {name:9} {status}" for name, status in self.layers.items()]
        return [f"sandbox grade {self.grade}: {GRADES[self.grade]}", *layers]
