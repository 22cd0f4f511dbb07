"""Linear models of a roster with named people, breaks and company, for any solver of 0-1 programmes.

The whole of a day: a binary per agent and shift; a binary per agent and cell for the start of a rest and of a meal. Breaks are implicit:
no pattern is listed, and any two that are too near are in a row "at most one". Who is on shift and on break by cell, and how many of a
team are on break, are variables of their own, so that the rows about company stay short. All limits of the generated requests are
multiples of a quarter of an hour. A week of so many variables is more than a solver of any kind gets through, so a search begins with
shifts of all days, breaks smeared over them, and goes on by blocks: some agents' day whole, while the rest of the roster stays.
"""

from rosters_instance import CELL, CELLS

EDGE, SHORTEST, LONGEST = 3, 3, 8
MEAL_FROM, MEAL_TO = 10, 20
COMPANIONS = 2
BETWEEN, WEEKLY = 660, 2100
# Parts of a person in the model of shifts with smeared breaks.
PARTS = 20


class Model:
    """Variables are numbered; `rows` are (terms, least, most) with terms as {variable: factor}; `follows` are (variable, how its value
    follows from those before it), by which a known roster becomes a point to begin from."""

    def __init__(self):
        self.upper, self.cost, self.rows, self.follows = [], [], [], []

    def binary(self):
        return self.variable(1, 0)

    def variable(self, upper, cost):
        self.upper.append(upper)
        self.cost.append(cost)
        return len(self.upper) - 1

    def row(self, terms, least=None, most=None):
        self.rows.append((terms, least, most))

    def follow(self, variable, how):
        self.follows.append((variable, how))
        return variable

    def point(self, days, roster):
        """The values that a roster, as {(agent, day): (option, breaks)}, gives to the variables of `days`."""
        values = {}
        for where, own in days.items():
            chosen, breaks = roster.get(where, (None, []))
            values.update({variable: int(option == chosen) for option, variable in own["shifts"]})
            values.update({variable: int((kind, cell) in breaks) for kind, cell, variable in own["breaks"]})
        for variable, how in self.follows:
            values[variable] = how(values)
        return values


def shifts_model(instance, numbers, there):
    """Some agents' shifts of all days without their breaks: what a break takes off the phones is spread over the inside of its shift.
    `there` is [[{queues: people}]] by day and cell, who is on the phones beside them."""
    model, days, teams = Model(), {}, {}
    for number in numbers:
        agent = instance.agents[number]
        for day, options in enumerate(agent.options):
            if options:
                shifts = [(option, model.binary()) for option in options]
                model.row({variable: 1 for _, variable in shifts}, most=1)
                days[number, day] = {"shifts": shifts}
                teams.setdefault((agent.team, day), []).append(shifts)
        week_rules(model, instance, agent, [days.get((number, day)) for day in range(instance.days)])
    present = {}
    for (number, day), own in days.items():
        for option, variable in own["shifts"]:
            for cell, share in smeared(option):
                present.setdefault((day, cell), []).append((instance.agents[number], variable, round(PARTS * share)))
    for day in range(instance.days):
        cover(model, instance, day, present, PARTS, there[day])
    for members in teams.values():
        if len(members) > COMPANIONS:
            possible_company(model, members)
    return model, days


def smeared(option):
    """The cells of a shift with the share of its agent that is on the phones, where its breaks may lie anywhere inside."""
    away = sum(CELLS[kind] * count for kind, count in (("rest", option.rests), ("meal", option.meals)))
    for cell in range(option.length):
        edge = cell < EDGE or cell >= option.length - EDGE
        yield option.start + cell, 1.0 if edge else 1 - away / (option.length - 2 * EDGE)


def possible_company(model, members):
    """For each shift a cell in which its agent and two team-mates may be on break."""
    inside = []
    for shifts in members:
        cells = {}
        for option, variable in shifts:
            for cell in range(option.start + EDGE, option.start + option.length - EDGE):
                cells.setdefault(cell, []).append(variable)
        inside.append({cell: summed(model, parts) for cell, parts in sorted(cells.items())})
    everywhere = sorted({cell for cells in inside for cell in cells})
    group = {cell: summed(model, [cells[cell] for cells in inside if cell in cells], len(members)) for cell in everywhere}
    for shifts, cells in zip(members, inside):
        meets = {}
        for cell, here in cells.items():
            meet = model.binary()
            meets[meet] = 1
            model.row({meet: 1, here: -1}, most=0)
            model.row({meet: COMPANIONS + 1, group[cell]: -1}, most=0)
        model.row(meets | {variable: -1 for _, variable in shifts}, least=0)


def block_model(instance, day, options, kept, there):
    """Some agents' day, whole, between all else that stays. `options` is {agent: shifts to choose from}; `kept` {(agent, day): shift}, of
    which their other days are used; `there` [{queues: people}] by cell, who is on the phones beside them. The second result is {(agent,
    day): its variables}."""
    model, days = Model(), {}
    for number, own in options.items():
        if own:
            days[number, day] = agent_day(model, own)
        week = []
        for other in range(instance.days):
            stays = [(kept[number, other], model.binary())] if other != day and (number, other) in kept else []
            for _, variable in stays:
                model.row({variable: 1}, least=1)
            week.append(days.get((number, day)) if other == day else {"shifts": stays} if stays else None)
        week_rules(model, instance, instance.agents[number], week)
    teams, present = {}, {}
    for (number, _), own in days.items():
        agent = instance.agents[number]
        teams.setdefault(agent.team, []).append(own)
        for factor, cells in ((1, own["on"]), (-1, own["away"])):
            for cell, variable in cells.items():
                present.setdefault((day, cell), []).append((agent, variable, factor))
    for members in teams.values():
        company(model, members)
    cover(model, instance, day, present, 1, there)
    return model, days


def cover(model, instance, day, present, parts, there):
    """What each cell of a day is short of, priced in person-minutes; `present` is {(day, cell): [(agent, variable, parts of a person)]}."""
    for cell, needed in enumerate(instance.required[day]):
        short, lacking = None, []
        for people, queues in instance.crowds(day, cell):
            short = model.variable(parts * sum(needed), CELL) if short is None else short
            able = {variable: share for agent, variable, share in present.get((day, cell), []) if agent.queues & queues}
            stay = sum(count for others, count in there[cell].items() if others & queues)
            need = round(parts * (people - stay))
            if need > 0:
                model.row({short: 1} | able, least=need)
                lacking.append((need, able))
        if short is not None:
            model.follow(short, lambda values, lacking=lacking: max([0] + [need - total(values, able) for need, able in lacking]))


def total(values, terms):
    return sum(factor * values[variable] for variable, factor in terms.items())


def summed(model, parts, upper=1):
    """A variable that is the sum of others."""
    variable = model.variable(upper, 0)
    model.row({variable: 1} | {part: -1 for part in parts}, least=0, most=0)
    return model.follow(variable, lambda values: sum(values[part] for part in parts))


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
    allowed, social = {}, {}
    for cell in sorted({cell for own in members for cell in own["away"]}):
        away = [own["away"][cell] for own in members if cell in own["away"]]
        present = [own["on"][cell] for own in members if cell in own["on"]]
        group = summed(model, away, len(away))
        alone = model.follow(model.binary(), lambda values, present=present: int(total(values, dict.fromkeys(present, 1)) <= 1))
        if len(present) > 1:
            model.row({one: 1 for one in present} | {alone: len(present) - 1}, most=len(present))
        pair = at_least(model, group, 2)
        allowed[cell], social[cell] = {pair: -1, alone: -1}, at_least(model, group, COMPANIONS + 1)
    for own in members:
        shared = {}
        for cell, away in own["away"].items():
            both = (away, social[cell])
            together = model.follow(model.binary(), lambda values, both=both: min(values[both[0]], values[both[1]]))
            shared[together] = 1
            for cause in both:
                model.row({together: 1, cause: -1}, most=0)
        model.row(shared | {variable: -1 for _, variable in own["shifts"]}, least=0)
        for kind, cell, variable in own["breaks"]:
            if kind == "rest":
                model.row({variable: 1} | allowed[cell], most=0)


def at_least(model, group, count):
    """A binary that only a group of so many may set."""
    variable = model.follow(model.binary(), lambda values: int(values[group] >= count))
    model.row({variable: count, group: -1}, most=0)
    return variable


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


def roster_of(days, value):
    """The roster that values of the variables say, as {(agent, day): (option, breaks)}: breaks as (kind, first cell), or None."""
    found = {}
    for where, own in days.items():
        for option, variable in own["shifts"]:
            if value[variable] > 0.5:
                breaks = [(kind, cell) for kind, cell, taken in own["breaks"] if value[taken] > 0.5] if "breaks" in own else None
                found[where] = (option, breaks)
    return found
