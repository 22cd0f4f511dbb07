"""A generated request as numbers: days, agents, the shifts each may work; and a roster written back for the verifier.

Times are minutes after midnight of each local day; cells are quarters of an hour. Only what `fika generate` makes is read: one template
without overnight shifts, rests of one cell, meals of two, no wall-clock windows.
"""

import datetime
import itertools
import math
import zoneinfo
from dataclasses import dataclass, field

CELL = 15
CELLS = {"rest": 1, "meal": 2}
DAY_NAMES = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]


@dataclass(frozen=True)
class Option:
    """A shift of a day: first cell, cells, paid minutes, rests, meals, template."""

    start: int
    length: int
    paid: int
    rests: int
    meals: int
    template: str


@dataclass
class Agent:
    id: str
    team: str
    queues: frozenset
    options: list  # per day
    least: int
    most: int
    days: int


@dataclass
class Instance:
    request: dict
    zone: zoneinfo.ZoneInfo
    first: datetime.date
    days: int
    required: list  # per day, cell and queue
    queues: list  # (id, skill)
    agents: list = field(default_factory=list)

    def crowds(self, day, cell):
        """Each set of queues with what it requires: as (people, queues). A person serves one queue at a time, so by Hall's theorem
        people are short by the most that any set of queues requires above those who can serve one of it."""
        needed = self.required[day][cell]
        busy = [queue for queue, people in enumerate(needed) if people]
        for size in range(1, len(busy) + 1):
            for some in itertools.combinations(busy, size):
                yield sum(needed[queue] for queue in some), frozenset(some)


def minutes(text):
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


def read(request):
    """The instance of a request."""
    first = datetime.date.fromisoformat(request["horizon"]["firstDate"])
    days = request["horizon"]["days"]
    curves = {one["queueId"]: [math.ceil(value) for value in one["requiredPeople"]] for one in request["demand"]["queues"]}
    queues = [(queue["id"], queue["skillId"]) for queue in request["queues"]]
    per_day = 24 * 60 // CELL
    if any(len(curve) != days * per_day for curve in curves.values()):
        raise ValueError("a day of 23 or 25 hours lies in the horizon")
    required = [[[curves[queue][day * per_day + cell] for queue, _ in queues] for cell in range(per_day)] for day in range(days)]
    instance = Instance(request, zoneinfo.ZoneInfo(request["site"]["timeZone"]), first, days, required, queues)
    contracts = {contract["id"]: contract for contract in request["contracts"]}
    for agent in sorted(request["agents"], key=lambda agent: agent["id"]):
        instance.agents.append(agent_of(instance, agent, contracts[agent["contractId"]]))
    return instance


def agent_of(instance, agent, contract):
    credited = sum(absence.get("creditedMinutes", 0) for absence in agent.get("absences", []))
    week = contract["weekPaidMinutes"]
    skills = {skill["skillId"] for skill in agent["skills"]}
    return Agent(
        agent["id"],
        agent["teamId"],
        frozenset(number for number, (_, skill) in enumerate(instance.queues) if skill in skills),
        [day_options(instance, agent, contract, day) for day in range(instance.days)],
        max(0, week.get("least", 0) * instance.days // 7 - credited),
        week["most"] - credited,
        contract["mostDaysPerWeek"],
    )


def day_options(instance, agent, contract, day):
    date = instance.first + datetime.timedelta(days=day)
    lengths = contract["shiftLengthMinutes"]
    found = []
    for template in instance.request["shiftTemplates"]:
        starts = range(minutes(template["startFrom"]), minutes(template["startTo"]) + 1, template["startStepMinutes"])
        sizes = range(template["lengthFromMinutes"], template["lengthToMinutes"] + 1, template["lengthStepMinutes"])
        for start in starts:
            for length in sizes:
                # Past midnight no queue of a generated request is open.
                end = start + length
                fits = lengths["least"] <= length <= lengths["most"] and end <= 24 * 60 and available(agent, date, start, end)
                if fits and not absent(instance, agent, date, start, length):
                    found.append(option(instance.request, start, length, template["id"]))
    return found


def option(request, start, length, template):
    rests = meals = unpaid = 0
    for rule in request["breakRules"]:
        if rule.get("shiftLongerThanMinutes", 0) < length <= rule["shiftAtMostMinutes"]:
            rests += rule["count"] if rule["kind"] == "REST" else 0
            meals += rule["count"] if rule["kind"] == "MEAL" else 0
            unpaid += 0 if rule.get("paid") else rule["count"] * rule["lengthMinutes"]
    return Option(start // CELL, length // CELL, length - unpaid, rests, meals, template)


def available(agent, date, start, end):
    windows = agent.get("availability", [])
    day = DAY_NAMES[date.weekday()]
    of_day = [w for w in windows if not w.get("weekdays") or day in w["weekdays"]]
    return not windows or any(minutes(w.get("from", "00:00")) <= start and end <= minutes(w.get("to", "24:00")) for w in of_day)


def instant(instance, date, minute):
    midnight = datetime.datetime.combine(date, datetime.time(), instance.zone)
    return midnight.astimezone(datetime.timezone.utc) + datetime.timedelta(minutes=minute)


def absent(instance, agent, date, start, length):
    begin = instant(instance, date, start)
    end = begin + datetime.timedelta(minutes=length)
    for absence in agent.get("absences", []):
        from_ = datetime.datetime.fromisoformat(absence["start"].replace("Z", "+00:00"))
        to = from_ + datetime.timedelta(minutes=absence["lengthMinutes"])
        if begin < to and from_ < end:
            return True
    return False


def on_phones(option, breaks):
    """The cells of a shift, each with 1 where its agent takes calls."""
    away = {cell for kind, first in breaks for cell in range(first, first + CELLS[kind])}
    return [(cell, 1) for cell in range(option.start, option.start + option.length) if cell not in away]


def short_minutes(instance, there):
    """Person-minutes short of the requirement, and required; `there` is [[{queues: people}]] by day and cell."""
    short = required = 0
    for day, cells in enumerate(instance.required):
        for cell, needed in enumerate(cells):
            required += sum(needed)
            lacking = [
                people - sum(count for able, count in there[day][cell].items() if able & queues)
                for people, queues in instance.crowds(day, cell)
            ]
            short += max([0, *lacking])
    return short * CELL, required * CELL


def roster(instance, shifts):
    """The roster as the verifier reads it."""
    rows = {agent.id: [] for agent in instance.agents}
    team = {agent.id: agent.team for agent in instance.agents}
    away = [(a.id, day, first, first + CELLS[kind]) for a, day, _, breaks in shifts for kind, first in breaks]
    for agent, day, chosen, breaks in sorted(shifts, key=lambda shift: shift[1]):
        date = instance.first + datetime.timedelta(days=day)

        def at(cell, date=date):
            return instant(instance, date, cell * CELL).strftime("%Y-%m-%dT%H:%M:%SZ")

        activities, here = [], chosen.start
        for kind, first in sorted(breaks, key=lambda one: one[1]) + [(None, chosen.start + chosen.length)]:
            if first > here:
                queues = [instance.queues[number][0] for number in sorted(agent.queues)]
                work = {"code": "on_queue", "category": "ON_QUEUE", "paid": True, "queueIds": queues}
                activities.append(work | {"start": at(here), "lengthMinutes": (first - here) * CELL})
            if kind is None:
                break
            here = first + CELLS[kind]
            mates = [a for a, d, f, t in away if d == day and a != agent.id and team[a] == agent.team and f < here and first < t]
            category = "MEAL" if kind == "meal" else "REST_BREAK"
            rest = {"code": kind, "category": category, "paid": kind == "rest", "companionIds": sorted(set(mates))}
            activities.append(rest | {"start": at(first), "lengthMinutes": (here - first) * CELL})
        rows[agent.id].append(
            {
                "id": f"{agent.id}:{date}",
                "start": at(chosen.start),
                "lengthMinutes": chosen.length * CELL,
                "templateId": chosen.template,
                "activities": activities,
            }
        )
    common = {
        "rosterId": "peer",
        "requestId": instance.request["id"],
        "generation": "1",
        "timeZone": instance.request["site"]["timeZone"],
        "period": {"firstDate": str(instance.first), "days": instance.days},
    }
    return {"agents": [common | {"agentId": a.id, "teamId": a.team, "shifts": rows[a.id]} for a in instance.agents]}
