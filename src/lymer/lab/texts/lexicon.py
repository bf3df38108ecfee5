"""Plain words by language and theme, and the patterns that make sentences of them.

Every list is ours. A pattern's `{name}` is a word class; `{brand}` is the thing advertised.
Sentences only need to look like language to software: many words, few repeats.
"""

from dataclasses import dataclass

from lymer.lab.listed import listed


@dataclass(frozen=True)
class Language:
    """Word classes and sentence patterns of one language."""

    code: str
    charsets: tuple[str, ...]
    words: dict[str, tuple[str, ...]]
    patterns: tuple[str, ...]
    subjects: tuple[str, ...]
    greetings: tuple[str, ...]
    closings: tuple[str, ...]
    calls: tuple[str, ...]
    """Phrases around a link."""
    unsubscribe: tuple[str, ...]


ENGLISH = Language(
    code="en",
    charsets=("us-ascii", "iso-8859-1", "windows-1252", "utf-8", "windows-1250", "iso-8859-2"),
    words={
        "opener": listed(
            "today|this week|right now|once again|in short|for years|at last|after all|"
            "from now on|believe it or not|as you may know|as promised|before long|in fact|"
            "every month|without delay|since last year|until friday|in most cases|"
            "over the weekend|at any hour|for a limited time|starting monday|on the other hand|"
            "to be honest|good news|this season|day after day|as always|sooner or later"
        ),
        "who": listed(
            "our clients|most people|thousands of readers|experts|our members|your friends|"
            "busy families|smart buyers|many men|a growing number of women|our staff|the team|"
            "your neighbours|people like you|our partners|people in every town|new visitors|"
            "the whole office|careful shoppers|students|retired couples|our regular customers"
        ),
        "verb": listed(
            "save|choose|recommend|enjoy|discover|trust|prefer|order|request|recognise|need|"
            "want|deserve|receive|expect|find|keep|share|compare|remember|consider|support|"
            "select|try|value|welcome|praise|admire|use|win back"
        ),
        "imp": listed(
            "look at|do not miss|ask for|try|visit|check out|remember|get|order|claim|take|"
            "learn more about|read about|see|compare|choose|enjoy|make use of|find out about|"
            "start with|say yes to|discover|stop worrying about|forget"
        ),
        "adj": listed(
            "new quick easy simple quiet private honest direct modern reliable complete daily "
            "generous warm bright strong famous friendly careful fresh clever solid rare useful "
            "proven popular secure discreet original exclusive affordable effective natural "
            "convenient superb remarkable unique lasting steady sensible splendid handy certified "
            "local lively elegant light perfect fair fast"
        ),
        "adv": listed(
            "quickly quietly safely easily really always never simply gladly often usually "
            "finally instantly completely clearly surely directly privately calmly hardly"
        ),
        "tail": listed(
            "without leaving home|at half the price|in a few minutes|with no questions asked|"
            "at no extra cost|before the offer ends|from the comfort of your chair|within days|"
            "for less than you think|while stocks last|in complete privacy|with free delivery|"
            "and sleep better|and tell a friend|as soon as possible|with a full refund|"
            "in any part of the country|by the end of the month|when it suits you|"
            "on weekdays and sundays|without a long wait|at your own pace|like never before|"
            "and keep the change|in three simple steps|whatever the weather|with our blessing"
        ),
        "link": listed("because so that while although since whenever even if wherever"),
    },
    patterns=(
        "{Opener} {who} {verb} {a} {noun} {tail}.",
        "{Who} {adv} {verb} {a} {noun}, {link} it comes {tail}.",
        "{Imp} our {adj} {noun} {tail}.",
        "{Imp} {brand}, the {adj} {noun} that {who} {verb}.",
        "Why do {who} {verb} {brand}?",
        "{Opener}, {brand} is the {adj} {noun} for {who}.",
        "The {adj} {noun} is {adv} {adj} {tail}.",
        "With {brand} you {verb} {a} {noun} {tail}.",
        "{Who} {verb} the {noun}, and you will {verb} the {noun} too.",
        "Nothing is as {adj} as {a} {noun} {tail}!",
        "No {adj} {noun} can {verb} what {brand} can.",
        "{Imp} {a} {noun} and {imp} {a} {noun}.",
        "It is {adv} {adj}, {link} {who} {verb} it {tail}.",
        "{Opener} a {adj} {noun} made {who} smile.",
    ),
    subjects=(
        "{Adj} {noun} {tail}", "{Brand}: {a} {noun}", "{Imp} {a} {noun}", "{Noun} for {who}",
        "{Opener}: {adj} {noun}", "Your {noun}", "{Who} {verb} {brand}", "Re: {noun} {brand}",
        "{adj} {noun}, {adj} {noun}", "{Adv} {adj} {noun}",
    ),
    greetings=listed("Hello|Hi|Dear friend|Good day|Greetings|Hey|Dear customer|Hi there|Welcome"),
    closings=listed("Best regards|Yours|See you|Thank you|Sincerely|Bye|Cheers|Take care|Regards"),
    calls=listed(
        "Click here|Visit us|Order now|See it here|Read more|Come in|Go to|More at|Our site|"
        "Take a look|Start here|Type in your browser|Enter|Find us at|Open this page"
    ),
    unsubscribe=listed("To stop these letters|Unsubscribe|No more mail|Remove me|Leave the list"),
)  # fmt: skip

GERMAN = Language(
    code="de",
    charsets=("iso-8859-1", "utf-8", "windows-1252", "iso-8859-15"),
    words={
        "opener": listed(
            "heute|in dieser Woche|seit Jahren|wie versprochen|ab sofort|ganz ehrlich|"
            "kurz gesagt|zum Glück|jeden Monat|ab Montag|am Wochenende|nach langer Zeit|"
            "ohne Umwege|im Grunde|wie immer|früher oder später|in vielen Städten|endlich"
        ),
        "who": listed(
            "unsere Kunden|viele Leser|die Nachbarn|kluge Käufer|unsere Freunde|die meisten "
            "Männer|viele Frauen|die Fachleute|unsere Mitglieder|die Kollegen|ganze Familien"
        ),
        "verb": listed(
            "empfehlen bestellen wählen genießen entdecken vergleichen schätzen brauchen "
            "erwarten bekommen verschenken nutzen loben behalten suchen finden prüfen"
        ),
        "noun": listed(
            "das Angebot|die Lösung|den Katalog|die Lieferung|das Geschenk|den Rabatt|die Auswahl|"
            "das Paket|die Gelegenheit|den Vorteil|das Konto|die Rechnung|den Gutschein|die Uhr|"
            "das Spiel|den Gewinn|die Stelle|den Kredit|das Programm|die Reise|die Tabletten"
        ),
        "adv": listed("schnell sicher günstig bequem diskret gern sofort täglich ruhig völlig kaum"),
        "tail": listed(
            "ohne Wartezeit|zum halben Preis|in wenigen Minuten|bis Ende des Monats|von zu Hause|"
            "ohne Rezept|mit voller Garantie|frei Haus|für wenig Geld|solange der Vorrat reicht|"
            "in drei Schritten|ohne Risiko|überall im Land|wie nie zuvor|und schlafen besser"
        ),
    },
    patterns=(
        "{Opener} {verb} {who} {noun} {tail}.",
        "{Who} {verb} {adv} {noun}.",
        "{Opener} ist {brand} {adv} zu haben, {tail}.",
        "Warum {verb} {who} {noun}?",
        "Mit {brand} {verb} Sie {noun} {tail}.",
        "{Who} {verb} {noun} und {verb} {noun}.",
        "{Verb} Sie {adv} {noun} {tail}!",
    ),
    subjects=(
        "{Brand} {tail}", "{Opener} {adv}", "{Verb} Sie {noun}", "{Who} {verb} {brand}",
        "Für Sie: {brand}", "{Adv} und {adv}",
    ),
    greetings=listed("Hallo|Guten Tag|Liebe Freunde|Sehr geehrter Kunde|Grüß Gott|Servus"),
    closings=listed("Mit freundlichen Grüßen|Ihr Team|Bis bald|Viele Grüße|Alles Gute"),
    calls=listed("Hier klicken|Mehr dazu|Zur Bestellung|Jetzt ansehen|Besuchen Sie uns|Zum Angebot"),
    unsubscribe=listed("Abmelden|Keine weiteren Nachrichten|Austragen"),
)  # fmt: skip

SPANISH = Language(
    code="es",
    charsets=("iso-8859-1", "utf-8", "windows-1252"),
    words={
        "opener": listed(
            "hoy|esta semana|desde hace años|como siempre|en pocas palabras|sin demora|por fin|"
            "a partir del lunes|todos los meses|tarde o temprano|de verdad|como le prometimos|"
            "en muchas ciudades|este verano"
        ),
        "who": listed(
            "nuestros clientes|muchos lectores|los vecinos|los expertos|nuestros socios|"
            "las familias|sus amigos|los compradores|muchas mujeres|casi todos los hombres"
        ),
        "verb": listed(
            "recomiendan eligen disfrutan descubren comparan piden necesitan esperan reciben "
            "buscan encuentran comparten aprecian guardan prefieren"
        ),
        "noun": listed(
            "la oferta|el regalo|la solución|el catálogo|la entrega|el descuento|la cuenta|"
            "el premio|el trabajo|la factura|el reloj|el juego|el crédito|la receta|el viaje|"
            "la ventaja|el programa|las pastillas"
        ),
        "adv": listed("rápidamente siempre ahora fácilmente tranquilamente apenas gratis enseguida"),
        "tail": listed(
            "sin salir de casa|a mitad de precio|en pocos minutos|hasta fin de mes|sin receta|"
            "con toda garantía|con envío gratis|en tres pasos|sin preguntas|en todo el país|"
            "por menos de lo que piensa|mientras dure"
        ),
    },
    patterns=(
        "{Opener} {who} {verb} {noun} {tail}.",
        "{Who} {verb} {adv} {noun}.",
        "¿Por qué {who} {verb} {noun}?",
        "Con {brand} todos {verb} {noun} {tail}.",
        "{Opener}, {brand} es lo que {who} {verb} {tail}.",
        "{Who} {verb} {noun} y {verb} {noun}.",
    ),
    subjects=(
        "{Brand} {tail}", "{Opener}: {noun}", "{Noun} {tail}", "{Who} {verb} {brand}",
        "{Adv}, {noun}",
    ),
    greetings=listed("Hola|Buenos días|Estimado cliente|Querido amigo|Saludos"),
    closings=listed("Un saludo|Hasta pronto|Atentamente|Gracias|Suyo"),
    calls=listed("Haga clic|Más información|Visítenos|Entre aquí|Pida ahora"),
    unsubscribe=listed("Darse de baja|No recibir más|Cancelar"),
)  # fmt: skip

FRENCH = Language(
    code="fr",
    charsets=("iso-8859-1", "utf-8", "iso-8859-15"),
    words={
        "opener": listed(
            "aujourd'hui|cette semaine|depuis des années|comme promis|en bref|enfin|dès lundi|"
            "chaque mois|tôt ou tard|sans attendre|comme toujours|cet été|en vérité"
        ),
        "who": listed(
            "nos clients|beaucoup de lecteurs|les voisins|les experts|nos membres|vos amis|"
            "les familles|bien des femmes|la plupart des hommes|les acheteurs"
        ),
        "verb": listed(
            "recommandent choisissent découvrent comparent commandent attendent reçoivent "
            "cherchent trouvent partagent apprécient gardent préfèrent demandent"
        ),
        "noun": listed(
            "une offre|la solution|le catalogue|la livraison|un cadeau|la remise|le compte|"
            "le gros lot|un emploi|la facture|une montre|le jeu|un crédit|le voyage|les pilules"
        ),
        "adv": listed("vite toujours facilement tranquillement gratuitement rarement volontiers"),
        "tail": listed(
            "sans sortir de chez vous|à moitié prix|en quelques minutes|jusqu'à la fin du mois|"
            "sans ordonnance|avec garantie|en trois étapes|sans risque|partout dans le pays|"
            "pour moins cher|en toute discrétion"
        ),
    },
    patterns=(
        "{Opener} {who} {verb} {noun} {tail}.",
        "{Who} {verb} {adv} {noun}.",
        "Pourquoi {who} {verb} {noun} ?",
        "Avec {brand}, ils {verb} {noun} {tail}.",
        "{Who} {verb} {noun} et {verb} {noun}.",
        "{Opener}, {brand} est ce que {who} {verb} {tail}.",
    ),
    subjects=(
        "{Brand} {tail}", "{Opener} : {noun}", "{Noun} {tail}", "{Who} {verb} {brand}",
    ),
    greetings=listed("Bonjour|Cher client|Chers amis|Salut|Madame, Monsieur"),
    closings=listed("Cordialement|À bientôt|Merci|Bien à vous"),
    calls=listed("Cliquez ici|En savoir plus|Commandez|Voir le site|Entrez"),
    unsubscribe=listed("Se désabonner|Ne plus recevoir|Quitter la liste"),
)  # fmt: skip

RUSSIAN = Language(
    code="ru",
    charsets=("koi8-r", "windows-1251", "utf-8", "windows-1251"),
    words={
        "opener": listed(
            "сегодня|на этой неделе|как обычно|без спешки|наконец|с понедельника|каждый месяц|"
            "рано или поздно|как обещали|этим летом|по правде говоря|во многих городах"
        ),
        "who": listed(
            "наши клиенты|многие читатели|соседи|знатоки|наши друзья|покупатели|почти все женщины|"
            "целые семьи|ваши коллеги|постоянные гости"
        ),
        "verb": listed(
            "советуют выбирают находят сравнивают заказывают ждут получают ищут ценят хранят "
            "предпочитают просят любят"
        ),
        "noun": listed(
            "подарок|каталог|скидку|доставку|решение|посылку|работу|игру|кредит|часы|рецепт|"
            "поездку|программу|счёт|книгу|занятия|билет|ремонт"
        ),
        "adv": listed("быстро всегда легко спокойно бесплатно редко охотно сразу тихо"),
        "tail": listed(
            "не выходя из дома|за полцены|за несколько минут|до конца месяца|без вопросов|"
            "с полной гарантией|в три шага|по всей стране|без риска|для всей семьи"
        ),
    },
    patterns=(
        "{Opener} {who} {verb} {noun} {tail}.",
        "{Who} {verb} {adv} {noun}.",
        "Почему {who} {verb} {noun}?",
        "С {brand} все {verb} {noun} {tail}.",
        "{Who} {verb} {noun} и {verb} {noun}.",
        "{Opener}, {brand} {adv} {tail}.",
    ),
    subjects=("{Brand} {tail}", "{Opener}: {noun}", "{Who} {verb} {brand}", "{Adv} {tail}"),
    greetings=listed("Здравствуйте|Добрый день|Уважаемый клиент|Привет"),
    closings=listed("С уважением|До встречи|Спасибо|Ваши друзья"),
    calls=listed("Подробнее|Заходите|Наш сайт|Заказать|Смотрите здесь"),
    unsubscribe=listed("Отписаться|Не присылать больше"),
)  # fmt: skip

LANGUAGES = {lang.code: lang for lang in (ENGLISH, GERMAN, SPANISH, FRENCH, RUSSIAN)}

THEMES: dict[str, tuple[str, ...]] = {
    "pharmacy": listed(
        "pill tablet remedy pharmacy prescription capsule dose cure medicine drugstore treatment "
        "doctor refill vitamin package relief ointment discount"
    ),
    "casino": listed(
        "casino jackpot bonus chip wheel card game table bet slot dealer winner deposit payout "
        "spin poker prize hand"
    ),
    "adult": listed(
        "date girl night meeting chat profile photo video romance partner couple secret kiss "
        "party weekend passion picture love"
    ),
    "replica": listed(
        "watch handbag copy wrist strap case dial brand gift collection leather jewel clock "
        "boutique wallet pen model luxury"
    ),
    "stock": listed(
        "stock share ticker target investor profit market gain volume chart trade company report "
        "alert rally price portfolio news"
    ),
    "software": listed(
        "program download licence version suite disk package office upgrade editor tool key "
        "backup desktop catalogue title edition update"
    ),
    "loan": listed(
        "loan mortgage rate credit payment debt bank lender home equity approval application "
        "quote refinance interest broker income bill"
    ),
    "diploma": listed(
        "diploma degree university career study transcript course certificate graduate salary "
        "exam title school professor honour campus knowledge future"
    ),
    "job": listed(
        "job position vacancy salary transfer account manager commission employer task agent "
        "schedule payment office contract company assistant income"
    ),
    "phishing": listed(
        "account notice password login statement confirmation security form record verification "
        "access limit client card service update session alert"
    ),
    "candidate": listed(
        "candidate vote election speech freedom debate movement ballot nation poll senate primary "
        "constitution rally campaign president people truth"
    ),
    "greeting": listed(
        "card greeting surprise wish postcard message animation friend birthday song picture "
        "holiday admirer classmate family colleague gift memory"
    ),
    "advance": listed(
        "fund transfer inheritance beneficiary bank sum deed lawyer deposit consignment estate "
        "partner trust claim widow agreement proposal box"
    ),
    "diet": listed(
        "diet weight body patch plan tea kilo waist energy meal extract appetite bottle summer "
        "result figure health muscle"
    ),
    "shop": listed(
        "shoe shirt lamp garden sofa kitchen book toy bicycle coat tent camera radio ticket "
        "coupon sale basket carpet"
    ),
    "everyday": listed(
        "meeting lunch report train garden dog birthday kitchen letter school concert bicycle "
        "weekend neighbour project holiday meal photograph book ticket invoice appointment list"
    ),
}
"""English nouns of what is advertised (or talked about)."""
