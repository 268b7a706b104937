"""On a narrow screen a cell of a table says what its column is called."""

from markupsafe import Markup

from booking.http.tables import labelled


def test_each_cell_says_its_column_and_what_is_empty_or_heads_its_row_does_not():
    headings = ["Team", ("Held", "number"), 'Why <&">', ""]
    rows = Markup(
        '<tr class="group"><th scope="row">T &amp; U</th><td class="text-end">8</td>\n<td> </td>'
        '<td><a href="/">Open</a></td></tr>'
        '<tr><td colspan="2">Both</td><td>late</td></tr>'
        "<tr><td>a</td><td>b</td><td>c</td><td>d</td><td>e</td></tr>"
    )
    assert labelled(rows, headings) == (
        '<tr class="group"><th scope="row">T &amp; U</th><td data-label="Held" class="text-end">8</td>\n<td> </td>'
        '<td><a href="/">Open</a></td></tr>'
        '<tr><td data-label="Team" colspan="2">Both</td><td data-label="Why &lt;&amp;&#34;&gt;">late</td></tr>'
        '<tr><td data-label="Team">a</td><td data-label="Held">b</td><td data-label="Why &lt;&amp;&#34;&gt;">c</td>'
        "<td>d</td><td>e</td></tr>"
    )
