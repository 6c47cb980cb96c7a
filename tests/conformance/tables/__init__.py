"""One table a topic. Each row has its section: 9110 and 9112 are RFCs."""

from tests.conformance.tables import chunks, fields, lengths

REQUESTS = {
    "both lengths": lengths.BOTH,
    "Content-Length": lengths.LENGTHS,
    "Transfer-Encoding": lengths.ENCODINGS,
    "chunk sizes": chunks.SIZES,
    "chunk ends": chunks.ENDS,
    "chunk extensions": chunks.EXTENSIONS,
    "chunked bodies": chunks.BODIES,
    "field names": fields.NAMES,
    "field lines": fields.LINES,
    "field values": fields.VALUES,
    "order of fields": fields.ORDER,
}
"""Topic and rows of every table of requests."""
