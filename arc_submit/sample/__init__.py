"""Language-model engines behind one protocol. See `arc_submit.sample.engine`."""

from arc_submit.sample.engine import Engine, Request, request_seed

__all__ = ["Engine", "Request", "request_seed"]
