DELETE FROM circuit_fact;
