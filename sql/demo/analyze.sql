-- Statistics for the planner, before anything queries the demo's rows.
analyze user_devices, sequences, sequence_steps, sequence_contacts, broadcast_messages
