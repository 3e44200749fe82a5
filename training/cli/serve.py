"""`arc-train serve`: a model of the kit as a server on loopback, for `arc-train traces --teacher URL`."""

import asyncio
import math
import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from arc_submit.cli.common import example_lines, machine_line, notices
from training.cli.app import app


@app.command(
    epilog=example_lines(
        "arc-train serve weights/small --port 0 --adapter none",
        "arc-train serve out/merged --port 8001 --threads 2 --max-tokens 1024",
        "arc-train traces --teacher http://127.0.0.1:8001/v1 --style compact --out out/own",
    )
)
def serve(
    model: Annotated[str, typer.Argument(help="Checkpoint folder, e.g. weights/small.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8000,
    engine: Annotated[str, typer.Option(help="auto, hf, vllm, or scripted (with --script).")] = "auto",
    adapter: Annotated[str, typer.Option(help="LoRA folder, as sample.adapter; none: the base alone.")] = "",
    temperature: Annotated[float, typer.Option(min=0.0, max=2.0, help="All answers are drawn at it.")] = 1.0,
    max_tokens: Annotated[int, typer.Option(min=1, help="Tokens of an answer, at most.")] = 512,
    threads: Annotated[int, typer.Option(min=1, help="torch threads on a CPU.")] = 1,
    sequences: Annotated[int, typer.Option(min=1, help="Answers decoded together, at most.")] = 256,
    device: Annotated[str, typer.Option(help="torch device: auto, cpu, cuda.")] = "auto",
    script: Annotated[
        Path | None, typer.Option(help="For --engine scripted: lines {task, text}; task `served`, or the field `user`.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.0, help="End by itself after so long.")] = None,
) -> None:
    """Serve a model behind OpenAI's chat-completions interface, on loopback alone, without keys.

    The first line that is printed is the base URL, once the model is loaded and requests are taken; Ctrl-C ends it, and
    the last line is JSON.
    """
    from arc_submit import config
    from arc_submit.sample import build
    from training.teacher import listen
    from training.teacher.serve import app as application_of

    own = listen.listen(port)  # before the model: a port that is taken is found out at once
    url = listen.url(own)
    chosen = {"engine": engine, "model": model, "temperature": temperature, "max_new_tokens": max_tokens}
    chosen |= {"threads": threads, "sequences": sequences, "device": device}
    if adapter:
        chosen["adapter"] = adapter
    if script is not None:
        chosen["script"] = str(script)
    settings = config.load(settings=[f"sample.{name}={value}" for name, value in chosen.items()]).sample
    stopping = False
    began = time.monotonic()
    loaded = build.build(settings, lambda: math.inf if stopping else time.monotonic())  # decoding ends when we do
    try:
        fixed = None if engine == "scripted" else temperature
        application = application_of(loaded, name_of(model), fixed, max_tokens, sequences)
        notices.print(f"{loaded.model}; loaded in {time.monotonic() - began:.1f} s; Ctrl-C ends it", highlight=False)

        async def run() -> None:
            nonlocal stopping
            stop, loop = asyncio.Event(), asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, stop.set)
            if seconds is not None:
                loop.call_later(seconds, stop.set)
            serving = asyncio.create_task(listen.serve(application, own, stop))
            typer.echo(url)
            await asyncio.wait((serving, asyncio.create_task(stop.wait())), return_when=asyncio.FIRST_COMPLETED)
            stopping = True
            await serving

        began = time.monotonic()
        asyncio.run(run())
        counts = asdict(application.state.counts)
    finally:
        loaded.close()
    machine_line({"url": url, "seconds": round(time.monotonic() - began, 1), **counts})


def name_of(model: str) -> str:
    """Return the name that a checkpoint folder is served under: its last two parts, without what is this machine's.

    >>> name_of("/some/where/weights/small"), name_of("weights/small/")
    ('weights/small', 'weights/small')
    """
    return "/".join([part for part in model.split("/") if part not in ("", ".", "..")][-2:]) or "model"
