"""`arc-submit serve-sandbox`: the sandbox and the judge over HTTP."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from arc_submit import config
from arc_submit.cli.app import app
from arc_submit.cli.common import PresetOption, SetOption, example_lines, listed, machine_line, notices, print_table
from arc_submit.errors import ConfigError

_EXAMPLES = example_lines(
    "arc-submit serve-sandbox",
    "arc-submit serve-sandbox --port 8765 --token-file token.txt --workers 4",
    "arc-submit serve-sandbox --host 0.0.0.0 --token-file token.txt --set 'sandbox.require=\"A\"'",
)


@app.command("serve-sandbox", epilog=_EXAMPLES)
def serve_sandbox(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any that is free.")] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen on; other than loopback only with a token.")] = (
        "127.0.0.1"
    ),
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the token; else ARC_SUBMIT_TOKEN; else one is made and printed once."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Sandboxes at work at the same time.")] = 2,
    queue: Annotated[int, typer.Option(min=0, max=4096, help="Requests that may wait; more are told to (429).")] = 32,
    body_mb: Annotated[int, typer.Option(min=1, max=64, help="Largest request, in MiB.")] = 8,
    programs: Annotated[int, typer.Option(min=1, max=4096, help="Most programs in one request.")] = 512,
    deadline: Annotated[float, typer.Option(min=0.1, help="Longest that a request is worked on, in seconds.")] = 120.0,
    grace: Annotated[float, typer.Option(min=0.0, help="Seconds for what runs when the server is to end.")] = 30.0,
    preset: PresetOption = "laptop",
    set_: SetOption = None,
) -> None:
    """Run and judge programs for trainers on other processes or hosts, over HTTP. Ends on SIGTERM or Ctrl-C."""
    from arc_submit.serve import access
    from arc_submit.serve.app import fastapi
    from arc_submit.serve.crew import Crew
    from arc_submit.serve.limits import Limits
    from arc_submit.serve.server import listen, serve, url

    fastapi()
    settings = config.load(preset, set_ or ())
    token = access.given(token_file)
    if token is None and not access.is_loopback(host):
        raise ConfigError(
            f"--host {host}: others could run programs here; give a token by --token-file or {access.VARIABLE}"
        )
    if token_file is not None and access.readable_by_others(token_file):
        notices.print(f"note: other users can read {token_file}; `chmod 600` it", markup=False, highlight=False)
    limits = Limits(
        programs=programs, body_bytes=body_mb << 20, deadline_seconds=deadline, queue=queue, grace_seconds=grace
    )
    with listen(host, port) as bound, Crew(settings.sandbox, workers, limits) as crew:
        report = crew.report()
        assert report is not None
        notices.print("\n".join(report.lines()), markup=False, highlight=False)
        if token is None:
            token = access.made()
            notices.print(f"token, for this run only: {token}", markup=False, highlight=False, soft_wrap=True)
        if not access.is_loopback(host):
            notices.print("note: plain HTTP; on a network that others share, put TLS in front", highlight=False)
        address = url(bound)
        serve(crew, token, bound, ready=lambda: machine_line({"serving": address, "grade": report.grade}))
        state = crew.metrics()
    counters = state["counters"]
    print_table("served", ("what", "number"), [*counters.items(), ("answers", listed(state["answers"]))])
    machine_line({"served": address, **counters, "answers": state["answers"]})
    sys.stderr.flush()
