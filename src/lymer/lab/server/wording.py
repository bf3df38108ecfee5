"""Names an application's authors might give to files, tables, columns and functions."""

from lymer.lab.draws import Draw
from lymer.lab.listed import listed
from lymer.lab.names import Names

_SYNONYMS = {
    "accounts": listed("users accounts clients customers logins members kunden clientes usr"),
    "jobs": listed("jobs tasks mailings orders campaigns runs queue auftraege envios tiraz"),
    "lists": listed("lists bases address_books maillists targets_files verteiler bazy rcpt_sets"),
    "nodes": listed("nodes bots proxies workers zombies clients_online slots machines agents"),
    "payments": listed("payments balance invoices ledger money kasse pagos billing"),
    "id": listed("id uid num no nr key_id rowno"),
    "login": listed("login user username nick handle name acc usr_name"),
    "secret": listed("pass password pwd hash passwd secret md5"),
    "role": listed("role level grp access type rights"),
    "owner": listed("owner user_id client uid by_user account kunde"),
    "template": listed("template tpl letter body_file msg macro_file text_file brief"),
    "list": listed("list base list_file rcpt_file targets_file emails db_file"),
    "total": listed("total targets total_cnt emails_total goal volume cnt_all soll"),
    "sent": listed("sent done processed cnt_sent progress out_cnt tried ist"),
    "accepted": listed("ok accepted good delivered cnt_ok success inbox"),
    "started": listed("started start_time created begin t_start started_on von"),
    "ended": listed("ended finish_time closed end_at t_end finished_on bis"),
    "price": listed("price cost sum amount usd fee preis"),
    "title": listed("title descr subject label name memo comment"),
    "size": listed("size lines cnt emails amount rows anzahl"),
    "path": listed("path file filename location fname datei"),
    "address": listed("ip addr host ip_addr remote node_ip"),
    "group": listed("net grp pool botnet cluster channel build"),
    "seen": listed("last_seen seen ping_at alive_at updated"),
    "note": listed("note memo comment info purpose details zweck"),
    "templates_dir": listed("templates tpl letters msgs texts macros bodies"),
    "lists_dir": listed("bases lists emails db data rcpts targets"),
    "logs_dir": listed("logs log var/log journal out stat"),
    "source_dir": listed("www htdocs app src engine cgi panel core"),
}


class Wording:
    """The words of one application: one per concept, drawn once."""

    def __init__(self, draw: Draw, names: Names) -> None:
        self._prefix = draw.pick(("", "", f"{names.word(1, 1)}_", "tbl_", "t_", "m"))
        self._words: dict[str, str] = {}
        camel = draw.chance(0.2)
        for concept, options in _SYNONYMS.items():
            word = draw.pick(options)
            if draw.unseen and draw.chance(0.25):
                word = names.fresh(1, 2)
            if camel and "/" not in word:
                first, *rest = word.split("_")
                word = first + "".join(part.capitalize() for part in rest)
            self._words[concept] = word

    def __getitem__(self, concept: str) -> str:
        return self._words[concept]

    def table(self, concept: str) -> str:
        return self._prefix + self._words[concept]

    def columns(self, *concepts: str) -> list[str]:
        """One distinct column name per concept."""
        names: list[str] = []
        for concept in concepts:
            word = self._words[concept]
            while word in names:
                word = f"{word}_{concept[0]}"
            names.append(word)
        return names
