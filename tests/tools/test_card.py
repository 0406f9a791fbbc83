"""The card has the size that link previews ask for, and is the one that its script draws."""

import struct

from tools import card


def test_the_card_is_1200_by_630_pixels():
    head = card.CARD.read_bytes()[:24]
    assert struct.unpack(">II", head[16:24]) == (1200, 630)
    assert (card.draw().get_size_inches() * 100).tolist() == [1200, 630]


def test_the_card_shows_the_starts_in_their_colors_and_each_signal():
    figure = card.draw()
    assert len(figure.axes) == 4 * (1 + len(card.LAYERS))
    last = [axes.get_images()[0].get_array() for axes in figure.axes[6::7]]
    assert last[0].max() < 1e-6 < 0.1 < last[2].mean() < 3 < last[3].mean()
