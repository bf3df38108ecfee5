"""Bodies in our own words, and what must be read of them."""

import base64
import hashlib
import io
import quopri

import pytest
from PIL import Image, ImageDraw

from lymer.messages.content import open_content
from lymer.messages.reading import Content, Header


def read(raw: bytes | str) -> Content:
    """Read a message given whole; a splitter of our own, so that only the body is tested."""
    if isinstance(raw, str):
        raw = raw.encode("utf-8")
    block, blank, _ = raw.partition(b"\n\n")
    headers: list[Header] = []
    for line in block.decode("latin-1").split("\n"):
        if line[:1] in " \t" and headers:
            headers[-1] = Header(headers[-1].name, f"{headers[-1].written} {line.strip()}")
        else:
            name, _, value = line.partition(":")
            headers.append(Header(name, value.strip()))
    return open_content(raw, headers, len(block) + len(blank))


def read_html(html: str) -> Content:
    return read("Content-Type: text/html; charset=utf-8\n\n" + html)


def multipart(kind: str, *parts: str) -> str:
    body = "".join(f"--edge\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary=edge\n\n{body}--edge--\n"


PLAIN = "Content-Type: text/plain\n\n"
HTML = "Content-Type: text/html\n\n"


class TestText:
    def test_without_any_header_a_body_is_text(self) -> None:
        content = read("Subject: x\n\nThe kennel opens at nine.\nBring the leash.\n")
        assert content.text == "The kennel opens at nine.\nBring the leash."
        assert (content.mime_tree, content.charset) == ("text/plain", None)
        assert content.defects == []

    def test_crlf_is_one_line_break(self) -> None:
        assert read("A: b\n\none\r\ntwo\r\n").text == "one\ntwo"

    @pytest.mark.parametrize("encoding", ["base64", "BASE64", '"base64"', "base64; x=1"])
    def test_base64(self, encoding: str) -> None:
        body = base64.encodebytes(b"Hounds follow the trail home.").decode()
        content = read(f"Content-Transfer-Encoding: {encoding}\n\n{body}")
        assert content.text == "Hounds follow the trail home."

    def test_base64_cut_in_the_middle_keeps_what_came(self) -> None:
        body = base64.b64encode(b"Hounds follow the trail home").decode()[:-3]
        content = read(f"Content-Transfer-Encoding: base64\n\n{body}")
        assert content.text.startswith("Hounds follow the trail h")
        assert content.defects == ["base64_damaged"]

    def test_footer_in_clear_behind_base64_is_kept(self) -> None:
        body = base64.encodebytes(b"The hounds are").decode()
        content = read(
            f"Content-Transfer-Encoding: base64\n\n{body}\n___\nThe list: http://list.example/\n"
        )
        assert "The hounds are" in content.text
        assert "The list:" in content.text
        assert [link.host for link in content.links] == ["list.example"]
        assert content.defects == ["text_after_base64"]

    def test_pieces_of_base64_put_together_are_all_read(self) -> None:
        body = base64.b64encode(b"one two ") + base64.b64encode(b"three four")
        content = read(b"Content-Transfer-Encoding: base64\n\n" + body)
        assert content.text == "one two three four"

    def test_quoted_printable(self) -> None:
        body = quopri.encodestring("Füchse laufen schnell =) ".encode() * 9).decode()
        content = read(
            "Content-Type: text/plain; charset=UTF-8\n"
            f"Content-Transfer-Encoding: quoted-printable\n\n{body}"
        )
        assert content.text == "Füchse laufen schnell =) " * 9

    def test_impossible_transfer_encoding_keeps_the_text(self) -> None:
        content = read("Content-Transfer-Encoding: 7.5bit-ish\n\nStill here.\n")
        assert content.text == "Still here."
        assert content.defects == ["transfer_encoding_impossible"]

    def test_uuencoded_body(self) -> None:
        content = read("Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#8V%T\n`\nend\n")
        assert content.text == "cat"

    def test_zero_width_characters_and_soft_hyphens_are_not_seen(self) -> None:
        content = read("Content-Type: text/plain; charset=utf-8\n\nw\u200bo\u00adr\ufeffd\n")
        assert content.text == "word"

    def test_nul_bytes_are_a_defect_and_no_text(self) -> None:
        content = read(b"A: b\n\nfi\0sh\n")
        assert (content.text, content.defects) == ("fish", ["nul_bytes"])


class TestCharset:
    @pytest.mark.parametrize(
        ("label", "data", "text"),
        [
            ("iso-8859-1", b"\x93caf\xe9\x94", "“café”"),
            ("windows-1251", "Лай".encode("cp1251"), "Лай"),
            ("gb2312", "镕猎犬".encode("gb18030"), "镕猎犬"),
            ("ks_c_5601-1987", "똠사냥개".encode("cp949"), "똠사냥개"),
            ("koi8-r", "Лай".encode("koi8-r"), "Лай"),
            ("iso-2022-jp", "犬".encode("iso2022-jp"), "犬"),
            ("utf-16", "犬ab".encode("utf-16"), "犬ab"),
        ],
    )
    def test_declared(self, label: str, data: bytes, text: str) -> None:
        content = read(f"Content-Type: text/plain; charset={label}\n\n".encode() + data)
        assert (content.text, content.charset, content.defects) == (text, label, [])

    @pytest.mark.parametrize(
        "label", ["iso-NNNN-N", "x-made-up", "hex", "idna", "punycode", "zlib", "a\x01b", "rot13"]
    )
    def test_invented(self, label: str) -> None:
        head = f'Content-Type: text/plain; charset="{label}"\n\n'.encode()
        for data in ("Spürhund".encode(), "Spürhund".encode("cp1252")):
            content = read(head + data)
            assert content.text == "Spürhund"
            assert content.defects == ["charset_unknown"]

    @pytest.mark.parametrize("head", [b"A: b", b'Content-Type: text/plain; charset="DEFAULT"'])
    def test_undeclared(self, head: bytes) -> None:
        for data in ("Spürhund".encode(), "Spürhund".encode("cp1252")):
            content = read(head + b"\n\n" + data)
            assert (content.text, content.defects) == ("Spürhund", ["undeclared_8bit"])

    def test_wrong(self) -> None:
        content = read(b"Content-Type: text/plain; charset=utf-8\n\nSp\xfcrhund")
        assert content.defects == ["charset_damaged"]
        assert content.text.startswith("Sp")

    def test_text_can_always_be_stored(self) -> None:
        content = read(b"Content-Type: text/plain; charset=utf-7\n\n+2AA-x")
        content.text.encode("utf-8")


class TestStructure:
    def test_html_is_preferred_and_the_plain_part_is_not_hidden_text(self) -> None:
        content = read(multipart("alternative", PLAIN + "Hello hound", HTML + "<p>Hello hound"))
        assert content.text == "Hello hound"
        assert content.hidden_text == ""
        assert content.mime_tree == "multipart/alternative(text/plain,text/html)"
        assert content.defects == []

    def test_without_text_in_html_the_plain_part_is_shown(self) -> None:
        content = read(multipart("alternative", PLAIN + "Hello hound", HTML + "<img src=cid:1>"))
        assert content.text == "Hello hound"
        assert "img" in content.layout

    def test_alternatives_that_disagree(self) -> None:
        one = " ".join(f"alpha{n}" for n in range(30))
        other = " ".join(f"omega{n}" for n in range(30))
        content = read(multipart("alternative", PLAIN + one, HTML + other))
        assert content.defects == ["alternatives_disagree"]

    def test_one_alternative(self) -> None:
        content = read(multipart("alternative", PLAIN + "alone"))
        assert (content.text, content.defects) == ("alone", ["alternative_with_one_part"])

    def test_texts_are_joined_in_order(self) -> None:
        content = read(multipart("mixed", PLAIN + "first", HTML + "<b>second</b>", PLAIN + "third"))
        assert content.text == "first\nsecond\nthird"

    def test_missing_boundary_shows_the_body_as_it_is(self) -> None:
        content = read("Content-Type: multipart/mixed\n\n--x\n\nwords\n")
        assert "words" in content.text
        assert content.defects == ["mime_damaged"]

    def test_unclosed_multipart(self) -> None:
        content = read("Content-Type: multipart/mixed; boundary=e\n\n--e\n\none\n--e\n\ntwo\n")
        assert (content.text, content.defects) == ("one\ntwo", ["mime_damaged"])

    def test_boundary_that_begins_like_the_outer_one(self) -> None:
        inner = (
            "Content-Type: multipart/alternative; boundary=edge2\n\n"
            "--edge2\n\nplain\n--edge2\nContent-Type: text/html\n\n<p>rich\n--edge2--\n"
        )
        content = read(multipart("mixed", inner, PLAIN + "after"))
        assert content.text == "rich\nafter"
        assert content.mime_tree == (
            "multipart/mixed(multipart/alternative(text/plain,text/html),text/plain)"
        )

    def test_text_outside_of_the_parts_is_hidden(self) -> None:
        chaff = "unseen words " * 30
        raw = multipart("mixed", PLAIN + "seen") + chaff
        content = read(raw)
        assert content.text == "seen"
        assert "unseen words" in content.hidden_text
        assert content.defects == ["text_outside_parts"]

    def test_deep_nesting_ends(self) -> None:
        head = "".join(
            f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(500)
        )
        content = read("Content-Type: multipart/mixed; boundary=b0\n\n" + head + "--b500\n\nbottom")
        assert "deep_mime" in content.defects
        assert len(content.attachments) == 1

    def test_many_parts_end_and_nothing_is_lost(self) -> None:
        parts = [f"Content-Type: a/b\n\n{n}" for n in range(1200)]
        content = read(multipart("mixed", *parts))
        assert "many_parts" in content.defects
        assert len(content.attachments) <= 500
        assert sum(part.size_bytes for part in content.attachments) > 1200 * 20 // 2

    def test_digest_parts_are_messages(self) -> None:
        content = read(multipart("digest", "\nSubject: a\n\nb"))
        assert content.attachments[0].media_type == "message/rfc822"


class TestHidden:
    @pytest.mark.parametrize(
        "html",
        [
            "<div style='display: none'>chaff</div>",
            "<span style='VISIBILITY:hidden'>chaff</span>",
            "<span style='font-size:0'>chaff</span>",
            "<span style='font-size: 1px;'>chaff</span>",
            "<span style='mso-hide:all'>chaff</span>",
            "<span style='opacity:0'>chaff</span>",
            "<div style='position:absolute; left:-9999px'>chaff</div>",
            "<div style='height:0px; overflow:hidden'>chaff</div>",
            "<div hidden>chaff</div>",
            "<font color=white>chaff</font>",
            "<font color='#FFFFFE'>chaff</font>",
            "<span style='color:#fff'>chaff</span>",
            "<span style='color: rgb(255, 255, 255)'>chaff</span>",
            "<table bgcolor=navy><tr><td><font color='#000080'>chaff</font></table>",
            "<table bgcolor=black><tr><td>chaff</table>",
            "<style>.q { display:none }</style><p class=q>chaff</p>",
            "<style>chaff</style>",
            "<noscript>chaff</noscript>",
            "<title>chaff</title>",
            "<!-- chaff -->",
            "</body></html>chaff",
        ],
    )
    def test_hidden(self, html: str) -> None:
        content = read_html(f"<html><body><p>Plain words.</p>{html}")
        assert content.text == "Plain words."
        assert content.hidden_text == "chaff"

    def test_beside_a_letter_that_lower_case_makes_longer(self) -> None:
        content = read_html("<P>\u0130zmir.</P><DIV STYLE='DISPLAY:NONE'>chaff</DIV>")
        assert content.text == "\u0130zmir."
        assert content.hidden_text == "chaff"

    @pytest.mark.parametrize(
        "html",
        [
            "<table bgcolor=navy><tr><td><font color=white>seen</font></table>",
            "<table bgcolor=black><tr><td bgcolor=white>seen</table>",
            "<font color=white><table bgcolor=red><tr><td>seen</table></font>",
            "<font color=white><font color=red>seen</font></font>",
            "<p style='font-size:0'><span style='font-size:14px'>seen</span></p>",
            "<body background='http://img.example/b.gif'><font color=white>seen</font>",
            "<span style='font-size:0.9em'>seen</span>",
            "<span style='font-size:10px;opacity:0.9'>seen</span>",
            "<style>@media (max-width:9em) { .q { display:none } }</style><p class=q>seen",
            "<font size=1>seen</font>",
        ],
    )
    def test_seen(self, html: str) -> None:
        content = read_html(html)
        assert content.text == "seen"
        assert content.hidden_text == ""

    def test_hidden_in_hidden(self) -> None:
        content = read_html(
            "a<div style='display:none'>b<p style='display:none'>c<font color=white>d</font></p>"
            "</div>e<font color=white>f<i style='display:none'>g</i></font>"
        )
        assert content.text == "a\ne"
        assert sorted("".join(content.hidden_text.split())) == ["b", "c", "d", "f", "g"]

    def test_hidden_twice_and_in_unseen_elements(self) -> None:
        content = read_html(
            "<style>.q {display:none}</style>seen<div style='display:none'><p class=q>one</p></div>"
            "<p class=q style='display:none'>two</p><noscript><i hidden>three</i></noscript>"
            "<div style='display:none'><noscript>four<b class=q>five</b></noscript></div>"
        )
        assert content.text == "seen"
        words = content.hidden_text.split()
        assert sorted(words) == sorted(["one", "two", "three", "four", "five"])

    def test_comments_and_tags_do_not_split_words(self) -> None:
        content = read_html("Se<!-- x -->cr<b>et</b> wo<zzz>rd</zzz>&shy;s &amp; m&#111;re")
        assert content.text == "Secret words & more"

    def test_lines_are_those_of_the_reader(self) -> None:
        content = read_html(
            "<p>one\ntwo</p><div>three<br>four</div>"
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table><pre>x\ny</pre>"
        )
        assert [line for line in content.text.split("\n") if line] == [
            "one two", "three", "four", "a b", "c", "x", "y",
        ]  # fmt: skip

    def test_hidden_links_say_so(self) -> None:
        content = read_html(
            "<a href='http://seen.example/'>x</a>"
            "<div style='display:none'><a href='http://unseen.example/'>y</a></div>"
        )
        assert [(link.host, link.where_found) for link in content.links] == [
            ("seen.example", "href"), ("unseen.example", "hidden"),
        ]  # fmt: skip


class TestLinks:
    @pytest.mark.parametrize(
        ("written", "url"),
        [
            ("http://Shop.Example/Buy?x=1", "http://shop.example/Buy?x=1"),
            ("HTTP://shop.example", "http://shop.example/"),
            ("https://shop.example:443/a", "https://shop.example/a"),
            ("http://shop.example:8080/a", "http://shop.example:8080/a"),
            ("http://www.bank.example@203.0.113.9/in", "http://203.0.113.9/in"),
            ("http://3405803785/", "http://203.0.113.9/"),
            ("http://0xCB.0x00.0x71.0x09/", "http://203.0.113.9/"),
            ("http://0313.0.0161.011/", "http://203.0.113.9/"),
            ("http://203.0.28937/", "http://203.0.113.9/"),
            ("http://sh%6fp.example./a", "http://shop.example/a"),
            ("http://b\u00fccher.example/", "http://xn--bcher-kva.example/"),
            ("http:/shop.example/a", "http://shop.example/a"),
            ("http:shop.example/a", "http://shop.example/a"),
            ("http:\\\\shop.example\\a", "http://shop.example/a"),
            ("//shop.example/a", "http://shop.example/a"),
            (" ht\ntp://shop.exa\nmple/ a\n", "http://shop.example/a"),
            ("http://shop.example?x=1", "http://shop.example/?x=1"),
            ("http://[2001:DB8::1]/a", "http://[2001:db8::1]/a"),
            ("http&#58;//shop.example/&#97;", "http://shop.example/a"),
        ],
    )
    def test_href(self, written: str, url: str) -> None:
        content = read_html(f'<a href="{written}">x</a>')
        assert [link.url for link in content.links] == [url]

    @pytest.mark.parametrize(
        "written",
        [
            "mailto:hound@example.com", "cid:1@example.com", "data:text/plain,x",
            "javascript:alert(1)", "relative/path", "#top", "http://", "http:// /", "http://localhost/",
            "http://a b.example/".replace(" ", "!"), "http://999.999.999.999/", "http://4294967296/",
            "http://[::zz]/", "",
        ],
    )  # fmt: skip
    def test_nowhere(self, written: str) -> None:
        assert read_html(f'<a href="{written}">x</a>').links == []

    def test_places(self) -> None:
        content = read_html(
            "<base href='http://base.example/d/'><meta http-equiv=refresh"
            " content='0; url=http://refresh.example/'>"
            "<body background='http://back.example/b.gif'>"
            "<style>p { background: url('http://sheet.example/s.png') }</style>"
            "<a href='page'>x</a><map><area href='http://area.example/'></map>"
            "<img src='http://img.example/i.gif'><form action='http://form.example/f'></form>"
            "<p style='background:url(http://style.example/t.png)'>"
        )
        assert {link.url: link.where_found for link in content.links} == {
            "http://refresh.example/": "href",
            "http://back.example/b.gif": "src",
            "http://sheet.example/s.png": "style",
            "http://base.example/d/page": "href",
            "http://area.example/": "href",
            "http://img.example/i.gif": "src",
            "http://form.example/f": "form",
            "http://style.example/t.png": "style",
        }

    def test_text(self) -> None:
        content = read(
            "A: b\n\nSee http://one.example/a, (hxxp://two.example/b) or <URL:https://three.example>.\n"
            "Also www.four.example/x; not a@www.five.example or mailto:b@six.example.\n"
            "HTTP://SEVEN.EXAMPLE and http://one.example/a again.\n"
        )
        assert [link.url for link in content.links] == [
            "http://one.example/a", "http://two.example/b", "https://three.example/",
            "http://seven.example/", "http://www.four.example/x",
        ]  # fmt: skip
        assert {link.where_found for link in content.links} == {"text"}

    def test_names_of_document_types_are_no_links(self) -> None:
        source = (
            '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN"\n'
            '"http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">'
            '<html xmlns="http://www.w3.org/1999/xhtml"><body>x'
        )
        assert read_html(source).links == []
        assert read("A: b\n\n" + source).links == []

    def test_registrable_domain(self) -> None:
        content = read_html(
            "<a href='http://a.b.shop.co.uk/'>x</a><a href='http://192.0.2.1/'>y</a>"
            "<a href='http://x.y.test/'>z</a>"
        )
        assert [link.domain for link in content.links] == ["shop.co.uk", None, "y.test"]

    def test_limits(self) -> None:
        content = read("A: b\n\n" + "".join(f"http://h{n}.example/\n" for n in range(600)))
        assert len(content.links) == 500
        assert content.defects == ["links_cut"]
        content = read("A: b\n\nhttp://long.example/" + "x" * 9000)
        assert len(content.links[0].url) == 2000


def picture(kind: str, shade: int = 0, size: tuple[int, int] = (120, 80)) -> bytes:
    """Like image spam: coloured lines of words and a frame on a light ground."""
    image = Image.new("RGB", size, (250, 250, 240))
    pen = ImageDraw.Draw(image)
    pen.rectangle((8, 60, 70, 74), outline=(200, 30, shade))
    for number, words in enumerate(("ORDER NOW", "only $3 each", "no questions")):
        pen.text((5 + 9 * number, 4 + 17 * number), words, fill=(20 + shade, 30, 90 * number))
    for x in range(size[0]):
        image.putpixel((x, size[1] // 2), (x * 2 % 256, 10, 10))
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


class TestAttachments:
    def attach(self, data: bytes, fields: str) -> Content:
        body = base64.encodebytes(data).decode()
        part = f"{fields}\nContent-Transfer-Encoding: base64\n\n{body}"
        return read(multipart("mixed", PLAIN + "see the file", part))

    def test_bytes_and_name(self) -> None:
        data = bytes(range(256)) * 50
        content = self.attach(
            data,
            'Content-Type: Application/X-Thing; name="a;b.bin"\nContent-Disposition: attachment',
        )
        (found,) = content.attachments
        assert found.sha256 == hashlib.sha256(data).hexdigest()
        assert (found.name, found.media_type, found.size_bytes) == (
            "a;b.bin", "application/x-thing", len(data),
        )  # fmt: skip
        assert content.text == "see the file"

    @pytest.mark.parametrize(
        ("field", "name"),
        [
            ("attachment; filename*=utf-8''H%C3%BCndin.pdf", "Hündin.pdf"),
            ("attachment; filename*0*=iso-8859-1'de'H%FCn; filename*1=din.pdf", "Hündin.pdf"),
            ('attachment; filename="=?utf-8?B?SMO8bmRpbi5wZGY=?="', "Hündin.pdf"),
            ('attachment; filename="Hündin.pdf"', "Hündin.pdf"),
            ("attachment; filename=My File.pdf", "My File.pdf"),
            ('attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
            ("attachment", None),
        ],
    )
    def test_names(self, field: str, name: str | None) -> None:
        content = self.attach(
            b"%PDF", f"Content-Type: application/pdf\nContent-Disposition: {field}"
        )
        assert content.attachments[0].name == name

    def test_text_sent_as_a_file_is_no_text(self) -> None:
        content = self.attach(
            b"file words",
            "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt",
        )
        assert content.text == "see the file"
        assert content.attachments[0].size_bytes == 10

    def test_message_inside(self) -> None:
        inner = "Content-Type: message/rfc822\n\nSubject: inner\n\ninner words"
        content = read(multipart("mixed", PLAIN + "outer", inner))
        assert content.text == "outer"
        assert content.mime_tree == "multipart/mixed(text/plain,message/rfc822)"
        expected = hashlib.sha256(b"Subject: inner\n\ninner words").hexdigest()
        assert content.attachments[0].sha256 == expected

    def test_whole_message_is_a_picture(self) -> None:
        data = picture("PNG")
        content = read(
            b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
            + base64.encodebytes(data)
        )
        assert content.attachments[0].sha256 == hashlib.sha256(data).hexdigest()
        assert content.mime_tree == "image/png"

    @pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG", "WEBP", "BMP"])
    def test_picture_hash_is_steady(self, kind: str) -> None:
        def hash_of(data: bytes) -> int:
            content = self.attach(data, "Content-Type: image/x-any")
            assert content.attachments[0].defects == []
            value = content.attachments[0].picture_hash
            assert value is not None
            assert len(value) == 16
            return int(value, 16)

        reference = hash_of(picture("PNG"))
        assert (hash_of(picture(kind)) ^ reference).bit_count() <= 6
        assert (hash_of(picture(kind, size=(240, 160))) ^ reference).bit_count() > 6

    def test_cut_picture_still_has_a_hash(self) -> None:
        data = picture("JPEG")
        content = self.attach(data[: len(data) * 3 // 4], "Content-Type: image/jpeg")
        assert content.attachments[0].picture_hash is not None

    def test_huge_picture_is_not_opened(self) -> None:
        stream = io.BytesIO()
        Image.new("1", (30_000, 1000)).save(stream, "PNG")
        content = self.attach(stream.getvalue(), "Content-Type: image/png")
        assert content.attachments[0].picture_hash is None
        assert content.attachments[0].defects == ["picture_too_large"]

    def test_no_picture(self) -> None:
        content = self.attach(b"GIF89a but no more", "Content-Type: image/gif")
        assert content.attachments[0].defects == ["picture_unreadable"]


class TestLayout:
    def test_changed_slots_keep_the_layout(self) -> None:
        def mail(name: str, host: str, lines: int) -> str:
            return read_html(
                f"<p>Dear {name},</p><p>{'A line of words in a row.<br>' * lines}</p>"
                f"<a href='http://{host}.example/{name}'>http://{host}.example</a><table><tr><td>1"
            ).layout

        assert mail("Ada", "abc", 7) == mail("Bertram", "zyxwv", 9)
        assert mail("Ada", "abc", 7) != mail("Ada", "abc", 15)

    def test_line_classes(self) -> None:
        content = read(
            "A: b\n\nA line of several words\n\n> quoted\nshort\n1-800-555 0100\nwww.a.example\n"
        )
        assert content.layout == "text/plain|T1 B1 Q1 S1 N1 L1|"
