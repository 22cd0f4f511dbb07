"""Rosters beside fika's: CP-SAT, HiGHS, and pyworkforce as far as it can say the problem.

usage: rosters.py FIKA [instance ...]. On each instance every side has the same time; for CP-SAT and HiGHS only what their solver takes
counts, and what building the models in Python took is told beside it. Both go the same way: the shifts of all days with breaks smeared
over them, for a week agent by agent; then each team's day whole, near those shifts; then again from there with all shifts to choose from,
while time is left; last a single day as a whole, which gives the bound. Every roster is judged by `fika verify` and by the same
shortfall. CP-SAT and HiGHS run in processes of their own, because their libraries do not live together in one. Exit 1 when fika's roster
is not proved or is shorter of the requirement than a peer's proved one.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rosters_instance as instances
import rosters_model as models

# Name: agents, queues, days, seconds.
CASES = {
    "12x1x1": (12, 1, 1, 10),
    "50x1x1": (50, 1, 1, 1),
    "50x1x1-long": (50, 1, 1, 30),
    "24x1x7": (24, 1, 7, 60),
    "200x3x7": (200, 3, 7, 10),
}
# The shares of the time for shifts alone, for each round over the teams, and for a single day as a whole.
SHARE_SHIFTS, SHARE_ROUND, SHARE_WHOLE = 0.2, 0.3, 0.2
# Shifts are near another within so many cells of its start and of its length.
NEAR = 4


def clause(programme, model, variables, terms, least, most):
    """Says a row in the solver's own words where it is one of them: at most one, or one implies some."""
    if least is not None or any(model.upper[v] > 1 for v in terms):
        return False
    if most == 1 and all(factor == 1 for factor in terms.values()):
        programme.add_at_most_one(variables[v] for v in terms)
        return True
    cause = [v for v, factor in terms.items() if factor == 1]
    if most == 0 and len(cause) == 1 and all(factor == -1 for v, factor in terms.items() if v != cause[0]):
        programme.add_bool_or([variables[cause[0]].negated()] + [variables[v] for v in terms if v != cause[0]])
        return True
    return False


def cp_sat(model, seconds, point):
    """The values of the best point found, or none, and the bound; `point` is where to begin."""
    from ortools.sat.python import cp_model

    programme = cp_model.CpModel()
    variables = [programme.new_bool_var("") if upper == 1 else programme.new_int_var(0, upper, "") for upper in model.upper]
    for terms, least, most in model.rows:
        if clause(programme, model, variables, terms, least, most):
            continue
        total = cp_model.LinearExpr.weighted_sum([variables[v] for v in terms], list(terms.values()))
        if least is not None:
            programme.add(total >= least)
        if most is not None:
            programme.add(total <= most)
    for variable, value in point.items():
        programme.add_hint(variables[variable], value)
    programme.minimize(cp_model.LinearExpr.weighted_sum(variables, model.cost))
    solver = cp_model.CpSolver()
    # Probing takes longer than a first roster, and eight workers on two cores found less than two.
    solver.parameters.num_workers = 2
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.max_presolve_iterations = 1
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(programme)
    found = [solver.value(v) for v in variables] if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
    return found, solver.best_objective_bound, solver.wall_time


def highs(model, seconds, point):
    """As above."""
    import highspy
    import numpy

    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 2)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(model.upper), len(model.rows)
    programme.col_cost_ = numpy.array(model.cost, dtype=float)
    programme.col_lower_ = numpy.zeros(len(model.upper))
    programme.col_upper_ = numpy.array(model.upper, dtype=float)
    programme.integrality_ = [highspy.HighsVarType.kInteger] * len(model.upper)
    least = [-highspy.kHighsInf if row[1] is None else row[1] for row in model.rows]
    most = [highspy.kHighsInf if row[2] is None else row[2] for row in model.rows]
    programme.row_lower_, programme.row_upper_ = numpy.array(least, dtype=float), numpy.array(most, dtype=float)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = numpy.cumsum([0] + [len(row[0]) for row in model.rows])
    programme.a_matrix_.index_ = numpy.array([v for row in model.rows for v in row[0]])
    programme.a_matrix_.value_ = numpy.array([f for row in model.rows for f in row[0].values()], dtype=float)
    solver.passModel(programme)
    if point:
        solver.setSolution(len(point), numpy.array(list(point), dtype=numpy.int32), numpy.array(list(point.values()), dtype=float))
    solver.setOptionValue("time_limit", seconds)
    solver.run()
    info = solver.getInfo()
    found = list(solver.getSolution().col_value) if info.primal_solution_status == 2 else None
    return found, info.mip_dual_bound, solver.getRunTime()


class Search:
    """The staged search: `roster` is {(agent, day): (option, breaks)}, breaks unknown at first; and how long solving and building took."""

    def __init__(self, instance, solver, seconds):
        self.instance, self.solver, self.limit = instance, solver, seconds
        self.roster, self.bound, self.solving, self.building, self.size = {}, 0.0, 0.0, 0.0, (0, 0)

    def run(self):
        began = time.monotonic()
        single = self.instance.days == 1
        until = self.limit * (1 - SHARE_WHOLE if single else 1)
        if self.shifts():
            self.round(near=True)
            if not self.is_whole():
                self.round(near=False)
            while self.is_whole() and self.solving < 0.95 * until and self.round(near=False):
                pass
            if single and self.solving < self.limit:
                everybody = range(len(self.instance.agents))
                self.bound = self.block(0, everybody, self.limit - self.solving, near=False)
        self.building = time.monotonic() - began - self.solving
        return self

    def solve(self, model, days, seconds, point):
        """One solve: the roster found, or none, and the model's bound."""
        values, bound, took = self.solver(model, max(0.1, seconds), point)
        self.solving += took
        self.size = max(self.size, (len(model.upper), len(model.rows)))
        return models.roster_of(days, values) if values else None, bound

    def shifts(self):
        """Shifts for everybody, of a single day at once, of more days one agent after another; whether there are any."""
        numbers = range(len(self.instance.agents))
        groups = [numbers] if self.instance.days == 1 else [[number] for number in numbers]
        for group in groups:
            there = [self.there(day, self.roster) for day in range(self.instance.days)]
            model, days = models.shifts_model(self.instance, group, there)
            found, _ = self.solve(model, days, SHARE_SHIFTS * self.limit / len(groups), {})
            if found is None:
                return False
            self.roster |= found
        return True

    def round(self, near):
        """Each team's day once more, or where breaks are unknown only those; whether anything is gained."""
        before, teams = self.short(), {}
        for number, agent in enumerate(self.instance.agents):
            teams.setdefault(agent.team, []).append(number)
        blocks = [(day, members) for day in range(self.instance.days) for members in teams.values()]
        missing = [(day, members) for day, members in blocks if not self.is_known(day, members)]
        again = missing and not near
        blocks, budget = (missing, self.limit - self.solving) if again else (blocks, SHARE_ROUND * self.limit)
        for day, members in blocks:
            if self.solving < self.limit:
                self.block(day, members, budget / len(blocks), near)
        return self.short() < before

    def is_known(self, day, members):
        return all(self.roster[number, day][1] is not None for number in members if (number, day) in self.roster)

    def block(self, day, members, seconds, near):
        """These agents' day anew, kept where it is found; the model's bound."""
        own = {(number, day) for number in members}
        kept = {where: option for where, (option, _) in self.roster.items()}
        options = {number: self.options(number, day, near) for number in members}
        there = self.there(day, {where: one for where, one in self.roster.items() if where not in own})
        model, days = models.block_model(self.instance, day, options, kept, there)
        known = self.is_known(day, members)
        found, bound = self.solve(model, days, seconds, model.point(days, self.roster) if known else {})
        if found is not None:
            other = self.roster
            before, self.roster = self.short(), {where: one for where, one in other.items() if where not in own} | found
            if known and self.short() > before:
                self.roster = other
        return max(0.0, bound)

    def options(self, number, day, near):
        options = self.instance.agents[number].options[day]
        chosen = self.roster.get((number, day))
        if not near:
            return options
        if chosen is None:
            return []
        shift, _ = chosen
        return [one for one in options if max(abs(one.start - shift.start), abs(one.length - shift.length)) <= NEAR]

    def there(self, day, roster):
        """Who is on the phones by cell, as {queues: people}."""
        cells = [{} for _ in self.instance.required[day]]
        for (number, other), (option, breaks) in roster.items():
            if other == day:
                queues = self.instance.agents[number].queues
                for cell, share in models.smeared(option) if breaks is None else instances.on_phones(option, breaks):
                    cells[cell][queues] = cells[cell].get(queues, 0) + share
        return cells

    def is_whole(self):
        return bool(self.roster) and all(breaks is not None for _, breaks in self.roster.values())

    def short(self):
        return instances.short_minutes(self.instance, [self.there(day, self.roster) for day in range(self.instance.days)])[0]

    def named(self):
        return [(self.instance.agents[number], day, *shift) for (number, day), shift in self.roster.items()]


def pyworkforce(instance, seconds):
    """Anonymous shifts a day with their breaks at fixed times: what its scheduler can say. Returns short minutes and shifts a day."""
    from pyworkforce.scheduling import MinAbsDifference

    cover = {}
    for option in {o for agent in instance.agents for day in agent.options for o in day}:
        cells = [1 if option.start <= cell < option.start + option.length else 0 for cell in range(96)]
        pieces = option.rests + option.meals + 1
        for n in range(1, pieces):
            cells[option.start + option.length * n // pieces] = 0
        cover[f"{option.start}-{option.length}"] = cells
    required = [[sum(queues) for queues in day] for day in instance.required]
    most = len(instance.agents)
    scheduler = MinAbsDifference(
        num_days=instance.days,
        periods=96,
        shifts_coverage=cover,
        required_resources=required,
        max_period_concurrency=most,
        max_shift_concurrency=most,
        max_search_time=seconds,
        num_search_workers=2,
    )
    answer = scheduler.solve()
    there = [[0] * 96 for _ in range(instance.days)]
    shifts = 0
    for row in answer.get("resources_shifts", []):
        shifts += row["resources"]
        for cell, covers in enumerate(cover[row["shift"]]):
            there[row["day"]][cell] += covers * row["resources"]
    short = sum(max(0, r - t) for a, b in zip(required, there) for r, t in zip(a, b)) * instances.CELL
    return short, shifts


def one(kind, request, seconds, output):
    """A peer's solve in this process; the answer goes to a file."""
    instance = instances.read(json.loads(Path(request).read_text()))
    began = time.monotonic()
    if kind == "pyworkforce":
        short, shifts = pyworkforce(instance, seconds)
        Path(output).write_text(json.dumps({"short": short, "shifts": shifts, "seconds": time.monotonic() - began}))
        return
    search = Search(instance, cp_sat if kind == "cp-sat" else highs, seconds).run()
    told = {"bound": search.bound, "seconds": search.solving, "building": search.building, "size": search.size}
    if search.is_whole():
        told["roster"], told["short"] = instances.roster(instance, search.named()), search.short()
    Path(output).write_text(json.dumps(told))


def verdict(fika, request, roster):
    done = subprocess.run([fika, "verify", request, roster], capture_output=True, text=True)
    if done.returncode == 0:
        return "proved"
    return "refuted: " + (done.stdout + done.stderr).strip().splitlines()[0]


def compare(fika, folder, agents, queues, days, seconds):
    request = str(folder / "request.json")
    made = ["generate", "--agents", str(agents), "--queues", str(queues), "--days", str(days), "--seed", "1", "-o", request]
    subprocess.run([fika, *made], check=True, capture_output=True)
    began = time.monotonic()
    roster = str(folder / "fika.json")
    solved = [fika, "solve", request, "--seconds", str(int(seconds)), "-o", roster, "--json"]
    summary = json.loads(subprocess.run(solved, check=True, capture_output=True, text=True).stdout)
    required, own = summary["requiredMinutes"], summary.get("shortfallMinutes", 0.0)
    lines = [("fika", own, summary.get("shortfallBoundMinutes", 0.0), time.monotonic() - began, verdict(fika, request, roster))]
    for kind in ("cp-sat", "highs"):
        answer = folder / f"{kind}.json"
        subprocess.run([sys.executable, __file__, "--one", kind, request, str(seconds), str(answer)], check=True)
        told = json.loads(answer.read_text())
        judged = "no roster"
        if "roster" in told:
            path = folder / f"{kind}-roster.json"
            path.write_text(json.dumps(told["roster"]))
            judged = verdict(fika, request, str(path))
        size = f"{told['size'][0]} variables, {told['size'][1]} rows, models built in {told['building']:.0f} s"
        lines.append((kind, told.get("short"), told["bound"], told["seconds"], f"{judged}; {size}"))
    answer = folder / "pyworkforce.json"
    subprocess.run([sys.executable, __file__, "--one", "pyworkforce", request, str(seconds), str(answer)], check=True)
    told = json.loads(answer.read_text())
    note = f"no names, hours, rest or company: {told['shifts']} shifts"
    lines.append(("pyworkforce", told["short"], None, told["seconds"], note))
    return required, lines


def main():
    if sys.argv[1] == "--one":
        one(sys.argv[2], sys.argv[3], float(sys.argv[4]), sys.argv[5])
        return 0
    fika, ok = sys.argv[1], True
    print("| instance | seconds | side | short % of required | bound % | s | verifier |\n|---|---|---|---|---|---|---|", flush=True)
    for name in sys.argv[2:] or CASES:
        agents, queues, days, seconds = CASES[name]
        case = f"{agents} agents, {queues} queues, {days} days | {seconds}"
        with tempfile.TemporaryDirectory() as folder:
            required, lines = compare(fika, Path(folder), agents, queues, days, seconds)
        for side, short, bound, took, judged in lines:
            shown = "" if short is None else f"{100 * short / required:.2f}"
            bounded = "" if bound is None else f"{100 * bound / required:.2f}"
            print(f"| {case} | {side} | {shown} | {bounded} | {took:.1f} | {judged} |", flush=True)
        ok &= lines[0][4] == "proved"
        better = [side for side, short, _, _, judged in lines[1:] if judged.startswith("proved") and short < lines[0][1]]
        if better:
            ok = False
            print(f"{name}: {', '.join(better)} found a better roster", flush=True)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
