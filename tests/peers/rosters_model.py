"""One linear model of a roster with named people, breaks and company, for any solver of 0-1 programmes.

A binary per agent, day and shift; a binary per agent and cell for the start of a rest and of a meal; who is on shift and on break by cell are
sums of these. All limits of the generated requests are multiples of a quarter of an hour, so nothing is lost by cells of that length.
"""

from rosters_instance import CELL

EDGE, SHORTEST, LONGEST = 3, 3, 8
MEAL_FROM, MEAL_TO = 10, 20
COMPANIONS = 2
BETWEEN, WEEKLY = 660, 2100


class Model:
    """Variables are numbered; `rows` are (terms, least, most) with terms as {variable: factor}."""

    def __init__(self):
        self.upper, self.cost, self.rows = [], [], []

    def binary(self):
        return self.variable(1, 0)

    def variable(self, upper, cost):
        self.upper.append(upper)
        self.cost.append(cost)
        return len(self.upper) - 1

    def row(self, terms, least=None, most=None):
        self.rows.append((terms, least, most))


def add(terms, more, factor=1):
    for variable, value in more.items():
        terms[variable] = terms.get(variable, 0) + factor * value
    return {variable: value for variable, value in terms.items() if value}


def build(instance):
    """The model, and per agent and day its shifts and breaks as (option, variable) and (kind, cell, variable)."""
    model = Model()
    days = {}
    for number, agent in enumerate(instance.agents):
        for day in range(instance.days):
            if agent.options[day]:
                days[number, day] = agent_day(model, agent.options[day])
        week_rules(model, instance, agent, [days.get((number, day)) for day in range(instance.days)])
    teams = {}
    for number, agent in enumerate(instance.agents):
        teams.setdefault(agent.team, []).append(number)
    for members in teams.values():
        for day in range(instance.days):
            company(model, [days[number, day] for number in members if (number, day) in days])
    for day, required in enumerate(instance.required):
        for cell, people in enumerate(required):
            if people:
                terms = {model.variable(people, CELL): 1}
                for (_, other), own in days.items():
                    if other == day and cell in own["on"]:
                        terms = add(terms, own["on"][cell])
                        terms = add(terms, own["away"].get(cell, {}), -1)
                model.row(terms, least=people)
    return model, days


def agent_day(model, options):
    shifts = [(option, model.binary()) for option in options]
    model.row({variable: 1 for _, variable in shifts}, most=1)
    on = {}
    for option, variable in shifts:
        for cell in range(option.start, option.start + option.length):
            on.setdefault(cell, {})[variable] = 1
    breaks, starts, away = [], {}, {}
    for kind, size in (("rest", 1), ("meal", 2)):
        for cell in sorted(on):
            allowed = {
                variable: 1
                for option, variable in shifts
                if option.start + EDGE <= cell
                and cell + size + EDGE <= option.start + option.length
                and (kind == "rest" or (option.meals and option.start + MEAL_FROM <= cell <= option.start + MEAL_TO))
            }
            if allowed:
                variable = model.binary()
                model.row(add({variable: 1}, allowed, -1), most=0)
                breaks.append((kind, cell, variable))
                starts.setdefault(cell, []).append((size, variable))
                for here in range(cell, cell + size):
                    away.setdefault(here, {})[variable] = 1
    for kind, count in (("rest", lambda option: option.rests), ("meal", lambda option: option.meals)):
        terms = {variable: 1 for name, _, variable in breaks if name == kind}
        model.row(add(terms, {variable: count(option) for option, variable in shifts}, -1), least=0, most=0)
    for cell, here in starts.items():
        for size, variable in here:
            near = {v: 1 for other in range(cell, cell + size + SHORTEST) for _, v in starts.get(other, []) if v != variable}
            if near:
                model.row({variable: len(near)} | near, most=len(near))
    for first in sorted(on):
        last = first + LONGEST
        if last in on:
            terms = {}
            for cell in range(first, last + 1):
                terms = add(terms, away.get(cell, {}))
            both = {v: 1 for option, v in shifts if option.start <= first and last < option.start + option.length}
            model.row(add(terms, both, -1), least=0)
    return {"shifts": shifts, "on": on, "breaks": breaks, "away": away}


def company(model, members):
    """Fifteen minutes of break with two team-mates in each shift, and no rest alone where somebody is on shift."""
    for own in members:
        others = [other for other in members if other is not own]
        social = {}
        for cell, away in own["away"].items():
            together = model.binary()
            social[together] = 1
            model.row(add({together: 1}, away, -1), most=0)
            terms = {together: COMPANIONS}
            for other in others:
                terms = add(terms, other["away"].get(cell, {}), -1)
            model.row(terms, most=0)
        model.row(add(social, {variable: 1 for _, variable in own["shifts"]}, -1), least=0)
        for kind, cell, variable in own["breaks"]:
            if kind != "rest":
                continue
            with_me = {}
            for other in others:
                with_me = add(with_me, other["away"].get(cell, {}))
            for other in others:
                there = add({variable: 1}, other["on"].get(cell, {}))
                model.row(add(there, with_me, -1), most=1)


def week_rules(model, instance, agent, days):
    present = [own for own in days if own]
    if not present:
        return
    paid = {variable: option.paid for own in present for option, variable in own["shifts"]}
    model.row(paid, least=agent.least, most=agent.most)
    model.row({variable: 1 for variable in paid}, most=min(agent.days, 5 if instance.days == 7 else 7))

    def clash(own, later, gap_days, gap, guard=None):
        for start in sorted({option.start for option, _ in later["shifts"]}) if later else []:
            terms = {v: 1 for o, v in own["shifts"] if start * CELL + gap_days * 1440 - (o.start + o.length) * CELL < gap} if own else {}
            if terms:
                terms |= {v: 1 for o, v in later["shifts"] if o.start <= start}
                model.row(terms | ({guard: 1} if guard is not None else {}), most=2 if guard is not None else 1)

    for day in range(1, len(days)):
        clash(days[day - 1], days[day], 1, BETWEEN)
    if instance.days != 7:
        return
    resting = []
    for day in range(7):
        rest = model.binary()
        resting.append(rest)
        if days[day]:
            model.row({rest: 1} | {v: 1 for _, v in days[day]["shifts"]}, most=1)
        before, after = days[day - 1] if day > 0 else None, days[day + 1] if day < 6 else None
        if before and after:
            clash(before, after, 2, WEEKLY, rest)
        elif after:
            for option, variable in after["shifts"]:
                if option.start * CELL + 1440 < WEEKLY:
                    model.row({rest: 1, variable: 1}, most=1)
        elif before:
            for option, variable in before["shifts"]:
                if 2880 - (option.start + option.length) * CELL < WEEKLY:
                    model.row({rest: 1, variable: 1}, most=1)
    model.row({rest: 1 for rest in resting}, least=1)


def shifts_of(instance, days, value):
    """The roster that values of the variables say, as (agent, day, option, breaks)."""
    found = []
    for (number, day), own in days.items():
        for option, variable in own["shifts"]:
            if value(variable) > 0.5:
                breaks = [(kind, cell) for kind, cell, taken in own["breaks"] if value(taken) > 0.5]
                found.append((instance.agents[number], day, option, breaks))
    return found
