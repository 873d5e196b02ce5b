DROP INDEX job_failed;
