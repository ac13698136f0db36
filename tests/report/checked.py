"""Checks that hold for every report: well formed, nothing fetched, nothing run."""

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Checker(HTMLParser):
    """Collects what is wrong: crossed or open elements, doubled ids, addresses of other places."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.ids, self.targets, self.text = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name == "href" and value.startswith("#"):
                self.targets.append(value[1:])
            elif name in ("href", "src", "srcset", "action", "data") and not value.startswith("data:image/"):
                self.wrong.append((tag, name, value))
            if name.startswith("on") or tag in ("script", "iframe", "object", "link", "base"):
                self.wrong.append((tag, name))
            if tag == "img" and not dict(attrs).get("alt"):
                self.wrong.append("img without alt")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(("crossed", tag))

    def handle_data(self, data):
        self.text.append(data)


def checked(page):
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == [] and checker.wrong == []
    assert len(set(checker.ids)) == len(checker.ids) and set(checker.targets) <= set(checker.ids)
    return re.sub(r"\s+", " ", " ".join(checker.text).replace("\u202f", "~"))
