"""A finished run as files, made without asking anybody: what sites are built of in tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from site_files import FILES, SETTINGS, SLUGS
from snakeval.arena.board import read_board, to_json
from snakeval.arena.leaderboard import Rules, leaderboard
from snakeval.config import Config, load_config
from snakeval.dag import plan, shown
from snakeval.journal.lines import encode_line
from snakeval.models.serving_config import ServingConfig, single_fields, write_serving_config
from snakeval.report.site.build import Site, build
from snakeval.report.summary import Display, read_metrics
from snakeval.scoring.aggregate import aggregate
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Grade, Message, Problem, Verdict

SECRET = "CANARY-4711"
RUN_IT = "window.hacked = 1"
# Texts that try to run, to leave where they stand, or to be something else for who reads them.
HOSTILE = (
    f"<script>{RUN_IT}</script>",
    f"<img src=x onerror='{RUN_IT}'>",
    f'"><svg onload="{RUN_IT}">',
    f"</script><script>{RUN_IT}</script>",
    f"<iframe srcdoc='<script>parent.{RUN_IT}</script>'></iframe>",
    f"<a href='javascript:{RUN_IT}'>a</a> javascript:{RUN_IT} [b](javascript:{RUN_IT})",
    f"$\\href{{javascript:{RUN_IT}}}{{c}}$ and $\\htmlData{{x=1}}{{d}}$ and \\(\\includegraphics{{http://127.0.0.1:9/p.png}}\\)",
    f"```html\n<script>{RUN_IT}</script><img src=x onerror='{RUN_IT}'>\n```",
    "$" + "\\def\\a{\\a\\a}\\a" + "$ and $\\rule{1000000em}{1000000em}$",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \u202egnp.exe\u202c \u2066hidden\u2069 \x00 \x9b31m \u2028 \u2029",
    '=HYPERLINK("http://127.0.0.1:9","x")',
    "__proto__ constructor toString {{7*7}} ${7*7} <%= 7*7 %>",
    "&lt;script&gt; &amp;amp; &#60;b&#62;",
    "<style>body{display:none}</style><link rel=stylesheet href=http://127.0.0.1:9/x.css><base href=http://127.0.0.1:9/>",
    "`<b>` ``` unclosed \\( unclosed \\[ $ $$ \\boxed{",
)


@dataclass(frozen=True)
class Run:
    """A run of `problems` problems with `samples` samples each, below `root`; texts repeat `long` times."""

    root: Path
    problems: int = 36
    samples: int = 4
    long: int = 1
    slugs: tuple[str, ...] = SLUGS

    def write(self) -> Config:
        """Write everything but the site and return the configuration."""
        for name, text in FILES.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")
        config = load_config(
            {**SETTINGS, "models": SETTINGS["models"][: len(self.slugs)]}, self.root, check_data=False
        )
        for slug in self.slugs:
            nothing = dict.fromkeys(single_fields())
            serving = ServingConfig(
                **{**nothing, "model": f"org/{slug}", "resolved_revision": "v1", "dtype": "bfloat16"},  # type: ignore[arg-type]
                sampling={},
                provenance=dict.fromkeys(single_fields(), "written for a test"),
            )
            write_serving_config(self.root / f"results/configs/{slug}.yaml", serving)
        for benchmark in ("sums", "secret", "open"):
            self._benchmark(benchmark)
        self._arena()
        self._turns()
        return config

    def site(self, config: Config) -> Path:
        """Build the site below `root` and return its first page."""
        spec = json.loads(shown.report(config))
        display = Display(spec["labels"], spec["k"])
        with chdir(self.root):
            metrics = read_metrics(map(Path, plan.metrics(config)))
            boards = [read_board(Path(path)) for path in plan.leaderboards(config)]
            build(Site(config, display, metrics, boards, [], Path("results/report")))
        return self.root / "results/report/index.html"

    def _benchmark(self, benchmark: str) -> None:
        results = self.root / "results"
        count = self.problems if benchmark == "sums" else min(self.problems, 36)
        asked = [problem(benchmark, i) for i in range(count)]
        problems = results / f"problems/{benchmark}.parquet"
        write_rows(problems, Problem, asked)
        for number, slug in enumerate(self.slugs):
            generations = results / f"generations/{benchmark}/{slug}.parquet"
            write_rows(generations, Generation, self._generations(asked, number))
            if benchmark == "open":
                continue
            for grader in ("math", "answers"):
                grades = results / f"grades/{benchmark}/{slug}/{grader}.parquet"
                write_rows(grades, Grade, self._grades(asked, number, grader))
                files = (problems, generations, grades)
                metrics = aggregate(*files, data_source=benchmark, model=slug, grader=grader, rounds=100)
                path = results / f"metrics/{benchmark}/{slug}/{grader}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(metrics))

    def _generations(self, problems: list[Problem], model: int) -> Iterator[Generation]:
        for i, each in enumerate(problems):
            for sample in range(self.samples):
                cut = model == 0 and i % 3 == 1 and sample > 0
                yield Generation(
                    each.problem_id,
                    sample,
                    f"{i:016x}{sample:016x}",
                    each.messages,
                    1000 * i + sample,
                    text(i, sample, right(model, i, sample)) * self.long,
                    None,
                    "length" if cut else "stop",
                    20,
                    30 + 7 * i % 400 + sample,
                    0.5,
                )

    def _grades(self, problems: list[Problem], model: int, grader: str) -> Iterator[Grade]:
        for i, each in enumerate(problems):
            for sample in range(self.samples):
                verdict: Verdict = "correct" if right(model, i, sample) else "incorrect"
                if grader == "answers" and i == 3:
                    verdict = "judge_null"
                evil = HOSTILE[i % len(HOSTILE)]
                extracted = str(i + 1 if right(model, i, sample) else i + sample + 2)
                yield Grade(
                    each.problem_id,
                    sample,
                    f"{i:016x}{sample:016x}",
                    None if verdict == "judge_null" else float(verdict == "correct"),
                    evil if i % 5 == 4 else extracted,
                    verdict,
                    judge_text=f"I compare. {evil} \\boxed{{{'RIGHT' if verdict == 'correct' else 'WRONG'}}}"
                    if grader == "answers"
                    else None,
                    how="boxed" if grader == "math" else None,
                    detail=f"test 2 of 3 failed: wanted 5, had 4 {evil}" if i % 4 == 2 else None,
                )

    def _arena(self) -> None:
        folder = self.root / "results/arena/duel/pairs"
        (folder / "judgments").mkdir(parents=True, exist_ok=True)
        paths = []
        for slug in self.slugs[1:2]:
            lines = []
            for i in range(min(self.problems, 40)):
                each = problem("open", i)
                labels = [("B>>A", "A>>B"), ("A=B", "A>B"), ("A>B", "A>B"), (None, "B>A")][i % 4]
                games = [
                    {
                        "score": label,
                        "judgment": f"I think. {HOSTILE[i % len(HOSTILE)]} [[{label}]]",
                        "swapped": bool(place),
                        "error": None,
                        "prompt": [{"role": "user", "content": f"Judge {each.messages[0]['content']}"}],
                    }
                    for place, label in enumerate(labels)
                ]
                names = {"question_id": each.problem_id, "model": slug, "baseline": "base", "judge": "pairs"}
                lines.append(
                    {**names, "category": "odd" if i % 2 else "even", "games": games, "tokens": 30 + i}
                )
            path = folder / f"judgments/{slug}.jsonl"
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
            paths.append(path)
        rules = Rules(baseline="base", weight=3, rounds=50, seed=0)
        board = leaderboard(paths, rules, arena="duel", judge="pairs")
        (folder / "leaderboard.json").write_text(to_json(board))

    def _turns(self) -> None:
        journal = self.root / "results/.journal/generations/sums" / SLUGS[2]
        journal.mkdir(parents=True, exist_ok=True)
        with (journal / "1-test.jsonl").open("wb") as file:
            for number, turn in enumerate(("generate", "evaluate", "refine")):
                row = {
                    "problem_id": f"{problem('sums', 0).problem_id}#0 {turn}",
                    "sample_index": number,
                    "text": f"turn {turn} {HOSTILE[0]}",
                    "reasoning": "thought of it",
                    "finish_reason": "stop",
                    "completion_tokens": 12,
                }
                file.write(encode_line(row, f"{number:032x}", ok=True))
            file.write(b'{"digest":"torn')


def problem(benchmark: str, i: int) -> Problem:
    """A problem; its id and its text are hostile for all but the first ones."""
    evil = HOSTILE[i % len(HOSTILE)]
    name = f"p{i}" if i < 8 else f"{i}/{evil[:24]}?#&%2F".replace("\x00", "")
    question = f"What is {i} + 1 in $x^2 + {i}$? {evil}"
    if benchmark == "secret":
        question += f" {SECRET}"
    if i == 7:
        question = problem(benchmark, 6).messages[-1]["content"]
    messages: tuple[Message, ...] = (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": question},
    )
    kind = {"level": 1 + i % 3, "category": ["sums", "<i>odd</i>"][i % 2], "note": f"{evil} {SECRET}"}
    return Problem(name, messages, None if benchmark == "open" else str(i + 1), json.dumps(kind))


def right(model: int, i: int, sample: int) -> bool:
    """Whether a model's sample is right: nobody solves problem 5."""
    return i != 5 and (3 * i + 5 * sample + i // 7) % 10 < (4, 7, 8)[model]


def text(i: int, sample: int, correct: bool) -> str:
    """What a model says: reasoning, a formula, a program, hostile text, its answer."""
    evil = HOSTILE[i % len(HOSTILE)]
    value = i + 1 if correct else i + sample + 2
    code = f"```python\ndef add(x):\n    return x + {sample}  # {evil[:20]!r}\n```"
    thought = f"<think>\nLet me see {evil}\n</think>\n\n"
    formulas = f"We have $\\frac{{{i}}}{{1}} + 1 = {value}$ and\n\\[ x^2 = {i} \\]"
    return f"{thought}{formulas}\n{code}\n{evil}\nThe answer is \\boxed{{{value}}}."
