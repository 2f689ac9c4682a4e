-- +goose Up
SET LOCAL lock_timeout = '5s';

-- No plan depends on what is said in texts, so nothing is learnt from it. To take statistics of the search indexes
-- PostgreSQL parsed thirty thousand messages anew each time, on a processor that others wait for.
ALTER INDEX conversation_messages_search ALTER COLUMN 1 SET STATISTICS 0;
ALTER INDEX contacts_search ALTER COLUMN 1 SET STATISTICS 0;
ALTER TABLE conversation_messages
	ALTER COLUMN body SET STATISTICS 0,
	ALTER COLUMN html SET STATISTICS 0,
	ALTER COLUMN reply_body SET STATISTICS 0,
	ALTER COLUMN subject SET STATISTICS 0,
	ALTER COLUMN email_references SET STATISTICS 0,
	ALTER COLUMN failure SET STATISTICS 0,
	ALTER COLUMN template SET STATISTICS 0,
	ALTER COLUMN call SET STATISTICS 0,
	ALTER COLUMN call_request SET STATISTICS 0;
ALTER TABLE conversations ALTER COLUMN snippet SET STATISTICS 0, ALTER COLUMN subject SET STATISTICS 0;
ALTER TABLE message_events
	ALTER COLUMN failure SET STATISTICS 0,
	ALTER COLUMN call SET STATISTICS 0,
	ALTER COLUMN resolution SET STATISTICS 0;
ALTER TABLE raw_payloads
	ALTER COLUMN method SET STATISTICS 0,
	ALTER COLUMN url SET STATISTICS 0,
	ALTER COLUMN headers SET STATISTICS 0,
	ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE outbox ALTER COLUMN payload SET STATISTICS 0, ALTER COLUMN traceparent SET STATISTICS 0;
