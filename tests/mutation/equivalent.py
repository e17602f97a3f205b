"""Mutants that change no value, written down in equivalent.txt with the reason why."""

from pathlib import Path

FILE = Path(__file__).with_name("equivalent.txt")


class Equivalents:
    """What `text` says, in records of four lines with an empty one between:

        file function
        - the line before
        + the line after, or * for anything that one token makes of it
          the reason
    """

    def __init__(self, text=None):
        text = FILE.read_text(encoding="utf-8") if text is None else text
        self.reasons = {}
        for record in filter(None, (part.strip() for part in text.split("\n\n"))):
            if record.startswith("#"):
                continue
            where, before, after, *reason = record.splitlines()
            if not before.startswith("- ") or not after.startswith("+ ") or not reason:
                raise ValueError("equivalent.txt must hold records of a place, a line before, a "
                                 f"line after and a reason, got {record!r}")
            key = where, before[2:], after[2:]
            self.reasons[key] = " ".join(line.strip() for line in reason)

    def reason(self, mutant, difference):
        """Why the mutant is equivalent, or None if nothing is said about it."""
        before, after = difference
        where = f"{mutant.path} {mutant.function}"
        return self.reasons.get((where, before, after)) or self.reasons.get((where, before, "*"))
