"""Figures of several runs, and Markdown tables of them."""
import statistics


class Runs:
    """The figures of one thing in several runs: `Runs([3, 1, 2])` prints as `2 (1–3)`."""

    def __init__(self, values, digits=0):
        self.values, self.digits = list(values), digits

    @property
    def median(self):
        return statistics.median(self.values)

    def __str__(self):
        show = lambda value: f"{value:,.{self.digits}f}"
        low, high = show(min(self.values)), show(max(self.values))
        return show(self.median) + ("" if low == high else f" ({low}–{high})")


def table(title, columns, rows):
    print(f"\n### {title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
