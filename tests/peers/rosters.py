"""Rosters beside fika's: a CP-SAT model, a plain HiGHS MIP, and pyworkforce as far as it can say the problem.

usage: rosters.py FIKA [seconds]. On each instance every side has the same time; for CP-SAT and HiGHS it begins when their model, which is
written in Python, stands, and what that took is told beside it. Every roster is judged by `fika verify` and by the same
shortfall. CP-SAT and HiGHS run in processes of their own, because their libraries do not live together in one. Exit 1 when fika's roster is
not proved or a peer's is shorter of the requirement.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rosters_instance as instances
import rosters_model as models

CASES = [("12 agents, 1 day", 12, 1), ("50 agents, 1 day", 50, 1), ("24 agents, 1 week", 24, 7)]
SECONDS = 30.0
# The share of the time in which CP-SAT and HiGHS may look for a roster of any kind.
SHARE_FIRST = 0.4


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


def cp_sat(model, seconds):
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
    # A roster of any kind first: it is the hint from which the best one is looked for in the rest of the time.
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    began = time.monotonic()
    solver.parameters.max_time_in_seconds = seconds * SHARE_FIRST
    status = solver.solve(programme)
    found = [solver.value(v) for v in variables] if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
    for variable, value in zip(variables, found or []):
        programme.add_hint(variable, value)
    programme.minimize(cp_model.LinearExpr.weighted_sum(variables, model.cost))
    solver.parameters.max_time_in_seconds = max(0.1, seconds - (time.monotonic() - began))
    status = solver.solve(programme)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        found = [solver.value(v) for v in variables]
    return found, solver.best_objective_bound, time.monotonic() - began


def highs(model, seconds):
    import highspy
    import numpy

    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 2)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(model.upper), len(model.rows)
    programme.col_cost_ = numpy.zeros(len(model.upper))
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
    # A roster of any kind first, without costs, as for CP-SAT: HiGHS goes on from it.
    began = time.monotonic()
    solver.setOptionValue("time_limit", seconds * SHARE_FIRST)
    solver.run()
    first = solver.getSolution() if solver.getInfo().primal_solution_status == 2 else None
    found = list(first.col_value) if first else None
    count = len(model.upper)
    solver.changeColsCost(count, numpy.arange(count, dtype=numpy.int32), numpy.array(model.cost, dtype=float))
    if first:
        solver.setSolution(first)
    # The limit counts from the first run on.
    solver.setOptionValue("time_limit", seconds)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status == 2:
        found = list(solver.getSolution().col_value)
    return found, info.mip_dual_bound, time.monotonic() - began


def pyworkforce(instance, seconds):
    """Anonymous shifts a day with their breaks at fixed times: what its scheduler can say. Returns short minutes and shifts a day."""
    from pyworkforce.scheduling import MinAbsDifference

    cover, length = {}, {}
    for option in {o for agent in instance.agents for day in agent.options for o in day}:
        cells = [1 if option.start <= cell < option.start + option.length else 0 for cell in range(96)]
        pieces = option.rests + option.meals + 1
        for n in range(1, pieces):
            cells[option.start + option.length * n // pieces] = 0
        name = f"{option.start}-{option.length}"
        cover[name], length[name] = cells, option
    most = len(instance.agents)
    scheduler = MinAbsDifference(
        num_days=instance.days,
        periods=96,
        shifts_coverage=cover,
        required_resources=instance.required,
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
    short = sum(max(0, r - t) for a, b in zip(instance.required, there) for r, t in zip(a, b)) * instances.CELL
    return short, shifts


def one(kind, request, seconds, output):
    """A peer's solve in this process; the answer goes to a file."""
    instance = instances.read(json.loads(Path(request).read_text()))
    began = time.monotonic()
    if kind == "pyworkforce":
        short, shifts = pyworkforce(instance, seconds)
        Path(output).write_text(json.dumps({"short": short, "shifts": shifts, "seconds": time.monotonic() - began}))
        return
    model, days = models.build(instance)
    values, bound, solving = (cp_sat if kind == "cp-sat" else highs)(model, seconds)
    building = time.monotonic() - began - solving
    told = {"bound": max(0.0, bound), "seconds": solving, "building": building, "variables": len(model.upper), "rows": len(model.rows)}
    if values is not None:
        shifts = models.shifts_of(instance, days, values.__getitem__)
        told["roster"] = instances.roster(instance, shifts)
        told["short"], told["required"] = instances.short_minutes(instance, shifts)
    Path(output).write_text(json.dumps(told))


def verdict(fika, request, roster):
    done = subprocess.run([fika, "verify", request, roster], capture_output=True, text=True)
    if done.returncode == 0:
        return "proved"
    return "refuted: " + (done.stdout + done.stderr).strip().splitlines()[0]


def compare(fika, folder, agents, days, seconds):
    request = str(folder / "request.json")
    made = ["generate", "--agents", str(agents), "--queues", "1", "--days", str(days), "--seed", "1", "-o", request]
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
        size = f"{told['variables']} variables, {told['rows']} rows, built in {told['building']:.0f} s"
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
    fika, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    ok = True
    print("| instance | side | short % of required | bound % | s | verifier |\n|---|---|---|---|---|---|", flush=True)
    for name, agents, days in CASES:
        with tempfile.TemporaryDirectory() as folder:
            required, lines = compare(fika, Path(folder), agents, days, seconds)
        for side, short, bound, took, judged in lines:
            shown = "" if short is None else f"{100 * short / required:.2f}"
            bounded = "" if bound is None else f"{100 * bound / required:.2f}"
            print(f"| {name} | {side} | {shown} | {bounded} | {took:.0f} | {judged} |", flush=True)
        ok &= lines[0][4] == "proved"
        better = [side for side, short, _, _, judged in lines[1:] if judged.startswith("proved") and short < lines[0][1]]
        if better:
            print(f"{name}: {', '.join(better)} found a better roster", flush=True)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
