"""Measure every landmark net on this device: images a second, memory, compile time, and the share of the device's peak.

Each net runs in a separate process (`one_net`). So does the same net of keras.applications and, if it is
installed, of torchvision.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from convcourse.errors import CourseError
from convcourse.operations.benchmarks.one_net import APPLICATIONS, CONVCOURSE, FLOAT32, MIXED, TORCHVISION, Job, as_text

# Our name -> the names of the same net in keras.applications and torchvision; None if they do not have it.
PEERS: dict[str, tuple[str | None, str | None]] = {
    "AlexNet, one tower": (None, "alexnet"),
    "ConvNeXt-T": ("ConvNeXtTiny", "convnext_tiny"),
    "ConvNeXt-S": ("ConvNeXtSmall", "convnext_small"),
    "ConvNeXt-B": ("ConvNeXtBase", "convnext_base"),
    "DenseNet-121": ("DenseNet121", "densenet121"),
    "DenseNet-161": (None, "densenet161"),
    "DenseNet-169": ("DenseNet169", "densenet169"),
    "DenseNet-201": ("DenseNet201", "densenet201"),
    **{f"EfficientNet-B{n}": (f"EfficientNetB{n}", f"efficientnet_b{n}") for n in range(8)},
    "EfficientNetV2-S": ("EfficientNetV2S", "efficientnet_v2_s"),
    "GoogLeNet": (None, "googlenet"),
    "Inception-ResNet-v2": ("InceptionResNetV2", None),
    "Inception v3": ("InceptionV3", "inception_v3"),
    "MobileNet 1": ("MobileNet", None),
    "MobileNetV2": ("MobileNetV2", "mobilenet_v2"),
    "MobileNetV3-Large": ("MobileNetV3Large", "mobilenet_v3_large"),
    "MobileNetV3-Small": ("MobileNetV3Small", "mobilenet_v3_small"),
    "NASNet-A Mobile": ("NASNetMobile", None),
    **{
        f"RegNet{kind}-{size}": (None, f"regnet_{kind.lower()}_{size.lower().replace('.', '_')}")
        for kind in "XY"
        for size in ("400MF", "800MF", "1.6GF", "3.2GF", "8GF")
    },
    "ResNet-18": (None, "resnet18"),
    "ResNet-34": (None, "resnet34"),
    "ResNet-50": (None, "resnet50"),
    "ResNet-101": (None, "resnet101"),
    "ResNet-152": (None, "resnet152"),
    "ResNet-50 (Keras)": ("ResNet50", None),
    "ResNet-50V2 (Keras)": ("ResNet50V2", None),
    "ResNet-101V2 (Keras)": ("ResNet101V2", None),
    "ResNet-152V2 (Keras)": ("ResNet152V2", None),
    "ResNeXt-50 (32×4d)": (None, "resnext50_32x4d"),
    "ShuffleNet v2 0.5": (None, "shufflenet_v2_x0_5"),
    "ShuffleNet v2 1": (None, "shufflenet_v2_x1_0"),
    "ShuffleNet v2 1.5": (None, "shufflenet_v2_x1_5"),
    "ShuffleNet v2 2": (None, "shufflenet_v2_x2_0"),
    "SqueezeNet 1.0": (None, "squeezenet1_0"),
    "SqueezeNet 1.1": (None, "squeezenet1_1"),
    "VGG A": (None, "vgg11"),
    "VGG B": (None, "vgg13"),
    "VGG D": ("VGG16", "vgg16"),
    "VGG E": ("VGG19", "vgg19"),
    "Xception": ("Xception", None),
}
SHORT = {CONVCOURSE: "ours", APPLICATIONS: "Keras's", TORCHVISION: "torch's"}
# A training step costs about three times the multiply-adds of inference. A multiply-add is two operations.
OPERATIONS = {"inference": 2, "training": 6}
REDUCED_SIDE, REDUCED_BATCHES, BATCHES = 96, (1, 4), (1, 8, 32, 128)
LIMIT_SECONDS = 1800  # for one net in all ways


def bench_nets(
    names: Sequence[str],
    batches: Sequence[int],
    side: int | None,
    say: Callable[[str], None],
    precisions: tuple[str, ...] = (FLOAT32, MIXED),
    progress: Callable[[Sequence[Job]], Iterator[Job]] = iter,
) -> dict[str, Any]:
    """Measure nets by name (all nets if no name is given) with their peers, one process each.

    batches: sizes, the device's usual sizes if empty; side: rows and cols, as published (on a CPU 96) if None.
    precisions: FLOAT32, MIXED or both. say: gets a line before each step, and a line for each failure.
    Returns "about" (device, versions, peak, sizes) and "rows", one for each measurement or failure.
    """
    jobs = _jobs(names)
    about = _about()
    on_cpu = about["kind"] == "CPU"
    reduced = on_cpu and side is None
    side = REDUCED_SIDE if reduced else side
    batches = tuple(sorted(batches)) or (REDUCED_BATCHES if on_cpu else BATCHES)
    peaks = ", ".join(f"{kind} {peak / 1e9:,.0f}" for kind, peak in about["peak"].items())
    say(f"{about['device']}, {about['backend']}; large matrix product, billion operations a second: {peaks}")
    if reduced:
        say(f"No GPU: images of at most {side} × {side}. Full size: --size 299. All nets take hours here; name a few.")
    about |= {"side": side, "batches": list(batches), "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    rows: list[dict[str, Any]] = []
    for job in progress(jobs):
        sized = Job(job.net, job.library, job.name, batches, side, precisions, seconds=0.3 if on_cpu else 1.0)
        for row in _run(sized):
            if "error" in row:
                say(f"{job.net} ({job.library}){_way(row)}: {row['error']}")
            else:
                done = row["images_per_second"] * row["macs"] * OPERATIONS[row["work"]]
                row["share_of_peak"] = done / about["peak"][row["precision"]]
            rows.append(row)
    return {"about": about, "rows": rows}


def _jobs(names: Sequence[str]) -> list[Job]:
    """Our nets, each followed by its peers. Raises CourseError for an unknown net."""
    from convcourse.quiet import quietly

    with quietly():
        from convcourse.nets.table import published_nets

        known = [net.name for net in published_nets()]
    if unknown := [name for name in names if name not in known]:
        raise CourseError(f"no net called {', '.join(map(repr, unknown))}; the nets are {', '.join(known)}")
    torch_too = importlib.util.find_spec("torchvision") is not None
    jobs = []
    for net in names or known:
        applications, torchvision = PEERS.get(net, (None, None))
        jobs.append(Job(net, CONVCOURSE, net, ()))
        jobs += [Job(net, APPLICATIONS, applications, ())] if applications else []
        jobs += [Job(net, TORCHVISION, torchvision, ())] if torchvision and torch_too else []
    return jobs


def _about() -> dict[str, Any]:
    done = subprocess.run(_command("device"), capture_output=True, text=True, env=_environment(), check=False)
    if done.returncode:
        raise CourseError(f"the backend does not start: {_last_line(done.stderr)}")
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def _run(job: Job) -> Iterator[dict[str, Any]]:
    """The lines of a process that measures one net. If the process fails, the last row says why."""
    failed = {"net": job.net, "library": job.library, "name": job.name}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        try:
            command = _command(as_text(job))
            code = subprocess.run(
                command, stdout=out, stderr=err, env=_environment(), timeout=LIMIT_SECONDS, check=False
            ).returncode
            problem = ""
        except subprocess.TimeoutExpired:
            code, problem = 1, f"stopped after {LIMIT_SECONDS} s"
        for file in (out, err):
            file.seek(0)
        yield from (json.loads(line) for line in out if line.startswith("{") and line.endswith("}\n"))
        if code:
            yield failed | {"error": problem or _last_line(err.read()) or f"ended with code {code}"}


def _command(argument: str) -> list[str]:
    return [sys.executable, "-m", "convcourse.operations.benchmarks.one_net", argument]


def _environment() -> dict[str, str]:
    return {"TF_CPP_MIN_LOG_LEVEL": "3", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"} | os.environ


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1][:200]


def _way(row: dict[str, Any]) -> str:
    if "batch" not in row:
        return ""
    return f", {row['precision']}{' XLA' if row['xla'] else ''}, {row['work']}, batch {row['batch']}"


# --- reports -----------------------------------------------------------------------------------


def result_table(figures: dict[str, Any]) -> Table:
    """A line for each net, library, precision and way of compiling, at the fastest batch size."""
    about = figures["about"]
    backend = about["backend"]
    table = Table(
        *("net", "of", "way", "batch", "looks/s", "trained/s", "ms", "compile s", "MB", "of peak"),
        title=f"{about['device']}, {backend} {about['versions'][backend]}, {about['date']}",
        caption="At the batch where training is quickest. looks/s, trained/s: images a second, inference and training; "
        "ms: a training step; MB: largest memory, of the device on a GPU, of the whole process on a CPU; "
        "of peak: of the large matrix product.",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in table.columns[3:]:
        column.justify = "right"
    for (net, library, precision, xla), rows in _grouped(figures["rows"]).items():
        training, looks = _quickest(rows, "training"), _quickest(rows, "inference")
        best = training or looks
        if best is None:
            continue
        kind = precision if precision == FLOAT32 else about["mixed"].removeprefix("mixed_")
        table.add_row(
            *(net, SHORT[library], f"{kind} XLA" if xla else kind, str(best["batch"])),
            f"{looks['images_per_second']:,.0f}" if looks else "–",
            f"{training['images_per_second']:,.0f}" if training else "–",
            *(f"{best['ms_per_step']:,.1f}", f"{best['compile_s']:,.1f}", f"{best['peak_memory_mb']:,.0f}"),
            f"{best['share_of_peak']:.1%}",
        )
    return table


def _grouped(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str, str, bool], list[dict[str, Any]]]:
    groups: dict[tuple[str, str, str, bool], list[dict[str, Any]]] = {}
    for row in rows:
        if "error" not in row:
            groups.setdefault((row["net"], row["library"], row["precision"], row["xla"]), []).append(row)
    return groups


def _quickest(rows: Sequence[dict[str, Any]], work: str) -> dict[str, Any] | None:
    return max((row for row in rows if row["work"] == work), key=lambda row: row["images_per_second"], default=None)


def speed_figure(figures: dict[str, Any]) -> tuple[Any, str]:
    """Plot accuracy against speed, for the fastest way of each net. The bubble's area is the number of parameters.

    The accuracy is the published accuracy at the published size. Returns the figure and its text alternative.
    """
    from matplotlib.ticker import LogLocator, NullFormatter

    from convcourse.figures import BLUE, GREEN, ORANGE, new_figure
    from convcourse.nets.table import published_nets

    accuracies = {net.name: 100 - net.top1 for net in published_nets() if net.top1 is not None}
    figure, axes = new_figure(width=10, height=6)
    about, points = figures["about"], []
    for library, colour, mark in ((CONVCOURSE, BLUE, "o"), (APPLICATIONS, ORANGE, "s"), (TORCHVISION, GREEN, "^")):
        own = [row for row in figures["rows"] if row["library"] == library and "error" not in row]
        nets = [net for net in dict.fromkeys(row["net"] for row in own) if net in accuracies]
        best = [_quickest([row for row in own if row["net"] == net], "inference") for net in nets]
        found = [(row, accuracies[row["net"]]) for row in best if row is not None]
        if not found:
            continue
        speeds, right = [row["images_per_second"] for row, _ in found], [share for _, share in found]
        sizes = [8 * row["parameters"] / 1e6 + 20 for row, _ in found]
        axes.scatter(speeds, right, s=sizes, c=colour, marker=mark, alpha=0.55, edgecolors="black", label=library)
        for (row, share), speed in zip(found, speeds, strict=True):
            if library == CONVCOURSE:
                axes.annotate(row["net"], (speed, share), (4, 5), textcoords="offset points", fontsize=8)
            points.append(f"{row['net']} of {library} {speed:,.0f} a second, {share:.1f} %")
    side = f"at most {about['side']} × {about['side']}" if about["side"] else "published size"
    axes.set(title=f"Accuracy and speed: {about['device']}, {about['backend']}, images of {side}")
    axes.set(xlabel="images a second, inference", ylabel="published top-1 accuracy, per cent")
    if points:
        axes.set_xscale("log")
        axes.set_xlim(axes.get_xlim()[0] / 2, axes.get_xlim()[1] * 3)  # room for the names
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.margins(y=0.15)
        axes.legend(loc="lower left", markerscale=0.6, title="area: parameters")
    return figure, f"Accuracy against images a second: {'; '.join(points) or 'none of these nets has a published accuracy'}."
