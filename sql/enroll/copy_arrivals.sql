copy seqconsole.arrivals (batch, line, phone, name, device, fields, lead, verdict) from stdin;
