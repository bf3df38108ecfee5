"""Between Arrow batches and readings: the only place where a message becomes a row."""

from collections.abc import Sequence

import pyarrow as pa

from lymer.messages.read import read_message, take_report
from lymer.messages.reading import Reading
from lymer.messages.tables import ATTACHMENTS, HOPS, LINKS, MESSAGES
from lymer.messages.trust import Trust


def read_batch(raw: pa.RecordBatch, trust: Trust) -> list[Reading]:
    """A reading for every row of a RAW batch, in its order."""
    columns = raw.to_pydict()
    readings = []
    for message_id, evidence_id, offset, length, envelope, reported_ip, defects, data in zip(
        columns["message_id"],
        columns["evidence_id"],
        columns["offset_bytes"],
        columns["length_bytes"],
        columns["envelope"],
        columns["reported_ip"],
        columns["defects"],
        columns["raw"],
        strict=True,
    ):
        reading = Reading(message_id, evidence_id, offset, length, defects=list(defects or ()))
        try:
            read_message(reading, data or b"", envelope, trust)
        except (Exception, RecursionError) as error:
            # The last guard of "messages in, rows out": our bug, the message's row. It is
            # counted in the summary, so that it does not stay unseen.
            reading.defects.append(f"reader_failed:{type(error).__name__}")
        if reported_ip is not None:
            take_report(reading, reported_ip)
        readings.append(reading)
    return readings


def tabulate(readings: Sequence[Reading]) -> dict[str, pa.RecordBatch]:
    """The tables of this room for `readings`, by table name."""
    return {
        MESSAGES.name: MESSAGES.batch([_message_row(r) for r in readings]),
        HOPS.name: HOPS.batch(
            [
                (
                    r.message_id,
                    position,
                    hop.from_helo,
                    hop.from_name,
                    hop.from_ip,
                    hop.from_port,
                    hop.by_host,
                    hop.with_protocol,
                    hop.for_address,
                    hop.stamped_at,
                    hop.grammar,
                    hop.is_trusted,
                )
                for r in readings
                for position, hop in enumerate(r.hops)
            ]
        ),
        LINKS.name: LINKS.batch(
            [
                (r.message_id, link.url, link.host, link.domain, link.where_found)
                for r in readings
                for link in r.content.links
            ]
        ),
        ATTACHMENTS.name: ATTACHMENTS.batch(
            [
                (
                    r.message_id,
                    position,
                    part.name,
                    part.media_type,
                    part.size_bytes,
                    part.sha256,
                    part.picture_hash,
                    part.defects,
                )
                for r in readings
                for position, part in enumerate(r.content.attachments)
            ]
        ),
    }


def _message_row(r: Reading) -> tuple[object, ...]:
    return (
        r.message_id,
        r.evidence_id,
        r.offset_bytes,
        r.length_bytes,
        r.received_at,
        r.client_ip,
        r.client_port,
        r.helo,
        r.reverse_name,
        r.receiver,
        r.mail_from,
        r.recipients,
        r.from_address,
        r.from_name,
        r.reply_to,
        r.subject,
        r.message_id_header,
        r.date_at,
        r.mailer,
        r.content.charset,
        r.content.text,
        r.content.hidden_text,
        r.content.layout,
        r.carriage,
        r.list_id,
        r.dkim_domains,
        r.defects,
    )
