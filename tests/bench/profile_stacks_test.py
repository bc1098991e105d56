"""Names of functions made short, stacks added up, folded and cut at what they share."""
import unittest
from collections import Counter

from profile_support import main, stack

from profiling.stacks import CALLERS_UNKNOWN, common_root, folded, merge, short_name, without_common_root


class ShortNames(unittest.TestCase):
    def test_short_names(self) -> None:
        for name, short in {
            "tcp_v4_rcv": "tcp_v4_rcv",
            "update_rq.constprop.0.isra.3": "update_rq",
            "run() [clone .cold]": "run",
            "breakwater::tls::Connection::receive(std::span<unsigned char, 18446744073709551615ul>)":
                "breakwater::tls::Connection::receive",
            "void breakwater::crypto::twice<breakwater::crypto::Residue<A> >(breakwater::crypto::Point<B>&)":
                "breakwater::crypto::twice",
            "breakwater::(anonymous namespace)::fill(int) const": "breakwater::{anonymous}::fill",
            "auto f<int>(std::array<unsigned long, 4ul> const&)::{lambda(int)#1}::operator()(int) const":
                "f::{lambda}::operator()",
            "bool a::operator< <int>(a::B<int> const&)": "a::operator<",
            "std::ostream& std::operator<< <std::char_traits<char> >(std::ostream&, char const*)": "std::operator<<",
            "a::b::operator->() const": "a::b::operator->",
            "operator new(unsigned long)": "operator new",
        }.items():
            with self.subTest(name=name):
                self.assertEqual(short_name(name), short)


class Folding(unittest.TestCase):
    def test_equal_stacks_are_added_up(self) -> None:
        one, other = stack("a:main", "a:f"), stack("a:main", "b:f")
        self.assertEqual(merge([(one, 2), (other, 3), (one, 4)]), {one: 6, other: 3})

    def test_folded_lines(self) -> None:
        text = folded(Counter({stack("a:main", "a:f"): 7, stack("a:main"): 2, stack("a:main", "a:odd;name"): 1}))
        self.assertEqual(text, "main 2\nmain;f 7\nmain;odd:name 1\n")


class Roots(unittest.TestCase):
    STACKS = Counter({
        stack("a:_start", "a:main", "a:loop", "a:work", "c:malloc"): 60,
        stack("a:_start", "a:main", "a:loop", "a:wait"): 30,
        stack("a:_start", "a:main", "a:loop"): 5,
        stack("a:work", "c:malloc"): 5,
    })

    def test_the_innermost_function_that_almost_all_share(self) -> None:
        self.assertEqual(common_root(self.STACKS), stack("a:loop")[0])

    def test_what_is_shared_goes_and_nothing_is_lost(self) -> None:
        self.assertEqual(without_common_root(self.STACKS), {
            stack("a:work", "c:malloc"): 60, stack("a:wait"): 30, stack("a:loop"): 5,
            (CALLERS_UNKNOWN, *stack("a:work", "c:malloc")): 5})

    def test_nothing_shared(self) -> None:
        apart = Counter({stack("a:f", "a:g"): 1, stack("b:f", "b:g"): 1})
        self.assertEqual(without_common_root(apart), apart)

    def test_unnamed_functions_are_no_root(self) -> None:
        self.assertEqual(common_root(Counter({stack("a:main", "a:[unnamed]", "a:f"): 9})), stack("a:main")[0])


if __name__ == "__main__":
    main()
