"""Invented words, people and domains, drawn per world.

Every world has its own sound: a few hundred syllables put together from its own onsets, vowels
and codas, so words of two worlds rarely agree and no list of them can be learned.
"""

from lymer.lab.draws import Draw
from lymer.lab.listed import listed

_ONSETS = listed(
    "b d f g h k l m n p r s t v w z bl br dr fl fr gl gr kl kr pl pr sk sl sm sn sp st tr "
    "th sh ch qu j y c cl cr str spl thr vl zw kn pf"
)
_VOWELS = listed("a e i o u a e i o ai ea ee io ou ie oa au ei ui eo")
_CODAS = listed("n r l s t m d nd rn lt st x ck p sk rd th ng mp ld")

_FIRST = listed(
    "Anna Karl Maria Peter Julia Tom Nora Felix Irene Hugo Clara Oskar Ruth Leon Ida Paul Vera "
    "Max Lena Simon Alma Bruno Edith Frank Greta Henry Iris Jonas Kate Louis Mona Nils Olga "
    "Piet Rosa Sven Tilda Uwe Viktor Wanda Xenia Yara Zeno Betty Carlos Diana Emil Flora Gil "
    "Hanna Ivo Jane Kurt Lydia Marco Nina Otto Paula Ralf Stella Theo Ulla Vito Willa"
)

# A registrable domain of its own: one label under a reserved top-level name.
_TOPS = ("test", "example", "invalid")
# Shared parents (RFC 2606): free hosting and free mail, where many strangers are neighbours.
_SHARED = ("example.com", "example.net", "example.org")


class Names:
    """The invented vocabulary of one world."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        onsets = draw.some(_ONSETS, draw.whole(16, 26))
        vowels = draw.some(_VOWELS, draw.whole(7, 12))
        codas = ["", "", *draw.some(_CODAS, draw.whole(7, 12))]
        self._syllables = [
            draw.pick(onsets) + draw.pick(vowels) + draw.pick(codas) for _ in range(320)
        ]
        self._used: set[str] = set()
        self.words = sorted({self.word() for _ in range(2600)})
        """The common pseudo-words of the world (about 2,500)."""
        draw.random.shuffle(self.words)
        self.surnames = [self.fresh().capitalize() for _ in range(400)]
        self.places = [self.fresh().capitalize() for _ in range(120)]
        self.first_names = list(_FIRST)

    def word(self, low: int = 2, high: int = 3) -> str:
        """A pronounceable word, maybe one that was made before."""
        draw = self._draw
        return "".join(draw.pick(self._syllables) for _ in range(draw.whole(low, high)))

    def fresh(self, low: int = 2, high: int = 3) -> str:
        """A pronounceable word of this world that `fresh` has not given yet.

        Short words run out in a large world: the search then goes on among longer ones.
        """
        tries = 0
        while True:
            word = self.word(low, high + tries // 16)
            if word not in self._used and len(word) >= 4:
                self._used.add(word)
                return word
            tries += 1

    def person(self) -> tuple[str, str]:
        """First name and invented surname."""
        return self._draw.pick(self.first_names), self._draw.pick(self.surnames)

    def domain(self, label: str | None = None) -> str:
        """A registrable domain, its label invented unless given."""
        return f"{label or self.fresh()}.{self._draw.pick(_TOPS)}"

    def throwaway(self) -> str:
        """A domain as bought by the hundred: word, two words, digits or hyphen."""
        draw = self._draw
        label = self.fresh()
        form = draw.whole(0, 4)
        if form == 1:
            label += draw.letters(draw.whole(1, 3))
        elif form == 2:
            label += str(draw.whole(2, 999))
        elif form == 3:
            label = f"{label}-{self.word(1, 2)}"
        return f"{label}.{draw.pick(_TOPS)}"

    def passing(self) -> str:
        """A domain for a single message. Nothing remembers it: four syllables meet by no chance."""
        return f"{self.word(4, 4)}.{self._draw.pick(_TOPS)}"

    def shared(self) -> str:
        """A name under a parent that strangers share (free hosting, free mail)."""
        return f"{self.fresh()}.{self._draw.pick(_SHARED)}"

    def local_part(self) -> str:
        """A mailbox name as people choose them."""
        draw = self._draw
        first, last = self.person()
        first, last = first.lower(), last.lower()
        form = draw.whole(0, 6)
        if form == 0:
            return f"{first}.{last}"
        if form == 1:
            return f"{first[0]}{last}"
        if form == 2:
            return f"{last}{draw.whole(1, 99)}"
        if form == 3:
            return f"{first}_{last}"
        if form == 4:
            return f"{first}{draw.whole(50, 99)}"
        if form == 5:
            return f"{last}.{first[0]}"
        return last
