"""The flame graph: well-formed, the widths add up, everything has its name, and what is drawn is what was counted."""
import unittest
import xml.etree.ElementTree as ElementTree
from collections import Counter

from profile_support import main, stack

from profiling import flamegraph
from profiling.classify import Classifier

SVG = "{http://www.w3.org/2000/svg}"
STACKS = Counter({
    stack("breakwater:main", "breakwater:breakwater::crypto::twice"): 500,
    stack("breakwater:main", "breakwater:breakwater::tls::feed", "libc.so.6:memcpy"): 120,
    stack("breakwater:main", "breakwater:breakwater::tls::feed"): 80,
    stack("breakwater:main", "libc.so.6:send", "[kernel]:tcp_sendmsg"): 200,
    stack("breakwater:main", "breakwater:<odd> & \"quoted\" 'name'"): 499,
    stack("breakwater:main", "breakwater:too_small_to_see"): 1,
    stack("nginx:[unnamed]",): 3600,
})


class Graph(unittest.TestCase):
    def setUp(self) -> None:
        self.classifier = Classifier()
        self.text = flamegraph.render(STACKS, self.classifier, "A < B & C", "of 200 µs",
                                      lambda share: f"{share * 200:.1f} µs")
        self.svg = ElementTree.fromstring(self.text)
        self.boxes = []
        for group in self.svg.iter(f"{SVG}g"):
            if group.get("class") == "f":
                rect, title = group.find(f"{SVG}rect"), group.find(f"{SVG}title")
                self.boxes.append({
                    "depth": int(group.get("data-d")), "name": group.get("data-n"), "title": title.text,
                    "from": float(group.get("data-a")), "to": float(group.get("data-b")),
                    "x": float(rect.get("x")), "y": float(rect.get("y")), "width": float(rect.get("width")),
                    "fill": rect.get("fill"), "text": group.find(f"{SVG}text").text or ""})

    def box(self, name: str) -> dict:
        found = [box for box in self.boxes if box["name"] == name]
        self.assertEqual(len(found), 1, name)
        return found[0]

    def test_texts_are_escaped(self) -> None:
        self.assertIn("A < B & C", [text.text for text in self.svg.iter(f"{SVG}text")])
        self.assertIn("<odd> & \"quoted\" 'name' (breakwater)", self.box("<odd> & \"quoted\" 'name'")["title"])

        self.assertEqual(self.box("<odd> & \"quoted\" 'name'")["text"], "<odd> & \"quoted…")

    def test_widths_are_shares(self) -> None:
        total = sum(STACKS.values())
        for name, weight in {"all": 5000, "main": 1400, "crypto::twice": 500, "tls::feed": 200, "memcpy": 120,
                             "tcp_sendmsg": 200, "[nginx]": 3600}.items():
            box = self.box(name)
            self.assertAlmostEqual(box["to"] - box["from"], weight / total, places=6)
            self.assertAlmostEqual(box["width"], weight / total * flamegraph.WIDTH, delta=0.5)
            self.assertAlmostEqual(box["x"], box["from"] * flamegraph.WIDTH, delta=0.01)
            self.assertIn(f"{weight / total:.2%}, {weight / total * 200:.1f} µs", box["title"])

    def test_children_lie_within_their_parents_and_beside_each_other(self) -> None:
        for box in self.boxes:
            if box["depth"]:
                parents = [p for p in self.boxes if p["depth"] == box["depth"] - 1
                           and p["from"] - 1e-6 <= box["from"] and box["to"] <= p["to"] + 1e-6]
                self.assertEqual(len(parents), 1, box["name"])
                self.assertEqual(parents[0]["y"] - box["y"], flamegraph.ROW)
        for depth in {box["depth"] for box in self.boxes}:
            row = sorted((box["from"], box["to"]) for box in self.boxes if box["depth"] == depth)
            for (_, end), (start, _) in zip(row, row[1:]):
                self.assertLessEqual(end, start + 1e-6)
        direct = sum(box["to"] - box["from"] for box in self.boxes if box["depth"] == 1)
        self.assertAlmostEqual(direct, 1.0, places=6)

    def test_boxes_too_narrow_to_see_are_left_out(self) -> None:
        self.assertNotIn("too_small_to_see", self.text)

    def test_colours_and_legend_are_of_the_classes(self) -> None:
        expected = {"crypto::twice": "field", "tls::feed": "protocol", "memcpy": "copies", "tcp_sendmsg": "tcp"}
        for name, key in expected.items():
            self.assertEqual(self.box(name)["fill"], self.classifier.by_key[key].colour)
        legend = {group.find(f"{SVG}text").text for group in self.svg.iter(f"{SVG}g") if group.get("class") == "legend"}
        self.assertEqual(legend, {"field arithmetic: 10.0%", "protocol code: 83.6%", "copies and wiping: 2.4%",
                                  "kernel: TCP/IP: 4.0%"})

    def test_texts_fit_their_boxes(self) -> None:
        for box in self.boxes:
            self.assertLessEqual(len(box["text"]) * flamegraph.LETTER, box["width"] + 0.5)

    def test_it_needs_nothing_from_elsewhere(self) -> None:
        plain = self.text.replace('xmlns="http://www.w3.org/2000/svg"', "")
        for word in ("http:", "https:", "href", "url(", "@import", "src="):
            self.assertNotIn(word, plain)


class Nothing(unittest.TestCase):
    def test_an_empty_profile_is_still_a_picture(self) -> None:
        ElementTree.fromstring(flamegraph.render(Counter(), Classifier(), "t", "s", str))


if __name__ == "__main__":
    main()
