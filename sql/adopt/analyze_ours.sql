-- Statistics of what was filled.
analyze seqconsole.deliveries, seqconsole.progress, seqconsole.findings;
