-- Statistics for what follows; also those of the indexes just built.
analyze sequence_contacts, broadcast_messages, seqconsole.deliveries, seqconsole.progress, seqconsole.findings;
