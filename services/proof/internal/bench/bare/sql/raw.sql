INSERT INTO raw_payloads (workspace_id, kind, reference, method, body, received_at)
SELECT workspace_id, 'message', id::text, 'POST', body, received_at
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::timestamptz[]) AS given (workspace_id, id, body, received_at)
ON CONFLICT (workspace_id, kind, reference) DO NOTHING
