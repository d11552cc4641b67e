"""A plan as tables for people: hosts, cards, services, the order of starts, and what is spare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from toolkit.units import MIB, about_gib

if TYPE_CHECKING:
    from toolkit.cli.options import Common
    from toolkit.planning.plan import Card, HostPlan, Plan
    from toolkit.planning.plan_service import ServicePlan

_BAR = 24
_NARROW = 80


def print_plan(common: Common, plan: Plan) -> None:
    """Print the tables on standard output: as wide as the terminal, 80 columns elsewhere, and there without colours."""
    console = Console(no_color=True if common.no_color else None, highlight=False)
    if console.is_terminal:
        console.print(_tables(plan, console), end="")
        return
    console.width = _NARROW
    with console.capture() as captured:
        console.print(_tables(plan, console), end="")
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _tables(plan: Plan, console: Console) -> Group:
    full, light, rest = "█▒░" if console.encoding.lower().startswith("utf") else "#+."
    every = (*plan.services, *plan.reserved)
    parts: list[RenderableType] = [
        _title(plan),
        _hosts(plan, every, (full, light, rest)),
        Text(f"{full} planned  {light} kept for system and engine  {rest} spare", "dim"),
        *(_beside(plan, host, every) for host in plan.hosts),
    ]
    if any(host.cards for host in plan.hosts):
        parts += ["", _cards(plan, every, (full, rest))]
    parts += ["", _services(every), "", _waves(plan), *_told(plan)]
    return Group(*parts)


def _beside(plan: Plan, host: HostPlan, every: Sequence[ServicePlan]) -> Text:
    """Return what else a host has to hold: its disk, and shared memory, which counts within the limits."""
    disk = plan.reasons[f"hosts.{host.name}.disk_needed"].value
    of = "" if host.disk_bytes is None else f" of {about_gib(host.disk_bytes)}"
    shared = sum((s.shm_bytes or 0) * s.replicas for s in every if s.host == host.name)
    text = f"{host.name}: disk {about_gib(int(str(disk)))}{of} for images, models, logs"
    return Text(f"{text}; up to {about_gib(shared)} of the memory shared" if shared else text, "dim")


def _title(plan: Plan) -> Text:
    cards = sum(len(host.cards) for host in plan.hosts)
    counted = [
        _count(len(plan.hosts), "host"),
        _count(cards, "card"),
        _count(len(plan.services), "service"),
        *([f"{len(plan.reserved)} reserved"] if plan.reserved else []),
    ]
    return Text(f"{plan.project}: {', '.join(counted)}", "bold")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    for name, justify in columns:
        right = justify == "right"
        table.add_column(
            name,
            justify="right" if right else "left",
            no_wrap=justify != "fold",
            overflow="fold" if justify == "fold" else "ellipsis",
        )
    return table


def _hosts(plan: Plan, every: Sequence[ServicePlan], marks: tuple[str, str, str]) -> Table:
    table = _table(
        ("HOST", ""),
        ("MEMORY", ""),
        ("OF", "right"),
        ("PLANNED", "right"),
        ("SPARE", "right"),
        ("CPUS", "right"),
    )
    for host in plan.hosts:
        here = [service for service in every if service.host == host.name]
        limits = sum(service.cpus * service.replicas for service in here if not service.on_demand)
        table.add_row(
            host.name,
            _memory_bar(host, marks),
            about_gib(host.memory_bytes),
            about_gib(host.planned_bytes),
            about_gib(host.free_bytes),
            f"{limits:g} of {host.cpus:g}",
        )
    return table


def _memory_bar(host: HostPlan, marks: tuple[str, str, str]) -> Text:
    planned = round(_BAR * host.planned_bytes / host.memory_bytes)
    kept = min(_BAR - planned, max(1, round(_BAR * host.headroom_bytes / host.memory_bytes)))
    parts = (
        (marks[0] * planned, "green"),
        (marks[1] * kept, "yellow"),
        (marks[2] * (_BAR - planned - kept), "dim"),
    )
    return Text.assemble(*parts)


def _cards(plan: Plan, every: Sequence[ServicePlan], marks: tuple[str, str]) -> Table:
    table = _table(("CARD", ""), ("NAME", ""), ("OF", "right"), ("PLANNED", ""), ("SERVICES", "fold"))
    for host in plan.hosts:
        for card in host.cards:
            mine = [s for s in every if s.host == host.name and any(p.index == card.index for p in s.gpus)]
            table.add_row(
                f"{host.name}:{card.index}",
                card.name.removeprefix("NVIDIA "),
                about_gib(card.memory_bytes),
                _card_bar(plan, mine, marks),
                ", ".join(_share(plan, service, card) for service in mine) or "none: it is spare",
            )
    return table


def _card_bar(plan: Plan, services: Iterable[ServicePlan], marks: tuple[str, str]) -> Text:
    taken = sum(_part(plan, service) for service in services if not service.on_demand)
    width = _BAR // 2
    filled = min(width, round(width * taken))
    return Text.assemble((marks[0] * filled, "green"), (marks[1] * (width - filled), "dim"), f" {taken:4.0%}")


def _part(plan: Plan, service: ServicePlan) -> float:
    """Return what a service takes of each of its cards: a model server its flag, others their share."""
    reason = plan.reasons.get(f"services.{service.part_of}.flags.gpu_memory_utilization")
    if reason is not None and isinstance(reason.value, float):
        return reason.value
    return service.gpus[0].share if service.gpus else 0.0


def _share(plan: Plan, service: ServicePlan, card: Card) -> str:
    del card
    demand = ", on demand" if service.on_demand else ""
    return f"{service.name} {_part(plan, service):.0%}{demand}"


def _services(every: Sequence[ServicePlan]) -> Table:
    table = _table(
        ("SERVICE", ""), ("HOST", ""), ("MEMORY", "right"), ("CPUS", "right"), ("CARDS", ""), ("IMAGE", "")
    )
    for service in every:
        times = f"{service.replicas} × " if service.replicas > 1 else ""
        table.add_row(
            service.name,
            service.host,
            times + _amount(service.memory_bytes),
            f"{service.cpus:g}",
            ",".join(str(pin.index) for pin in service.gpus),
            _image(service),
        )
    return table


def _amount(amount: int) -> str:
    return about_gib(amount) if amount >= 1024 * MIB else f"{amount // MIB} MiB"


def _image(service: ServicePlan) -> Text:
    if service.reserved:
        return Text("reserved: no image yet", "dim")
    name = service.image.rpartition("/")[2]
    return Text.assemble(name, (" (on demand)", "yellow") if service.on_demand else "")


def _waves(plan: Plan) -> Table:
    table = _table(("START", "right"), ("SERVICES", "fold"))
    for number, wave in enumerate(plan.start_order, 1):
        table.add_row(str(number), ", ".join(wave))
    asked = [service.name for service in plan.services if service.on_demand]
    if asked:
        table.add_row("–", f"{', '.join(asked)}: on demand, `toolkit start`")
    return table


def _told(plan: Plan) -> list[RenderableType]:
    """What is no fault, and still worth knowing: sums that would be too much if everything came at once."""
    rare = [
        f"  {key}: {reason.formula}"
        for key, reason in plan.reasons.items()
        if key.endswith("_together") and "is more than" in reason.formula
    ]
    models = [
        f"  {key}: {reason.value}"
        for key, reason in plan.reasons.items()
        if key.endswith(".kv_sequences") and reason.value
    ]
    found: list[RenderableType] = []
    if models:
        found += [
            "",
            Text("Requests of full length that each cache holds at once, most likely:", "bold"),
            *models,
        ]
    if rare:
        found += ["", Text("Told, not refused, since it is rare:", "bold"), *rare]
    return [*found, "", Text(f"Why: toolkit explain {_example(plan)}", "dim")]


def _example(plan: Plan) -> str:
    known = ("services.mariadb.innodb_buffer_pool_size", "services.llm_general.kv_memory")
    return next((key for key in known if key in plan.reasons), next(iter(plan.reasons)))
