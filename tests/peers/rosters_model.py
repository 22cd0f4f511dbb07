"""One linear model of a roster with named people, breaks and company, for any solver of 0-1 programmes.

A binary per agent, day and shift; a binary per agent and cell for the start of a rest and of a meal. Breaks are implicit: no pattern is
listed, and any two that are too near are in a row "at most one". Who is on shift and on break by cell, and how many of a team are on
break, are variables of their own, so that the rows about company stay short. All limits of the generated requests are multiples of a
quarter of an hour, so nothing is lost by cells of that length.
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
        present = [own for (_, other), own in days.items() if other == day]
        for cell, people in enumerate(required):
            if people:
                terms = {model.variable(people, CELL): 1}
                terms.update({own["on"][cell]: 1 for own in present if cell in own["on"]})
                terms.update({own["away"][cell]: -1 for own in present if cell in own["away"]})
                model.row(terms, least=people)
    return model, days


def summed(model, parts, upper=1):
    """A variable that is the sum of others."""
    variable = model.variable(upper, 0)
    model.row({variable: 1} | {part: -1 for part in parts}, least=0, most=0)
    return variable


def agent_day(model, options):
    shifts = [(option, model.binary()) for option in options]
    model.row({variable: 1 for _, variable in shifts}, most=1)
    covers = {}
    for option, variable in shifts:
        for cell in range(option.start, option.start + option.length):
            covers.setdefault(cell, []).append(variable)
    on = {cell: summed(model, parts) for cell, parts in sorted(covers.items())}
    breaks, starts, here = [], {"rest": {}, "meal": {}}, {}
    for kind, size in (("rest", 1), ("meal", 2)):
        for cell in on:
            allowed = {
                variable: -1
                for option, variable in shifts
                if option.start + EDGE <= cell
                and cell + size + EDGE <= option.start + option.length
                and (kind == "rest" or (option.meals and option.start + MEAL_FROM <= cell <= option.start + MEAL_TO))
            }
            if allowed:
                variable = model.binary()
                model.row({variable: 1} | allowed, most=0)
                breaks.append((kind, cell, variable))
                starts[kind][cell] = variable
                for taken in range(cell, cell + size):
                    here.setdefault(taken, []).append(variable)
    away = {cell: summed(model, parts) for cell, parts in sorted(here.items())}
    for kind, count in (("rest", lambda option: option.rests), ("meal", lambda option: option.meals)):
        counts = {variable: -count(option) for option, variable in shifts if count(option)}
        model.row({variable: 1 for variable in starts[kind].values()} | counts, least=0, most=0)
    for cell in on:
        near = [starts[kind].get(other) for kind in starts for other in range(cell, cell + 1 + SHORTEST)]
        after = [starts[kind].get(other) for kind in starts for other in range(cell + 1, cell + 2 + SHORTEST)]
        for clique in (near, [starts["meal"].get(cell)] + after):
            terms = {variable: 1 for variable in clique if variable is not None}
            if len(terms) > 1:
                model.row(terms, most=1)
        last = cell + LONGEST
        if last in on:
            both = {v: -1 for option, v in shifts if option.start <= cell and last < option.start + option.length}
            if both:
                model.row({away[other]: 1 for other in range(cell, last + 1) if other in away} | both, least=0)
    return {"shifts": shifts, "on": on, "breaks": breaks, "away": away}


def company(model, members):
    """Fifteen minutes of break with two team-mates in each shift, and no rest alone where somebody is on shift."""
    cells = sorted({cell for own in members for cell in own["away"]})
    there = {cell: [own["away"][cell] for own in members if cell in own["away"]] for cell in cells}
    group = {cell: summed(model, there[cell], len(there[cell])) for cell in cells}
    for own in members:
        social = {}
        for cell, away in own["away"].items():
            together = model.binary()
            social[together] = 1
            model.row({together: 1, away: -1}, most=0)
            model.row({together: COMPANIONS, away: 1, group[cell]: -1}, most=0)
        model.row(social | {variable: -1 for _, variable in own["shifts"]}, least=0)
        for kind, cell, variable in own["breaks"]:
            if kind == "rest":
                for other in members:
                    if other is not own and cell in other["on"]:
                        # A rest, a team-mate on shift, and nobody else of those on break: not all three.
                        model.row({variable: 1, other["on"][cell]: 1, group[cell]: -1, own["away"][cell]: 1}, most=1)


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
