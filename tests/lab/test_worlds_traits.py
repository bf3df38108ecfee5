"""Each world is hard in the ways it says it is."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message

import pytest
from lab_worlds import World

from lymer.lab.draws import UNSEEN_FROM, Draw
from lymer.lab.texts.pitch import UNSEEN_MANNERS

Maker = Callable[..., World]
Trait = Callable[[World], bool]


def parts(mail: bytes, major: str) -> list[bytes]:
    """The decoded payloads of the parts of one kind."""
    found: list[bytes] = []
    for part in message_from_bytes(mail).walk():
        if part.get_content_maintype() == major:
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            found.append(payload)
    return found


def text(mail: bytes) -> str:
    return "\n".join(part.decode("latin-1") for part in parts(mail, "text"))


def headers(mail: bytes) -> Message:
    return message_from_bytes(mail)


def by_campaign(world: World, where: str, key: str = "campaign_id") -> dict[str, list[bytes]]:
    """The mails of each campaign (or template) whose truth matches."""
    found: dict[str, list[bytes]] = defaultdict(list)
    ids = world.sql(
        f"SELECT m.{key}, message_id FROM messages m JOIN campaigns c USING (campaign_id) "
        f"WHERE {where}"
    )
    for campaign, message in ids:
        found[campaign].append(world.mails[message])
    return found


def personas_change_within_a_campaign(w: World) -> bool:
    return any(
        len({headers(m)["X-Mailer"] or headers(m)["User-Agent"] for m in mails}) >= 4
        for mails in by_campaign(w, "c.kind = 'botnet'").values()
    )


def synonyms_rotate(w: World) -> bool:
    """Some line of a prose campaign differs from mail to mail in some words, not in all."""
    for mails in by_campaign(w, "c.manner IN ('prose', 'html', 'both', 'ticker')").values():
        lines = [set(re.sub(r"\d|<.*?>", "", text(m)).split("\n")) for m in mails[:20]]
        for line in lines[0]:
            words = set(line.split())
            if len(words) > 6 and any(
                0.4 < max(len(words & set(o.split())) / len(words) for o in other) < 1
                for other in lines[1:]
            ):
                return True
    return False


def chaff_quotes_news_and_phone_numbers(w: World) -> bool:
    mails = w.of("manner = 'picture salad'")
    return any("-555-01" in text(m) for m in mails) and any(
        re.search(r"(said|told reporters|denied|announced|confirmed)", text(m)) for m in mails
    )


def one_picture_under_random_words(w: World) -> bool:
    return any(
        len({p for m in mails for p in parts(m, "image")}) == 1
        and len({text(m) for m in mails}) > len(mails) / 2 > 1
        for mails in by_campaign(w, "c.manner = 'picture salad'", "template_id").values()
    )


def one_text_with_noisy_pictures(w: World) -> bool:
    return any(
        len({p for m in mails for p in parts(m, "image")}) > len(mails) / 2 > 1
        and any(
            all(line in text(m) for m in mails)
            for line in text(mails[0]).split("\n")
            if len(line) > 30
        )
        for mails in by_campaign(w, "c.manner = 'picture text'", "template_id").values()
    )


LINK = re.compile(r"https?://(?:www\.)?([\w.-]+)")


def hosts(mail: bytes) -> set[str]:
    return set(LINK.findall(text(mail)))


def domains_rotate_within_a_campaign(w: World) -> bool:
    return any(
        len({host.split(".", host.count(".") - 1)[-1] for m in mails for host in hosts(m)}) >= 3
        for mails in by_campaign(w, "c.kind = 'botnet'").values()
    )


def users_of(w: World, column: str) -> dict[str, set[str]]:
    """The users of each advertised domain, by a column of the campaigns."""
    users: dict[str, set[str]] = defaultdict(set)
    rows = w.sql(
        f"SELECT message_id, c.{column}, o.domains FROM messages m "
        "JOIN campaigns c USING (campaign_id) JOIN operations o ON o.operation_id = c.operation_id "
        "WHERE c.kind IN ('botnet', 'unknown')"
    )
    for message, user, domains in rows:
        body = text(w.mails[message])
        for domain in domains:
            if domain in body:
                users[domain].add(user)
    return users


def one_domain_is_used_by_two_engines(w: World) -> bool:
    shared = {
        domain
        for (domains,) in w.sql(
            "SELECT o.domains FROM operations o JOIN campaigns c USING (operation_id) "
            "GROUP BY o.operation_id, o.domains HAVING count(DISTINCT c.engine_id) > 1"
        )
        for domain in domains
    }
    return any(len(users) > 1 and d in shared for d, users in users_of(w, "engine_id").items())


def shorteners_serve_unrelated_customers(w: World) -> bool:
    return any(len(users) > 1 for users in users_of(w, "account").values())


def customers_use_two_operators(w: World) -> bool:
    return w.sql(
        "SELECT count(*) > 0 FROM (SELECT c.account FROM campaigns c, unnest(c.botnet_ids) AS u(b) "
        "JOIN botnets n ON n.botnet_id = u.b GROUP BY 1 HAVING count(DISTINCT n.operator) > 1)"
    ) == [(True,)]


_PAIRS = """
    SELECT count(*) > 0 FROM campaigns a JOIN campaigns b
      ON a.operation_id = b.operation_id AND a.last_at < b.first_at
    JOIN templates s ON s.campaign_id = a.campaign_id
    JOIN templates t ON t.campaign_id = b.campaign_id
     AND t.slots = s.slots AND length(t.subject_source) > 0
    WHERE a.kind = 'botnet' AND a.manner = b.manner AND a.language = b.language AND
"""


def operators_move_to_another_engine(w: World) -> bool:
    """One template, by an operator's first engine and pool and then by his second ones."""
    return w.sql(
        f"{_PAIRS} a.engine_id <> b.engine_id AND (SELECT count(DISTINCT operator) FROM botnets n "
        "WHERE list_contains(a.botnet_ids, n.botnet_id) OR list_contains(b.botnet_ids, n.botnet_id)"
        ") = 1 AND NOT list_has_any(a.botnet_ids, b.botnet_ids)"
    ) == [(True,)]


def texts_come_back_after_a_week(w: World) -> bool:
    same = _PAIRS.replace("count(*) > 0", "s.body_source = t.body_source")
    apart = "a.engine_id = b.engine_id AND b.first_at - a.last_at > INTERVAL 6 DAY"
    return (True,) in w.sql(f"{same} {apart}")


def addresses_churn(w: World) -> bool:
    [(bots, addresses)] = w.sql(
        "SELECT count(DISTINCT bot_id), count(DISTINCT u.ip) FROM bot_days, "
        "unnest(client_ip) AS u(ip)"
    )
    return bool(addresses > 2 * bots)


def traps_see_one_in_ten_thousand(w: World) -> bool:
    [(share,)] = w.sql("SELECT median(seen / sent) FROM campaigns WHERE kind = 'botnet'")
    return bool(share < 1e-4)


def trusted(w: World) -> dict[str, list[str]]:
    return dict(json.loads((w.path / "world.json").read_text())["trusted"])


def internal_relays_and_forwarders(w: World) -> bool:
    nets = trusted(w)["nets"]
    return any(net.startswith("10.") for net in nets) and any(
        net.startswith(("203.0.113.", "198.51.100.")) for net in nets
    )


def received_lines_are_forged_as_the_traps_own(w: World) -> bool:
    own = trusted(w)["hosts"]
    rows = w.sql("SELECT message_id, client_ip FROM messages WHERE kind = 'spam'")
    for message, client in rows:
        received = headers(w.mails[message]).get_all("Received") or []
        peers = [n for n, line in enumerate(received) if client in line]
        below = received[peers[0] + 1 :] if peers else []
        if any(f"by {host}" in " ".join(line.split()) for line in below for host in own):
            return True
    return False


def macros_stay_unexpanded(w: World) -> bool:
    """A word of a template's source that stands in one or two of its mails as it is."""
    rows = w.sql(
        "SELECT template_id, t.body_source, list(m.message_id) FROM messages m "
        "JOIN templates t USING (template_id) WHERE m.kind = 'spam' GROUP BY ALL"
    )
    for _, source, messages in rows:
        bodies = [text(w.mails[m]) for m in messages]
        for word in set(re.findall(r"\S*[^\w\s.,!?:;<>\"'=/-]\S*", source)):
            holders = sum(word in body for body in bodies)
            if 0 < holders <= max(2, len(bodies) // 8) and len(bodies) > 9:
                return True
    return False


def hacked_web_hosts_send_the_most(w: World) -> bool:
    busiest = w.sql(
        "SELECT m.client_ip, any_value(c.kind), count(*) AS n "
        "FROM messages m JOIN campaigns c USING (campaign_id) "
        "WHERE m.kind = 'spam' GROUP BY 1 ORDER BY n DESC LIMIT 5"
    )
    return [kind for _, kind, _ in busiest].count("unknown") >= 3


def kinds_of_strangers(w: World) -> bool:
    kinds = {kind for (kind,) in w.sql("SELECT DISTINCT kind FROM messages")}
    return kinds >= {"bounce", "list", "single", "bulk", "snowshoe", "ham", "spam"}


def sentences_come_in_any_order(w: World) -> bool:
    for mails in by_campaign(w, "c.manner = 'rotate'").values():
        where: dict[str, set[int]] = defaultdict(set)
        for mail in mails:
            body = " ".join(text(mail).split())
            for at, sentence in enumerate(re.split(r"(?<=[.?!])\s", body)):
                where[sentence].add(at)
        if max(len(places) for places in where.values()) >= 3:
            return True
    return False


def letters_are_replaced_by_look_alikes(w: World) -> bool:
    """Digits and signs within words; Latin letters within Cyrillic ones, in either charset."""
    bodies = [b"".join(parts(m, "text")) for m in w.of("manner = 'lookalike'")]
    return any(
        re.search(rb"[a-z][013@$!|45+][a-z]", body)
        or re.search(rb"[\xc0-\xff][aeocpx][\xc0-\xff]", body)
        or re.search("[а-я][aeocpx][а-я]", body.decode("utf-8", "replace"))
        for body in bodies
    )


def words_are_split_by_comments(w: World) -> bool:
    return any(re.search(r"\w<!--\w+-->\w", text(m)) for m in w.of("manner = 'split'"))


def bait_has_only_a_drop_box(w: World) -> bool:
    return any(
        "http" not in text(m) and headers(m)["Reply-To"] and headers(m)["Reply-To"] in text(m)
        for m in w.of("manner = 'dropbox'")
    )


def drop_boxes_serve_unrelated_customers(w: World) -> bool:
    users: dict[str, set[str]] = defaultdict(set)
    for campaign, mails in by_campaign(w, "c.manner = 'dropbox' AND c.kind = 'botnet'").items():
        [(account,)] = w.sql(f"SELECT account FROM campaigns WHERE campaign_id = '{campaign}'")
        for mail in mails:
            users[headers(mail)["Reply-To"]].add(account)
    return any(len(accounts) > 1 for accounts in users.values())


def some_mails_have_three_words(w: World) -> bool:
    return any(len(re.sub(r"http\S+", "", text(m)).split()) == 3 for m in w.of("manner = 'short'"))


def some_mails_have_no_text(w: World) -> bool:
    return any(not text(m).strip() for m in w.of("manner = 'empty'"))


def several_languages_and_charsets(w: World) -> bool:
    [(languages,)] = w.sql("SELECT count(DISTINCT language) FROM campaigns")
    charsets = {
        str(charset).lower() for m in w.mails.values() for charset in headers(m).get_charsets()
    }
    return languages >= 4 and len(charsets) >= 5 and bool(charsets & {"koi8-r", "windows-1251"})


def some_charsets_are_false(w: World) -> bool:
    """The engine that fails to expand macros claims one thing, whatever its texts are in."""
    claims = {
        str(part.get_content_charset()).lower()
        for m in w.of("kind = 'spam' AND engine_id = 'engine-000'")
        for part in headers(m).walk()
        # A mail of no text at all has no such header, and claims nothing.
        if part["Content-Type"] and part.get_content_maintype() == "text"
    }
    return claims in ({"none"}, {"default"}, {"iso-nnnn-n"}, {"us-ascii"}, {"x-unknown"})


def strangers_share_footers(w: World) -> bool:
    users: dict[str, set[str]] = defaultdict(set)
    rows = w.sql("SELECT message_id, coalesce(operation_id, kind) FROM messages")
    for message, user in rows:
        for line in re.findall(
            r"(Checked by \w+ version [\d.]+|Sent through \w+|Get your free mailbox at)",
            text(w.mails[message]),
        ):
            users[line].add(user)
    return any(len(found) >= 3 for found in users.values())


MIXED: tuple[Trait, ...] = (
    personas_change_within_a_campaign, synonyms_rotate, chaff_quotes_news_and_phone_numbers,
    one_picture_under_random_words, one_text_with_noisy_pictures, domains_rotate_within_a_campaign,
    one_domain_is_used_by_two_engines, shorteners_serve_unrelated_customers,
    customers_use_two_operators, operators_move_to_another_engine, texts_come_back_after_a_week,
    addresses_churn, traps_see_one_in_ten_thousand, internal_relays_and_forwarders,
    received_lines_are_forged_as_the_traps_own, macros_stay_unexpanded,
    hacked_web_hosts_send_the_most, kinds_of_strangers, sentences_come_in_any_order,
    letters_are_replaced_by_look_alikes, words_are_split_by_comments, bait_has_only_a_drop_box,
    drop_boxes_serve_unrelated_customers, some_mails_have_three_words, some_mails_have_no_text,
    several_languages_and_charsets, some_charsets_are_false, strangers_share_footers,
)  # fmt: skip


@pytest.mark.parametrize("trait", MIXED)
def test_mixed(world: Maker, trait: Trait) -> None:
    assert trait(world("mixed"))


def spam_and_lawful_mail_leave_the_same_relays(w: World) -> bool:
    return w.sql(
        "SELECT count(*) > 0 FROM (SELECT DISTINCT client_ip FROM messages JOIN campaigns c "
        "USING (campaign_id) WHERE c.kind = 'unknown' INTERSECT SELECT client_ip FROM messages "
        "WHERE kind IN ('ham', 'bulk'))"
    ) == [(True,)]


def robots_type_into_webmail(w: World) -> bool:
    return any(
        "with HTTP" in str(headers(m)["Received"] and headers(m).get_all("Received"))
        and headers(m)["X-Originating-IP"]
        for m in w.of("how = 'unknown'")
    )


def mail_is_signed_and_judged(w: World) -> bool:
    seen = Counter(
        name
        for m in w.mails.values()
        for name in ("DKIM-Signature", "ARC-Seal", "Authentication-Results")
        if headers(m)[name]
    )
    verdicts = " ".join(str(headers(m)["Authentication-Results"]) for m in w.mails.values())
    return len(seen) == 3 and "dkim=pass" in verdicts and "dkim=none" in verdicts


def pictures_look_like_codes(w: World) -> bool:
    return any(
        part.startswith(b"GIF8") for m in w.of("manner = 'code'") for part in parts(m, "image")
    )


def links_track_each_recipient(w: World) -> bool:
    mails = w.of("how = 'bulk' AND manner <> 'receipt'")
    tokens = [t for m in mails for t in set(re.findall(r"\?\w=([0-9a-f]{16,})", text(m)))]
    return len(set(tokens)) == len(tokens) > 10


def phishing_is_html(w: World) -> bool:
    mails = w.of("manner = 'phish'")
    return len(mails) > 2 and all("<html" in text(m).lower() for m in mails)


def snowshoe_spreads_over_many_domains(w: World) -> bool:
    [(domains, hosts_used)] = w.sql(
        "SELECT max(len(o.domains)), count(DISTINCT m.client_ip) FROM messages m "
        "JOIN operations o USING (operation_id) WHERE m.kind = 'snowshoe'"
    )
    return bool(domains >= 12 and hosts_used >= 12)


def newsletters_are_lawful(w: World) -> bool:
    return sum("List-Unsubscribe" in headers(m) for m in w.of("kind = 'bulk'")) > 10


MODERN: tuple[Trait, ...] = (
    spam_and_lawful_mail_leave_the_same_relays, robots_type_into_webmail,
    mail_is_signed_and_judged, pictures_look_like_codes, links_track_each_recipient,
    phishing_is_html, snowshoe_spreads_over_many_domains, newsletters_are_lawful,
)  # fmt: skip


@pytest.mark.parametrize("trait", MODERN)
def test_modern(world: Maker, trait: Trait) -> None:
    assert trait(world("modern"))


def test_quiet_shows_a_trap_little(world: Maker) -> None:
    w = world("quiet", scale=0.3)
    assert w.sql("SELECT count(DISTINCT path) FROM messages WHERE path LIKE 'mail/%'") == [(1,)]
    assert traps_see_one_in_ten_thousand(w)
    [(middle,)] = w.sql("SELECT median(seen) FROM campaigns WHERE kind = 'botnet'")
    assert middle < 12
    [(bots, once)] = w.sql(
        "SELECT count(*), sum((n = 1)::INT) FROM (SELECT count(*) AS n FROM messages "
        "WHERE bot_id IS NOT NULL GROUP BY bot_id)"
    )
    [(everyone,)] = w.sql("SELECT sum(size_total) FROM botnets")
    assert once > 0.7 * bots
    assert bots < 0.5 * everyone


def test_ham_is_letters_orders_and_lists(world: Maker) -> None:
    w = world("ham")
    assert {k for (k,) in w.sql("SELECT DISTINCT kind FROM messages")} == {"ham", "bulk"}
    assert w.sql("SELECT count(*) FROM botnets") == [(0,)]
    orders = w.of("manner = 'receipt'")
    lists = [m for m in w.of("kind = 'ham'") if headers(m)["List-Id"]]
    letters = [m for m in w.of("kind = 'ham'") if not headers(m)["List-Id"]]
    assert min(len(orders), len(lists), len(letters)) > 20
    assert not any("http" in str(headers(m)["Subject"]) for m in letters)


def test_unseen_styles_are_drawn_from_seed_100_on_only() -> None:
    assert UNSEEN_FROM == 100
    for seed in range(UNSEEN_FROM):
        draw = Draw(seed).child("any").child(3)
        assert {draw.style(("common",), ("unseen",)) for _ in range(20)} == {"common"}
    for seed in (100, 101, 5000):
        draw = Draw(seed).child("any").child(3)
        assert {draw.style(("common",), ("unseen",)) for _ in range(60)} == {"common", "unseen"}


def test_unseen_manners_are_absent_below_seed_100(world: Maker) -> None:
    def manners(w: World) -> set[str]:
        return {m for (m,) in w.sql("SELECT DISTINCT manner FROM campaigns")}

    for name in ("mixed", "modern", "case-2007", "quiet", "ham"):
        assert not manners(world(name)) & set(UNSEEN_MANNERS)
    unseen = manners(world("mixed", 107, 0.01)) | manners(world("modern", 107, 0.01))
    assert unseen & set(UNSEEN_MANNERS)
