"""``python -m tradeexposure.publishing.languages [check [DOMAIN ...]]``: bring catalogues up to date, or check them."""

from __future__ import annotations

import sys

from tradeexposure.core.errors import BadInput
from tradeexposure.publishing.languages import catalogues


def main(arguments: list[str]) -> int:
    """Bring every catalogue up to date; with ``check``, say what is wrong in those named, or in all.

    How many texts of drafts have no French is said, and is no fault.
    """
    drafts = [catalogues.lacks_french(path, count) for path, count in catalogues.private_texts().items()]
    if arguments[:1] != ["check"]:
        for domain, (count, open_) in catalogues.renew().items():
            print(f"{domain}: {count} messages, {open_} to translate or look at")
        print(*drafts, sep="\n", end="\n" if drafts else "")
        return 0
    domains = arguments[1:] or list(catalogues.CHECKED)
    unknown = [domain for domain in domains if domain not in catalogues.CHECKED]
    if unknown:
        print(f"{unknown[0]}: no such catalogue; there are {', '.join(catalogues.CHECKED)}", file=sys.stderr)
        return 2
    wrong = {domain: catalogues.faults(domain) for domain in domains}
    for domain, lines in wrong.items():
        for line in lines:
            print(f"{domain}: {line}")
        print(f"{domain}: {len(lines)} faults" if lines else f"{domain}: complete")
    print(*drafts, sep="\n", end="\n" if drafts else "")
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
